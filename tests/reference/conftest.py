"""A small set of reference files that a test may change, and the program's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

SMALL = Path(__file__).parent / "small"
TABLES_OF = ("foundation", "organisations", "plans", "themes", "indicators", "submissions")


@pytest.fixture(autouse=True)
def _messages_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def own() -> Path:
    """The program's own files."""
    return Path(settings.BASE_DIR)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the small set, without a fault."""
    return Path(shutil.copytree(SMALL, tmp_path / "reference"))


@pytest.fixture
def edit(root: Path) -> Callable[[str, str, str], int]:
    """Replaces the one place of a file that reads ``old``; returns the line where it begins."""

    def replace(file: str, old: str, new: str) -> int:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


@pytest.fixture
def every_row(db: None) -> Callable[[], dict[str, list[dict[str, Any]]]]:
    """Reads all rows of the tables that loading may touch."""

    def read() -> dict[str, list[dict[str, Any]]]:
        models = [
            model
            for label in TABLES_OF
            for model in apps.get_app_config(label).get_models(include_auto_created=True)
        ]
        return {
            model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models
        }

    return read
