from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from config import env as environment

pytestmark = pytest.mark.django_db  # lets connections be opened; the database itself is not used
DEFAULTS = connections.settings["default"]


def opened(path: Path, **options: Any) -> DatabaseWrapper:
    """A connection to a SQLite file as the settings make it, with these options changed."""
    entry = environment.sqlite(str(path / "database.sqlite3"))
    entry["OPTIONS"] |= options
    wrapper = DatabaseWrapper({**DEFAULTS, **entry}, "trial")
    try:
        wrapper.connect()
    finally:
        wrapper.close()
    return wrapper


def test_settings_make_a_connection_that_loses_no_write(tmp_path: Path) -> None:
    assert opened(tmp_path).transaction_mode == "IMMEDIATE"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"transaction_mode": "DEFERRED"}, "transactions are DEFERRED, not IMMEDIATE"),
        ({"init_command": ""}, "PRAGMA journal_mode is delete, not wal"),
        (
            {"init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"},
            "PRAGMA synchronous is 1, not 2",
        ),
    ],
)
def test_connection_without_its_options_is_refused(
    tmp_path: Path, options: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        opened(tmp_path, **options)
