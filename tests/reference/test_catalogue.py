"""The program's own catalogue: every promise is measured, by whole definitions, within the load."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from indicators.catalogue import MOST_TYPED_NUMBERS, check
from indicators.management.commands.load_reference import load

pytestmark = pytest.mark.django_db


def test_every_promise_is_measured(own: Path) -> None:
    load(root=own)
    report = check()
    assert [str(each) for each in report.findings] == []
    assert {name: len(promises) for name, promises in report.promises.items()} == {
        "conditions": 11,
        "general points": 3,
        "commitments": 12,
        "objectives": 83,
    }
    assert 0 < report.load.numbers <= MOST_TYPED_NUMBERS

    out = StringIO()
    call_command("check_catalogue", stdout=out, stderr=out)
    last = "83 of 83 objectives measured, 0 incomplete definitions"
    assert out.getvalue().splitlines()[-1] == last
    assert f"{report.load.numbers} typed numbers" in out.getvalue()
