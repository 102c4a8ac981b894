"""The program's own catalogue: every promise is measured, by whole definitions, within the load."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from indicators.catalogue import MOST_TYPED_NUMBERS, check
from indicators.models import IndicatorVersion
from submissions.enums import CheckKind, Part
from submissions.management.commands.load_reference import load
from submissions.models import Check
from submissions.wording import QUOTIENTS

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


def test_every_cross_field_rule_compares_two_figures_of_one_form(own: Path) -> None:
    """Else it could never speak: same reporter, subjects and frequency, and parts that exist."""
    load(root=own)
    rules = Check.objects.filter(kind=CheckKind.CROSS).select_related("indicator", "other")
    assert len(rules) == 11
    for rule in rules:
        one, other = rule.indicator.versions.get(), rule.other.versions.get()
        for version, part in ((one, rule.part), (other, rule.other_part)):
            assert part == Part.NUMERATOR or version.kind in QUOTIENTS, rule
        assert _asked(one) == _asked(other), rule


def _asked(version: IndicatorVersion) -> tuple[Any, ...]:
    subjects = sorted(version.subjects.values_list("pk", flat=True))
    return version.frequency, version.addressed, version.reporter_id, subjects, version.decimals


def test_a_check_changed_by_the_secretariat_stays_changed(own: Path) -> None:
    load(root=own)
    Check.objects.filter(code="history").update(threshold="5", is_active=False)
    load(root=own)
    history = Check.objects.get(code="history")
    assert (history.threshold, history.is_active) == (5, False)
