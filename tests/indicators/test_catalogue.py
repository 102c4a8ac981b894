"""check_catalogue: each thing that it refuses, and the load of the busiest zone."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.catalogue import Load, check, typed_numbers
from indicators.enums import Direction, Frequency, Kind, Nature
from indicators.labels import Addressed, DatingBasis
from indicators.models import HistoricalFigure, Indicator, IndicatorVersion
from tests.factories import (
    make_commitment,
    make_condition,
    make_indicator,
    make_objective,
    make_point,
    make_source,
    make_unit,
    make_zone,
)
from themes.enums import Level

pytestmark = pytest.mark.django_db
DUTCH = ("name", "definition", "unit", "numerator_label", "limits", "source_system")


@pytest.fixture(autouse=True)
def _texts_in_french():
    with translation.override("fr"):
        yield


def whole(code="checks", *, key=True, **fields) -> IndicatorVersion:
    """An indicator without a fault; ``fields`` make one."""
    words = {
        **{f"{name}_nl": f"{name} van {code}" for name in DUTCH},
        "limits": f"Limites de {code}",
        "direction": Direction.MONITOR,
        "reasons": (),
    }
    if fields.get("kind") in (Kind.RATIO, Kind.MEAN):
        words["denominator_label_nl"] = "Geheel"
    version = make_indicator(code, is_key=key, **{**words, **fields})
    if fields.get("kind") == Kind.SCALE:
        for level in version.levels.all():
            level.text_nl = f"Niveau {level.level}"
            level.save()
    for step in version.steps.all():
        step.text_nl = "Stap"
        step.save()
    return version


def federal(code="checks", **fields) -> IndicatorVersion:
    """One of a federal objective, reported by a directorate."""
    subjects = {"addressed": Addressed.LISTED, "subjects": [make_unit("cgi")]}
    return whole(code, **{**subjects, **fields})


def told(report=None) -> list[str]:
    return [str(each) for each in (report or check()).findings]


def run() -> tuple[str, str, int]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_catalogue", stdout=out, stderr=err)
    except SystemExit as stop:
        return out.getvalue(), err.getvalue(), int(stop.code or 0)
    return out.getvalue(), err.getvalue(), 0


# --- Measured -----------------------------------------------------------------------------------


def test_a_whole_catalogue_passes():
    federal("federal")
    whole("local", objective=make_objective("1-L1"))
    make_zone()
    whole("condition", promise=make_condition())
    whole("commitment", promise=make_commitment())
    whole("point", promise=make_point())
    assert told() == []
    out, err, code = run()
    assert (err, code) == ("", 0)
    assert out.splitlines()[-5:] == [
        "1 of 1 conditions measured",
        "1 of 1 general points measured",
        "1 of 1 commitments measured",
        "busiest zone: namur, 4 typed numbers in quarter 1, at most 30",
        "2 of 2 objectives measured, 0 incomplete definitions",
    ]
    assert "federal (effort, key, count, quarter, cgi)" in out


def test_what_has_no_measure_is_named():
    make_objective("1-F1")
    make_objective("1-L1")
    make_condition()
    make_commitment()
    make_point()
    assert told() == [
        "C1: no measure",
        "7-G1: no measure",
        "3-R1: no measure",
        "1-F1: no measure",
        "1-L1: no measure",
    ]
    out, err, code = run()
    assert code == 1
    assert "C1: no measure" in err
    assert out.splitlines()[-1] == "0 of 2 objectives measured, 0 incomplete definitions"


def test_an_objective_has_a_key_indicator():
    federal(key=False)
    assert told() == ["1-F1: no key indicator"]


def test_a_local_objective_is_measured_by_zones():
    federal(objective=make_objective("1-L1"))
    assert told() == ["1-L1: no measure of zones"]


def test_a_zone_that_is_listed_is_one():
    zone = make_zone()
    whole(objective=make_objective("1-L1"), addressed=Addressed.LISTED, subjects=[zone])
    assert told() == []


def test_a_federal_objective_is_measured_by_a_named_unit_or_source():
    version = whole()
    assert told() == ["1-F1: no measure by a named federal unit or central source"]
    version.reporter = make_source()
    version.save()
    assert told() == []


def test_an_integrated_objective_is_measured_by_both():
    objective = make_objective("7-VIF1", None)
    type(objective).objects.update(level=Level.INTEGRATED)
    whole(objective=objective)
    assert told() == ["7-VIF1: no measure by a named federal unit or central source"]
    federal("second", objective=objective)
    assert told() == []
    Indicator.objects.get(code="checks").delete()
    assert told() == ["7-VIF1: no measure of zones"]


def test_a_general_point_is_measured_by_zones():
    federal(promise=make_point())
    assert told() == ["7-G1: no measure of zones"]


# --- Whole definitions --------------------------------------------------------------------------


def broken(**changes) -> list[str]:
    """The findings about one indicator, after a change that a form would not let pass."""
    IndicatorVersion.objects.update(**changes)
    return [text.partition(": ")[2] for text in told()]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"numerator_label_fr": ""}, "does not say what is reported"),
        ({"unit_fr": ""}, "no unit"),
        ({"source_system": ""}, "no source system"),
        ({"limits_fr": ""}, "no known limits"),
        ({"addressed": ""}, "no reporter"),
    ],
)
def test_what_a_definition_lacks(changes, text):
    federal(limits_nl="")
    found = broken(**changes)
    assert text in found
    assert run()[0].splitlines()[-1].endswith("1 incomplete definitions")


def test_the_database_lets_no_definition_be_without_direction_or_frequency():
    version = federal()
    for name in ("direction", "frequency"):
        with pytest.raises(IntegrityError), transaction.atomic():
            IndicatorVersion.objects.filter(pk=version.pk).update(**{name: ""})


def test_listed_units_are_named():
    federal().subjects.clear()
    assert "checks: no reporter" in told()


def test_a_scale_words_its_five_levels():
    version = federal(kind=Kind.SCALE)
    assert told() == []
    version.levels.filter(level=2).update(text_fr="")
    assert told() == ["checks: the levels 0 to 4 are not all worded"]
    version.levels.filter(level=2).delete()
    assert told() == ["checks: the levels 0 to 4 are not all worded"]


def test_milestones_have_dated_steps():
    version = federal(kind=Kind.MILESTONES, steps={1: "2026-12-31"})
    assert told() == []
    version.steps.all().delete()
    assert told() == ["checks: no dated steps"]


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.AMOUNT])
def test_a_judged_output_has_its_paired_measure(kind):
    first = federal(kind=kind, direction=Direction.INCREASE)
    assert told() == ["checks: a judged count or amount without its paired measure"]
    second = federal("quality", key=False)
    Indicator.objects.filter(pk=first.indicator_id).update(paired_with=second.indicator)
    assert told() == ["checks: its paired measure is not paired with it"]
    Indicator.objects.filter(pk=second.indicator_id).update(paired_with=first.indicator)
    assert told() == []


def test_a_result_that_should_fall_is_no_output():
    federal(direction=Direction.DECREASE)
    Indicator.objects.update(nature=Nature.RESULT)
    assert told() == []
    IndicatorVersion.objects.update(direction=Direction.INCREASE)
    assert told() == ["checks: a judged count or amount without its paired measure"]


def test_a_judged_ratio_may_stand_alone():
    federal(kind=Kind.RATIO, direction=Direction.INCREASE)
    assert told() == []


def test_what_units_read_is_there_in_dutch():
    version = whole(
        objective=make_objective("1-L1"), options=["port"], reasons=["no-port"],
        breakdown_label="Canal", name_nl="",
    )  # fmt: skip
    missing = [
        "checks: no Dutch for name",
        "checks: no Dutch for breakdown_label",
        "checks: no Dutch for options",
        "checks: no Dutch for not_applicable_reasons",
    ]
    assert told() == missing
    IndicatorVersion.objects.update(addressed=Addressed.LISTED)
    version.subjects.set([make_unit("cgi")])
    assert told() == ["1-L1: no measure of zones", *missing]


@pytest.mark.parametrize("field", ["name", "definition"])
def test_a_text_serves_one_indicator(field):
    federal("first", **{f"{field}_fr": "Contrôles  ciblés"})
    federal("second", **{f"{field}_fr": "controles ciblés"})
    assert told() == [
        f"first: the same {field}_fr as second",
        f"second: the same {field}_fr as first",
    ]


def test_only_the_latest_definition_is_held_to_it():
    first = federal()
    IndicatorVersion.objects.filter(pk=first.pk).update(
        valid_to=dt.date(2026, 1, 1), source_system=""
    )
    assert told() == ["checks: no source system"]
    fields = {
        name: getattr(first, name)
        for name in (
            "indicator", "name_fr", "definition_fr", "unit_fr", "numerator_label_fr", "limits_fr",
            "name_nl", "definition_nl", "unit_nl", "numerator_label_nl", "limits_nl",
            "source_system_nl",
            "kind", "direction", "temporal", "frequency", "addressed",
        )
    }  # fmt: skip
    second = IndicatorVersion.objects.create(
        number=2, valid_from=dt.date(2026, 1, 1), source_system="Register", **fields
    )
    second.subjects.set(first.subjects.all())
    assert told() == []


def test_a_historical_figure_has_its_dated_source():
    version = federal()
    HistoricalFigure.objects.create(
        indicator=version.indicator, key="one", label="Messages", value=Fraction(12),
        unit="nombre", dating_basis=DatingBasis.STATED, dating="2018", dating_nl="2018",
        source="Rapport", source_nl="Verslag", source_date="",
    )  # fmt: skip
    dutch = [f"checks: no Dutch for historical_figures.{name}" for name in ("label", "unit")]
    assert told() == ["checks: a historical figure without a dated source", *dutch]


@pytest.mark.parametrize("code", ["3-F1", "1.6-F1"])
def test_sensitive_measures_that_are_not_restricted_are_noted(code):
    federal(objective=make_objective(code))
    report = check()
    assert told(report) == []
    assert [str(hint) for hint in report.hints] == [
        "checks: not restricted, under a sensitive theme"
    ]
    Indicator.objects.update(is_restricted=True)
    assert check().hints == []


# --- What zones type ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({"kind": Kind.COUNT}, 1),
        ({"kind": Kind.POPULATION_RATE}, 1),
        ({"kind": Kind.RATIO}, 2),
        ({"kind": Kind.MEAN}, 2),
        ({"kind": Kind.YES_NO}, 1),
        ({"kind": Kind.SCALE}, 1),
        ({"kind": Kind.NARRATIVE}, 0),
        ({"kind": Kind.MILESTONES, "steps": {1: "2026-12-31", 2: "2027-12-31"}}, 2),
        ({"kind": Kind.COUNT, "options": ["a", "b"]}, 3),
        ({"kind": Kind.RATIO, "options": ["a", "b"]}, 6),
    ],
)
def test_how_many_numbers_a_report_takes(fields, numbers):
    assert typed_numbers(make_indicator(**fields)) == numbers


@pytest.mark.parametrize(
    ("frequencies", "load"),
    [
        ([Frequency.QUARTER], (1, 2)),
        ([Frequency.MONTH], (1, 6)),
        ([Frequency.HALF_YEAR, Frequency.QUARTER], (2, 4)),
        ([Frequency.YEAR, Frequency.HALF_YEAR, Frequency.QUARTER], (4, 6)),
    ],
)
def test_the_busiest_quarter(frequencies, load):
    make_zone()
    for number, frequency in enumerate(frequencies):
        whole(f"measure-{number}", kind=Kind.RATIO, frequency=frequency)
    assert check().load == Load("namur", load[0], load[1], 1)


def test_the_busiest_zone_has_a_point_of_entry_or_is_listed():
    make_zone("first")
    port, listed = make_zone("port", has_point_of_entry=True), make_zone("listed")
    ended = make_zone("ended", valid_to=dt.date(2026, 1, 1))
    whole("all")
    assert check().load == Load("first", 1, 1, 3)
    whole("entry", addressed=Addressed.POINT_OF_ENTRY)
    assert check().load == Load("port", 1, 2, 1)
    whole("some", kind=Kind.RATIO, addressed=Addressed.LISTED, subjects=[listed, ended])
    assert check().load == Load("listed", 1, 3, 1)
    assert port.has_point_of_entry


def test_what_a_source_reports_is_not_typed():
    make_zone()
    whole("typed")
    whole("imported", reporter=make_source())
    assert check().load.numbers == 1


def test_more_than_thirty_numbers_fail():
    make_zone()
    objective = make_objective("1-L1")
    make_zone("other")
    for number in range(15):
        whole(f"ratio-{number}", kind=Kind.RATIO, objective=objective)
    assert told() == []
    whole("one-more", frequency=Frequency.YEAR, objective=objective)
    assert told() == ["namur: 31 typed numbers in quarter 4, at most 30 are allowed"]
    out, _err, code = run()
    assert "busiest zone: namur and 1 others, 31 typed numbers in quarter 4, at most 30" in out
    assert out.splitlines()[-1].endswith("0 incomplete definitions, too many typed numbers")
    assert code == 1


# --- The command --------------------------------------------------------------------------------


def test_it_speaks_english_whatever_the_language():
    federal()
    with translation.override("nl"):
        out, _err, _code = run()
        assert translation.get_language() == "nl"
    assert out.splitlines()[-1] == "1 of 1 objectives measured, 0 incomplete definitions"


def test_it_costs_the_same_for_one_and_for_many():
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            check()
        return len(queries)

    make_zone()
    federal("first", options=["a"], reasons=["b"])
    one = cost()
    for number in range(4):
        federal(f"more-{number}", objective=make_objective("2-F1"), options=["a", "b"])
        make_zone(f"zone-{number}")
    assert cost() == one
