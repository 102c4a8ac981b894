"""Zones that merge or split: what it means for units, roles and populations, all or nothing."""

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from foundation.models import AuditEntry
from foundation.registries import succession_handlers
from organisations.enums import Role, UnitKind
from organisations.models import Membership, Population, Unit, UnitSuccession, User
from organisations.succession import Succession, preview, succeed, undo
from tests import factories as make

DAY = dt.date(2025, 10, 1)
REASON = "Royal decree"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def parts(db: None) -> tuple[Unit, Unit]:
    return make.make_zone("namur", code="5301"), make.make_zone("gembloux", population=50_000)


@pytest.fixture
def whole(db: None) -> Unit:
    return make.make_zone("greater-namur", population=None, valid_from=DAY)


@pytest.fixture
def merger(parts: tuple[Unit, Unit], whole: Unit) -> Succession:
    return Succession(parts, (whole,), DAY)


@pytest.fixture
def split(db: None) -> Succession:
    halves = (
        make.make_zone("north", population=None, valid_from=DAY),
        make.make_zone("south", population=None, valid_from=DAY),
    )
    return Succession((make.make_zone("liege"),), halves, DAY)


def existing(day: dt.date) -> list[str]:
    zones = Unit.objects.zones().valid_on(day)
    return sorted(zones.values_list("slug", flat=True))


def merge(actor: User, succession: Succession) -> None:
    succeed(actor=actor, succession=succession, reason=REASON)


def take_back(actor: User, succession: Succession) -> None:
    undo(actor=actor, succession=succession, reason="Annulled")


# --- Units --------------------------------------------------------------------------------------


def test_predecessors_end_on_the_day_on_which_the_successor_begins(administrator, merger):
    merge(administrator, merger)
    assert existing(DAY - dt.timedelta(days=1)) == ["gembloux", "namur"]
    assert existing(DAY) == ["greater-namur"]
    rows = UnitSuccession.objects.values_list("predecessor_label", "effective_on")
    assert list(rows) == [("Gembloux", DAY), ("Namur (5301)", DAY)]


def test_a_split_ends_one_and_begins_several(administrator, split):
    merge(administrator, split)
    assert existing(DAY - dt.timedelta(days=1)) == ["liege"]
    assert existing(DAY) == ["north", "south"]
    assert UnitSuccession.objects.count() == 2


def test_taken_back_the_successor_never_existed_and_may_begin_another_day(administrator, merger):
    merge(administrator, merger)
    take_back(administrator, merger)
    assert existing(DAY) == existing(timezone.localdate()) == ["gembloux", "namur"]
    assert UnitSuccession.objects.count() == Population.objects.filter(on=DAY).count() == 0

    later = DAY + dt.timedelta(days=92)
    merge(administrator, Succession(merger.predecessors, merger.successors, later))
    assert existing(DAY) == ["gembloux", "namur"]
    assert existing(later) == ["greater-namur"]


def test_predecessors_of_predecessors_are_found(administrator, merger):
    later = DAY + dt.timedelta(days=30)
    other, region = make.make_zone("dinant"), make.make_zone("province", valid_from=later)
    merge(administrator, merger)
    merge(administrator, Succession((merger.successors[0], other), (region,), later))
    found = Unit.objects.succeeded_by([region.pk]).distinct()
    assert {unit.slug for unit in found} == {"namur", "gembloux", "greater-namur", "dinant"}
    with pytest.raises(ValidationError, match="has ended since"):
        take_back(administrator, merger)


# --- Roles --------------------------------------------------------------------------------------


def roles(day: dt.date) -> list[tuple[str, str]]:
    held = Membership.objects.in_force(day).filter(role__in=[Role.REPORTER, Role.APPROVER])
    return sorted(held.values_list("user__name", "unit__slug"))


@pytest.mark.parametrize("days", [-400, 0, 60])
def test_roles_go_on_in_the_successor_from_that_day(administrator, parts, days):
    day = timezone.localdate() + dt.timedelta(days=days)
    whole = make.make_zone("greater-namur", population=None, valid_from=day)
    make.make_user(Role.REPORTER, parts[0], name="Reporter")
    make.make_user(Role.APPROVER, parts[1], name="Approver")
    merge(administrator, Succession(parts, (whole,), day))
    assert roles(day - dt.timedelta(days=1)) == [("Approver", "gembloux"), ("Reporter", "namur")]
    assert roles(day) == [("Approver", "greater-namur"), ("Reporter", "greater-namur")]


def test_a_role_keeps_its_own_dates(administrator, merger, parts):
    stand_in = make.make_user(Role.REPORTER, parts[0]).memberships.get()
    end = DAY + dt.timedelta(days=10)
    Membership.objects.filter(pk=stand_in.pk).update(role=Role.APPROVER, stand_in=True, end=end)
    ended = make.make_user(Role.APPROVER, parts[0]).memberships.get()
    Membership.objects.filter(pk=ended.pk).update(end=DAY)
    to_come = make.make_user(Role.REPORTER, parts[1]).memberships.get()
    start = DAY + dt.timedelta(days=5)
    Membership.objects.filter(pk=to_come.pk).update(start=start)
    merge(administrator, merger)
    kept = Membership.objects.filter(unit__in=merger.successors).order_by("start")
    assert list(kept.values_list("continues", "start", "end", "stand_in")) == [
        (stand_in.pk, DAY, end, True),
        (to_come.pk, start, None, False),
    ]
    assert Membership.objects.filter(unit__in=parts).not_ended(DAY).count() == 0


def test_taken_back_roles_are_as_they_were(administrator, merger, parts):
    for number, unit in enumerate(parts):
        make.make_user(Role.REPORTER, unit, name=f"Reporter {number}")
    before = list(Membership.objects.order_by("pk").values())
    merge(administrator, merger)
    take_back(administrator, merger)
    assert list(Membership.objects.order_by("pk").values()) == before
    verbs = AuditEntry.objects.filter(verb__startswith="membership.").values_list("verb", flat=True)
    assert sorted(verbs) == ["membership.continued"] * 2 + ["membership.given_back"] * 2


def test_a_split_leaves_roles_where_they_are(administrator, split):
    make.make_user(Role.REPORTER, split.predecessors[0], name="Reporter")
    merge(administrator, split)
    assert roles(DAY) == [("Reporter", "liege")]


# --- Populations --------------------------------------------------------------------------------


def test_the_population_of_a_merger_is_the_sum_of_the_latest(administrator, merger, parts, whole):
    Population.objects.create(
        unit=parts[0], on=dt.date(2025, 1, 1), inhabitants=99_000, source="Test"
    )
    merge(administrator, merger)
    row = Population.objects.get(unit=whole)
    assert (row.on, row.inhabitants) == (dt.date(2026, 1, 1), 150_000)
    assert row.source == "namur + gembloux"


def test_an_own_population_stands(administrator, merger, whole):
    own = Population.objects.create(unit=whole, on=DAY, inhabitants=1, source="Test")
    merge(administrator, merger)
    take_back(administrator, merger)
    assert list(whole.populations.all()) == [own]


def test_no_sum_where_one_is_unknown(administrator, merger, parts, whole):
    parts[1].populations.all().delete()
    assert "The population is not known: a predecessor has none." in preview(succession=merger)
    merge(administrator, merger)
    assert whole.populations.count() == 0


def test_a_split_has_no_population_until_it_is_counted(administrator, split):
    merge(administrator, split)
    assert Population.objects.filter(unit__in=split.successors).count() == 0


# --- The whole ----------------------------------------------------------------------------------


def test_what_will_happen_is_said_and_nothing_is_done(merger, parts):
    make.make_user(Role.REPORTER, parts[0])
    lines = preview(succession=merger)
    assert lines[:3] == [
        "On Oct. 1, 2025, ZP Namur, ZP Gembloux merge into ZP Greater Namur.",
        "1 role goes on in ZP Greater Namur.",
        "Population on Jan. 1, 2026: 150,000, the sum of the predecessors.",
    ]
    assert lines[-1] == "No open round changes."
    assert UnitSuccession.objects.count() == AuditEntry.objects.count() == 0


def test_what_a_split_will_do(split):
    make.make_user(Role.REPORTER, split.predecessors[0])
    lines = preview(succession=split)
    assert lines[:2] == [
        "On Oct. 1, 2025, ZP Liege splits into ZP North, ZP South.",
        "1 role gives access to the past of ZP Liege only: invite its holder to a successor.",
    ]
    assert lines[-1] == "No open round changes."


def test_every_unit_has_it_on_the_record(administrator, merger):
    merge(administrator, merger)
    entries = AuditEntry.objects.filter(verb="unit.succeeded")
    everybody = {unit.pk for unit in (*merger.predecessors, *merger.successors)}
    assert {entry.subject_id for entry in entries} == everybody
    assert {entry.actor for entry in entries} == {administrator}
    assert entries[0].details == {
        "predecessors": ["namur", "gembloux"],
        "successors": ["greater-namur"],
        "effective_on": "2025-10-01",
        "reason": REASON,
    }
    take_back(administrator, merger)
    undone = AuditEntry.objects.filter(verb="unit.succession_undone")
    assert {entry.subject_id for entry in undone} == everybody


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.SECRETARIAT}))
def test_nobody_else_may(role, merger, parts):
    unit = parts[0] if role in Role.of_units() else None
    actor = make.make_user(role, unit)
    for act in (merge, take_back):
        with pytest.raises(PermissionDenied):
            act(actor, merger)


def test_a_reason_is_asked(administrator, merger):
    with pytest.raises(ValidationError, match="has a reason"):
        succeed(actor=administrator, succession=merger, reason=" ")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"namur": {"valid_to": DAY}}, "has an end already"),
        ({"namur": {"valid_from": DAY}}, "does not exist before"),
        ({"namur": {"kind": UnitKind.FEDERAL}}, "Only zones"),
        ({"greater-namur": {"valid_from": dt.date(2002, 1, 1)}}, "begins on another day"),
        ({"greater-namur": {"valid_to": dt.date(2026, 1, 1)}}, "begins on another day"),
        ({"greater-namur": {"controlled_by": None}}, "the unit that controls it"),
        ({"greater-namur": {"arrondissement": None}}, "its arrondissement"),
        ({"greater-namur": {"region": None}}, "its region"),
    ],
)
def test_units_that_cannot_are_refused(administrator, merger, changed, message):
    for slug, values in changed.items():
        Unit.objects.filter(slug=slug).update(**values)
    with pytest.raises(ValidationError, match=message):
        merge(administrator, merger)
    assert UnitSuccession.objects.count() == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["namur"], ["greater-namur"]),
        (["namur", "gembloux"], ["north", "south"]),
        (["namur", "gembloux"], ["namur"]),
        (["namur", "namur"], ["greater-namur"]),
        (["namur", "gembloux", "namur"], ["greater-namur"]),
        ([], ["greater-namur"]),
    ],
)
def test_only_mergers_and_splits(administrator, merger, split, before, after):
    units = {unit.slug: unit for unit in Unit.objects.all()}
    wrong = Succession(
        tuple(units[slug] for slug in before), tuple(units[slug] for slug in after), DAY
    )
    with pytest.raises(ValidationError, match="merge into another one"):
        merge(administrator, wrong)


def test_a_split_is_taken_back_whole(administrator, split):
    merge(administrator, split)
    for half in split.successors:
        with pytest.raises(ValidationError, match="not recorded"):
            take_back(administrator, Succession(split.predecessors, (half,), DAY))
    take_back(administrator, split)
    assert existing(DAY) == ["liege"]


def test_twice_is_refused_and_so_is_taking_back_what_is_not_recorded(administrator, merger):
    with pytest.raises(ValidationError, match="not recorded"):
        take_back(administrator, merger)
    merge(administrator, merger)
    with pytest.raises(ValidationError, match="has an end already"):
        merge(administrator, merger)
    partial = Succession(merger.predecessors[:1], merger.successors, DAY)
    with pytest.raises(ValidationError, match="not recorded"):
        take_back(administrator, partial)


# --- Handlers -----------------------------------------------------------------------------------


class Noted:
    """A handler that notes that it ran, and fails where it is told to."""

    def __init__(self, name: str, calls: list[str], *, fails: bool = False) -> None:
        self.name, self.calls, self.fails = name, calls, fails

    def preview(self, succession: Succession) -> list[str]:
        return [f"{self.name}: {succession.effective_on}"]

    def apply(self, succession: Succession, *, actor: User) -> None:
        self.calls.append(f"{self.name} after {UnitSuccession.objects.count()} successions")
        if self.fails:
            raise ValidationError("No.")

    def undo(self, succession: Succession, *, actor: User) -> None:
        self.apply(succession, actor=actor)


@pytest.fixture
def noted() -> Iterator[SimpleNamespace]:
    """Two more apps on top of those there are, the latter of which can fail."""
    calls: list[str] = []
    registered = dict(succession_handlers._items)
    first = succession_handlers.register(Noted("higher", calls))
    second = succession_handlers.register(Noted("highest", calls))
    yield SimpleNamespace(calls=calls, first=first, second=second)
    succession_handlers._items = registered


def test_handlers_run_in_floor_order_and_back(administrator, merger, noted):
    names = [handler.name for handler in succession_handlers]
    assert (names[0], names[-2:]) == ("organisations", ["higher", "highest"])
    assert "submissions" in names
    assert preview(succession=merger)[-2:] == ["higher: 2025-10-01", "highest: 2025-10-01"]
    merge(administrator, merger)
    take_back(administrator, merger)
    assert noted.calls == [
        "higher after 2 successions",
        "highest after 2 successions",
        "highest after 2 successions",
        "higher after 2 successions",
    ]


@pytest.mark.parametrize("act", [merge, take_back])
def test_where_one_handler_fails_nothing_was_done(administrator, merger, parts, noted, act):
    make.make_user(Role.REPORTER, parts[0])
    if act is take_back:
        merge(administrator, merger)
    noted.first.fails = noted.second.fails = True
    tables = (Unit, UnitSuccession, Membership, Population, AuditEntry)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    with pytest.raises(ValidationError, match=r"No\."):
        act(administrator, merger)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
