"""Definitions and paths adjusted on the record: from their day on, and nothing before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry, OutboxEntry
from indicators import selectors
from indicators.definitions import path_on
from indicators.enums import Direction, Kind, Temporal
from indicators.models import (
    IndicatorVersion,
    MilestoneStep,
    PathPoint,
    SubjectBaseline,
    TargetPath,
)
from indicators.services import (
    Decision,
    Milestone,
    record_indicator_amendment,
    record_path_amendment,
)
from organisations.enums import AreaKind, Role
from organisations.models import Area, User
from plans import amendments
from plans.enums import AmendmentState, Authority
from progress.models import Result
from progress.services import recompute_all
from progress.verification import differences
from tests.factories import (
    make_area,
    make_indicator,
    make_objective,
    make_period,
    make_user,
    make_version,
    make_zone,
    make_zones,
)
from tests.progress.figures import given

pytestmark = pytest.mark.django_db

DAY = dt.date(2027, 1, 1)
EVE = dt.date(2026, 12, 31)


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    """Whatever language a page of an earlier test was in."""
    with translation.override("fr"):
        yield


@pytest.fixture
def secretariat() -> User:
    return make_user(Role.SECRETARIAT)


@pytest.fixture
def nation() -> Area:
    return make_area("belgium", AreaKind.NATION)


def decided(effective_on: dt.date = DAY, **fields: Any) -> Decision:
    return Decision(
        **{
            "reference": "GPI 2026/12",
            "reason": "The register changes",
            "adopted_on": timezone.localdate(),
            "effective_on": effective_on,
            **fields,
        }
    )


def redefine(actor: User, version: IndicatorVersion, day: dt.date = DAY, **wanted: Any) -> Any:
    return record_indicator_amendment(
        actor=actor, indicator=version.indicator, decision=decided(day), **wanted
    )


PATH = {
    "baseline": Fraction(50),
    "baseline_end": dt.date(2025, 12, 31),
    "baseline_source": "Register",
    "target": Fraction(90),
    "band_low": None,
    "band_high": None,
}


def make_path(version: IndicatorVersion, area: Area, **fields: Any) -> TargetPath:
    return TargetPath.objects.create(indicator=version.indicator, area=area, **{**PATH, **fields})


def repath(
    actor: User,
    version: IndicatorVersion,
    area: Area,
    day: dt.date = DAY,
    points: Mapping[int, Fraction] | None = None,
    **values: Any,
) -> Any:
    return record_path_amendment(
        actor=actor,
        indicator=version.indicator,
        area=area,
        decision=decided(day),
        values={**PATH, **values},
        points=points or {},
    )


def share(**fields: Any) -> IndicatorVersion:
    return make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK, **fields)


def refused(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return set(error.value.message_dict)


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role.without_unit() if role != "secretariat"])
def test_only_the_secretariat_records_what_the_group_decided(role, nation):
    version, actor = share(), make_user(Role(role))
    with pytest.raises(PermissionDenied):
        redefine(actor, version, texts={"unit": "per cent"})
    with pytest.raises(PermissionDenied):
        repath(actor, version, nation)
    assert not IndicatorVersion.objects.filter(amendment__isnull=False).exists()


def test_the_record_says_who_by_what_why_and_from_when(secretariat):
    amendment = redefine(secretariat, share(), texts={"unit": "per cent"})
    assert amendment.state == AmendmentState.ADOPTED
    assert amendment.authority == Authority.STEERING_GROUP
    assert (amendment.reference, amendment.reason) == ("GPI 2026/12", "The register changes")
    assert (amendment.effective_on, amendment.recorded_by) == (DAY, secretariat)
    entry = AuditEntry.objects.get(verb="amendment.adopted", subject_id=amendment.pk)
    assert entry.details["reference"] == "GPI 2026/12"


# --- Definitions ----------------------------------------------------------------------------------


def test_a_definition_ends_where_the_next_begins(secretariat):
    before = share(options=["sea", "air"], limits="Old limits", minimum_coverage=Fraction(2, 3))
    redefine(secretariat, before, texts={"definition": "Counted otherwise."})
    before.refresh_from_db()
    after = before.indicator.versions.get(number=2)
    assert (before.valid_to, after.valid_from, after.valid_to) == (DAY, DAY, None)
    on = before.indicator.versions.in_force
    assert [each.number for each in on(EVE)] == [1]
    assert [each.number for each in on(DAY)] == [2]
    assert before.definition == "What share counts."
    assert after.definition == "Counted otherwise."
    assert (after.limits, after.minimum_coverage) == ("Old limits", Fraction(2, 3))
    assert [option.code for option in after.options.all()] == ["sea", "air"]
    assert [reason.code for reason in after.not_applicable_reasons.all()] == ["no-port"]


def test_translations_of_what_stays_are_kept_and_of_what_changes_are_left_out(secretariat):
    before = share()
    IndicatorVersion.objects.filter(pk=before.pk).update(unit_nl="procent", definition_nl="Wat")
    redefine(secretariat, before, texts={"definition": "Counted otherwise."})
    after = before.indicator.versions.get(number=2)
    assert (after.unit_nl, after.definition_nl) == ("procent", None)


def test_kind_decimals_and_scale_change_with_a_definition_only(secretariat):
    before = make_indicator("seized", kind=Kind.COUNT)
    redefine(secretariat, before, values={"kind": Kind.AMOUNT, "decimals": 2, "scale": 10})
    before.refresh_from_db()
    after = before.indicator.versions.get(number=2)
    assert (before.kind, before.decimals, before.scale) == (Kind.COUNT, 0, 1)
    assert (after.kind, after.decimals, after.scale) == (Kind.AMOUNT, 2, 10)


def test_a_milestone_that_is_moved_keeps_the_day_first_planned(secretariat):
    before = make_indicator(
        "steps", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2027-06-30", 3: "2028-06-30"}
    )
    moved = [
        Milestone("Step 1", dt.date(2026, 6, 30)),
        Milestone("Step 2", dt.date(2027, 12, 31)),
        Milestone("Step 4", dt.date(2029, 6, 30)),
    ]
    redefine(secretariat, before, steps=moved)
    after = before.indicator.versions.get(number=2)
    redefine(
        secretariat,
        after,
        dt.date(2027, 7, 1),
        steps=[*moved[:1], Milestone("Step 2", dt.date(2028, 3, 31)), *moved[2:]],
    )
    last = before.indicator.versions.get(number=3)
    told = [(each.text, each.due_on, each.originally_due_on) for each in last.steps.all()]
    assert told == [
        ("Step 1", dt.date(2026, 6, 30), dt.date(2026, 6, 30)),
        ("Step 2", dt.date(2028, 3, 31), dt.date(2027, 6, 30)),
        # Reworded in its place, and moved: still the third step, first planned for 2028.
        ("Step 4", dt.date(2029, 6, 30), dt.date(2028, 6, 30)),
    ]
    assert [each.due_on.year for each in before.steps.all()] == [2026, 2027, 2028]


def test_levels_are_reworded_one_by_one(secretariat):
    before = make_indicator("maturity", kind=Kind.SCALE)
    words = [level.text for level in before.levels.all()]
    redefine(secretariat, before, levels=[*words[:4], "Everywhere"])
    after = before.indicator.versions.get(number=2)
    assert [level.text for level in after.levels.all()] == [*words[:4], "Everywhere"]


@pytest.mark.parametrize(
    ("field", "kind", "wanted"),
    [
        ("denominator_label", Kind.RATIO, {"texts": {"denominator_label": " "}}),
        ("is_part", Kind.COUNT, {"values": {"is_part": True}}),
        ("threshold_level", Kind.COUNT, {"values": {"threshold_level": 3}}),
        ("minimum_coverage", Kind.RATIO, {"values": {"minimum_coverage": Fraction(6, 5)}}),
        ("materiality", Kind.RATIO, {"values": {"materiality": Fraction(-1)}}),
        ("for_every_unit", Kind.COUNT, {"values": {"for_every_unit": True}}),
        ("upper_bound", Kind.COUNT, {"values": {"lower_bound": 5, "upper_bound": 4}}),
        ("kind", Kind.COUNT, {"values": {"kind": Kind.MILESTONES}}),
        ("direction", Kind.MILESTONES, {"values": {"direction": Direction.MONITOR}}),
        ("decimals", Kind.COUNT, {"values": {"decimals": 9}}),
        ("name", Kind.COUNT, {"texts": {"name": ""}}),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused_at_its_field(
    secretariat, field, kind, wanted
):
    version = make_indicator("odd", kind=kind)
    with pytest.raises(ValidationError) as error:
        redefine(secretariat, version, **wanted)
    assert field in refused(error)
    assert version.indicator.versions.count() == 1
    version.refresh_from_db()
    assert version.valid_to is None


def test_baselines_of_subjects_go_on_with_the_baseline(secretariat, nation):
    version, zone = share(), make_zone()
    path = make_path(version, nation, valid_from=dt.date(2026, 1, 1))
    SubjectBaseline.objects.create(path=path, unit=zone, value=Fraction(7, 2))
    repath(secretariat, version, nation, DAY, target=Fraction(80))
    later = TargetPath.objects.latest("valid_from")
    assert [each.value for each in later.subject_baselines.all()] == [Fraction(7, 2)]
    another = {"baseline": Fraction(1), "target": Fraction(90)}
    repath(secretariat, version, nation, DAY + dt.timedelta(days=1), **another)
    assert not TargetPath.objects.latest("valid_from").subject_baselines.exists()


def test_nothing_changed_is_no_amendment(secretariat, nation):
    version = share()
    make_path(version, nation)
    for record in (
        lambda: redefine(secretariat, version),
        lambda: repath(secretariat, version, nation),
    ):
        with pytest.raises(ValidationError):
            record()
    assert version.indicator.versions.count() == version.indicator.paths.count() == 1


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2025, 12, 31),  # before the plan
        dt.date(2030, 1, 1),  # after it
        dt.date(2026, 9, 30),  # the last day that a round asked by the present definition
        dt.date(2026, 3, 1),
    ],
)
def test_a_day_on_which_no_definition_may_begin_is_refused_at_the_field(secretariat, day):
    version = share()
    given("2026-Q3", version, {make_zone(): None})
    with pytest.raises(ValidationError) as error:
        redefine(secretariat, version, day, texts={"unit": "per cent"})
    assert refused(error) == {"effective_on"}


def test_the_day_after_the_last_round_is_the_first_possible(secretariat):
    version = share()
    given("2026-Q3", version, {make_zone(): None})
    redefine(secretariat, version, dt.date(2026, 10, 1), texts={"unit": "per cent"})
    assert version.indicator.versions.count() == 2


def test_a_definition_is_not_put_before_or_on_another_one(secretariat):
    version = share()
    redefine(secretariat, version, texts={"unit": "per cent"})
    for day in (DAY, EVE):
        with pytest.raises(ValidationError) as error:
            redefine(secretariat, version, day, texts={"unit": "of a hundred"})
        assert refused(error) == {"effective_on"}


def test_a_direction_against_the_path_is_refused_until_the_path_asks_for_nothing(
    secretariat, nation
):
    version = share()
    make_path(version, nation)
    with pytest.raises(ValidationError) as error:
        redefine(secretariat, version, values={"direction": Direction.DECREASE})
    assert refused(error) == {"direction"}
    nothing = dict.fromkeys(PATH) | {"baseline_source": ""}
    repath(secretariat, version, nation, dt.date(2026, 12, 1), **nothing)
    redefine(secretariat, version, values={"direction": Direction.DECREASE})
    assert version.indicator.versions.get(number=2).direction == Direction.DECREASE


# --- The database too -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", [dt.date(2019, 1, 1), dt.date(2020, 1, 1), dt.date(2028, 1, 1)])
def test_the_database_refuses_definitions_that_overlap(start):
    version = share()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(version.indicator, number=2, valid_from=start)


def test_the_database_takes_definitions_that_follow_each_other():
    version = share(valid_to=DAY)
    second = make_version(version.indicator, number=2, valid_from=DAY)
    make_version(
        version.indicator, number=3, valid_from=dt.date(2019, 1, 1), valid_to=version.valid_from
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorVersion.objects.filter(pk=second.pk).update(valid_from=EVE)


def test_the_database_keeps_what_an_amendment_made(secretariat, nation):
    version = make_indicator("steps", kind=Kind.MILESTONES, steps={1: "2027-06-30"})
    redefine(secretariat, version, steps=[Milestone("Step 1", dt.date(2028, 6, 30))])
    measured = share()
    repath(secretariat, measured, nation, points={2027: Fraction(60)})
    changes = (
        IndicatorVersion.objects.filter(number=2),
        MilestoneStep.objects.filter(version__number=2),
        TargetPath.objects.filter(amendment__isnull=False),
        PathPoint.objects.filter(path__amendment__isnull=False),
    )
    values = (
        {"definition_fr": "Another"},
        {"originally_due_on": EVE},
        {"target": Fraction(1)},
        {"value": Fraction(1)},
    )
    for rows, value in zip(changes, values, strict=True):
        assert rows.count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**value)


# --- Paths ----------------------------------------------------------------------------------------


def test_a_path_is_in_force_from_its_day_on_and_the_original_before_the_plan(secretariat, nation):
    version = share()
    original = make_path(version, nation)
    repath(secretariat, version, nation, target=Fraction(80))
    paths = list(version.indicator.paths.all())
    amended = next(path for path in paths if path != original)
    assert path_on(paths, dt.date(2024, 12, 31)) == original
    assert path_on(paths, EVE) == original
    assert path_on(paths, DAY) == amended


def test_a_first_path_of_the_record_holds_from_its_day_on_only(secretariat, nation):
    version = share()
    repath(secretariat, version, nation)
    paths = list(version.indicator.paths.all())
    assert path_on(paths, EVE) is None
    assert path_on(paths, DAY) == paths[0]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("target", {"target": Fraction(40)}),
        ("point_2027", {"points": {2027: Fraction(45)}}),
        ("point_2028", {"points": {2027: Fraction(80), 2028: Fraction(70)}}),
        ("point_2027", {"points": {2027: Fraction(95)}}),
        ("point_2029", {"points": {2029: Fraction(80)}}),
        ("target", {"target": None, "points": {2027: Fraction(60)}}),
        ("baseline_source", {"baseline_source": " "}),
        ("baseline_end", {"baseline_end": None}),
    ],
)
def test_a_path_against_its_direction_is_refused_at_the_field(secretariat, nation, field, wanted):
    version = share()
    with pytest.raises(ValidationError) as error:
        repath(secretariat, version, nation, **wanted)
    assert refused(error) == {field}
    assert not TargetPath.objects.exists()


def test_what_is_only_monitored_has_no_path(secretariat, nation):
    version = share(direction=Direction.MONITOR)
    with pytest.raises(ValidationError) as error:
        repath(secretariat, version, nation)
    assert refused(error) == {"target"}


def test_a_path_is_judged_in_the_direction_of_its_day(secretariat, nation):
    version = share()
    redefine(secretariat, version, values={"direction": Direction.DECREASE})
    with pytest.raises(ValidationError):
        repath(secretariat, version, nation)
    repath(secretariat, version, nation, target=Fraction(40))
    assert TargetPath.objects.get().target == 40


def test_no_path_begins_in_a_period_that_was_judged(secretariat, nation):
    version = share()
    make_path(version, nation)
    given("2026-Q3", version, {make_zone(): (60, 100)})
    recompute_all()
    with pytest.raises(ValidationError) as error:
        repath(secretariat, version, nation, dt.date(2026, 9, 30), target=Fraction(80))
    assert refused(error) == {"effective_on"}
    repath(secretariat, version, nation, dt.date(2026, 10, 1), target=Fraction(80))


def test_results_stay_tied_to_what_was_in_force(secretariat, nation):
    """Amended for 1 October 2026: the second quarter stays as it was, the fourth uses the new."""
    version = share()
    zones = make_zones(2)
    original = make_path(version, nation)
    for code in ("2026-Q2", "2026-Q3"):
        given(code, version, {zones[0]: (52, 100), zones[1]: (56, 100)})
    recompute_all()
    before = {
        code: Result.objects.values().get(area=nation, period__code=code)
        for code in ("2026-Q2", "2026-Q3")
    }
    make_period("2026-Q4")
    OutboxEntry.objects.all().delete()
    repath(secretariat, version, nation, dt.date(2026, 10, 1), baseline=Fraction(20))
    owed = set(OutboxEntry.objects.pending().values_list("key", flat=True))
    assert owed == {f"{version.indicator_id}:{make_period('2026-Q4').pk}"}

    redefine(secretariat, version, dt.date(2026, 10, 1), texts={"definition": "Otherwise."})
    after = version.indicator.versions.get(number=2)
    given("2026-Q4", after, {zones[0]: (52, 100), zones[1]: (56, 100)})
    recompute_all()
    for code, then in before.items():
        now = Result.objects.values().get(area=nation, period__code=code)
        assert {**now, "changed_at": None, "id": None} == {**then, "changed_at": None, "id": None}
        assert (now["path_id"], now["version_id"]) == (original.pk, version.pk)
    fourth = Result.objects.get(area=nation, period__code="2026-Q4")
    assert fourth.path == version.indicator.paths.get(amendment__isnull=False)
    assert fourth.version == after
    assert (fourth.baseline, before["2026-Q3"]["baseline"]) == (20, 50)
    assert fourth.status != before["2026-Q3"]["status"]
    assert not list(differences())


# --- What readers see -----------------------------------------------------------------------------


def test_the_history_tells_each_act_and_what_it_changed(secretariat, django_assert_max_num_queries):
    version = share(lower_bound=1)
    amendment = redefine(
        secretariat,
        version,
        texts={"unit": "per cent"},
        values={"minimum_coverage": Fraction(9, 10), "lower_bound": 2},
    )
    redefine(secretariat, version, dt.date(2028, 1, 1), values={"frequency": "year"})
    with django_assert_max_num_queries(7):
        history = selectors.history(version.indicator, EVE)
    assert [each.version.number for each in history] == [3, 2, 1]
    assert [each.is_in_force for each in history] == [False, False, True]
    assert [each.is_to_come for each in history] == [True, True, False]
    second = history[1]
    assert second.amendment == amendment
    with translation.override("en"):
        told = {str(each.label): (each.before, each.after) for each in second.changes}
    assert told == {
        "Unit": ("%", "per cent"),
        "Lowest plausible figure": ("1", "2"),
        "Minimum coverage": ("80 %", "90 %"),
    }


def test_an_amendment_shows_what_it_changed(secretariat, nation):
    version = share()
    make_path(version, nation)
    acts = [
        redefine(secretariat, version, texts={"unit": "per cent"}),
        repath(secretariat, version, nation, target=Fraction(80), points={2028: Fraction(65)}),
    ]
    with translation.override("en"):
        told = [
            [(str(field.label), field.before, field.after) for field in one.fields]
            for shown in amendments.shown(acts)
            for one in shown.changes
        ]
    assert told == [
        [("Unit", "%", "per cent")],
        [("Final target", "90", "80"), ("Values of years", "", "2028 65")],
    ]


def posted(version: IndicatorVersion, address: str, **said: Any) -> tuple[str, dict[str, Any]]:
    act = {
        "reason": "The register changes",
        "reference": "GPI 2026/12",
        "adopted_on": timezone.localdate().isoformat(),
        "effective_on": "2028-01-01",
    }
    return reverse(address, args=[version.indicator.code]), {**act, **said}


def test_the_form_starts_from_the_definition_and_keeps_what_was_typed(secretariat, client: Client):
    version = share(lower_bound=3, minimum_coverage=Fraction(2, 3))
    client.force_login(secretariat)
    address = reverse("definition-amend", args=["share"])
    form = client.get(address).context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    _address, data = posted(version, "definition-amend", **{**said, "unit": "per cent"})
    data = {name: value for name, value in data.items() if value is not False}
    wrong = client.post(address, {**data, "effective_on": "2031-01-01"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors.keys() == {"effective_on"}
    assert wrong.context["form"]["unit"].value() == "per cent"
    compared = client.post(address, {**data, "compare": "1"})
    ((_label, pieces),) = compared.context["differences"]
    assert [piece.text for piece in pieces] == ["%", "per cent"]
    assert version.indicator.versions.count() == 1
    sent = client.post(address, data, follow=True)
    assert sent.status_code == 200
    after = version.indicator.versions.get(number=2)
    assert (after.unit, after.lower_bound, after.minimum_coverage) == (
        "per cent",
        3,
        Fraction(2, 3),
    )


def test_the_form_of_milestones_tells_the_line_it_cannot_read(secretariat, client: Client):
    make_indicator("steps", kind=Kind.MILESTONES, steps={1: "2027-06-30"})
    client.force_login(secretariat)
    address = reverse("definition-amend", args=["steps"])
    form = client.get(address).context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    for lines in ("2027-06-30 Step 1\n31/12/2027 Step 2", "2027-06-30 Step 1\n2027-02-30 Step 2"):
        answer = client.post(address, {**said, "steps": lines})
        (error,) = answer.context["form"].errors["steps"]
        assert "2" in error.split(":")[0]
        assert answer.context["form"]["steps"].value() == lines


def test_the_path_form_refuses_a_path_against_its_direction_at_the_field(
    secretariat, nation, client: Client
):
    version = share()
    make_path(version, nation, baseline=Fraction(1, 3))
    client.force_login(secretariat)
    address = reverse("path-amend", args=["share"])
    form = client.get(address).context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    said |= posted(version, "path-amend")[1]
    answer = client.post(address, {**said, "target": "0,1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"target"}
    sent = client.post(address, {**said, "target": "80,5", "point_2028": "60"}, follow=True)
    assert sent.status_code == 200
    path = TargetPath.objects.get(amendment__isnull=False)
    assert (path.baseline, path.target) == (Fraction(1, 3), Fraction("80.5"))
    assert [(point.year, point.value) for point in path.points.all()] == [(2028, 60)]


@pytest.mark.parametrize("name", ["definition-amend", "path-amend"])
def test_others_do_not_record(name, nation, client: Client):
    share()
    make_objective()
    address = reverse(name, args=["share"])
    client.force_login(make_user(Role.STEERING))
    assert client.get(address).status_code == 403
    assert client.post(address, posted(share_version(), name)[1]).status_code == 403
    client.force_login(make_user(Role.SECRETARIAT))
    assert client.get(reverse(name, args=["unknown"])).status_code == 404


def share_version() -> IndicatorVersion:
    return IndicatorVersion.objects.get(indicator__code="share")
