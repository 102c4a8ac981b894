"""What zones know of each other once a round has locked: METHOD.md 10."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from foundation import outbox
from foundation.models import OutboxEntry
from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions import selectors, tasks
from submissions.content import Content
from submissions.models import PeerValues, Round, RoundSubject
from submissions.services import owe_peers, peers
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
BEFORE = "2026-Q2"


class Province:
    """Zones that sent figures in a round that then locked, and the open round after it."""

    def __init__(self, count: int, *, classes: dict[int, int] | None = None) -> None:
        sizes = classes or {}
        self.zones = [
            make.make_zone(f"zone-{number:02}", population=sizes.get(number, 50_000))
            for number in range(count)
        ]
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.approver = make.make_user(Role.APPROVER, self.zones[0])
        for zone in self.zones[1:]:
            self.approver.memberships.create(
                role=Role.APPROVER, unit=zone, start=timezone.localdate()
            )
        self.round = make.make_round(BEFORE)
        make.make_round()

    def say(self, contents) -> None:
        """Each zone's figure; None for a zone that says nothing."""
        for zone, content in zip(self.zones, contents, strict=True):
            if content is not None:
                submission = make.submission_of(zone, BEFORE)
                make.validated(self.approver, self.coordinator, submission, content)

    def lock(self) -> None:
        Round.objects.filter(pk=self.round.pk).update(locked_at=timezone.now())
        self.round.refresh_from_db()
        owe_peers(self.round)
        self.work()

    def work(self) -> None:
        for entry in OutboxEntry.objects.filter(topic=peers.TOPIC):
            outbox.perform(entry.pk, peers.compared)

    def beside(self, number: int = 0):
        submission = make.submission_of(self.zones[number])
        blocks = selectors.blocks_of(submission)
        codes = selectors.compared_codes(make.QUARTER)
        return next(iter(selectors.peers_beside(blocks, codes).values()), [])

    def page(self, number: int = 0, code: str = make.QUARTER) -> str:
        from django.test import Client

        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(self.approver)
        html = client.get(reverse("report", args=[code, self.zones[number].slug])).content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def numbers(*values):
    return [None if value is None else figure(value) for value in values]


# --- What is kept ---------------------------------------------------------------------------------


def test_values_are_kept_exactly_by_nation_province_and_class():
    make.make_indicator("share", kind=Kind.RATIO)
    province = Province(3, classes={0: 34_999, 1: 35_000, 2: 60_000})
    province.say([figure(1, 3), figure(2, 3), figure(0, 0)])
    province.lock()
    first, second, _third = (zone.pk for zone in province.zones)
    kept = {(row.group, row.place): row.values for row in PeerValues.objects.all()}
    both = [[first, 100, 3], [second, 200, 3]]
    assert kept == {
        ("nation", ""): both,
        ("province", "province-namur"): both,
        ("class", "1"): [[first, 100, 3]],
        ("class", "2"): [[second, 200, 3]],
    }


@pytest.mark.parametrize(
    ("kind", "content", "kept"),
    [
        (Kind.COUNT, figure(5), True),
        (Kind.AMOUNT, figure(5), True),
        (Kind.MEAN, figure(5, 2), True),
        (Kind.POPULATION_RATE, figure(5), True),
        (Kind.SCALE, figure(3), True),
        (Kind.YES_NO, figure(1), False),
        (Kind.NARRATIVE, Content(CellStatus.REPORTED, text="Two meetings"), False),
        (Kind.COUNT, Content(CellStatus.NOT_APPLICABLE, reason="no-port"), False),
        (Kind.COUNT, Content(CellStatus.NOT_AVAILABLE, reason="Register down"), False),
    ],
)
def test_only_kinds_and_cells_with_a_value_are_kept(kind, content, kept):
    make.make_indicator("checks", kind=kind)
    province = Province(1)
    province.say([content])
    province.lock()
    assert PeerValues.objects.exists() is kept


def test_restricted_indicators_and_units_that_are_no_zones_stay_outside():
    make.make_indicator("radical", is_restricted=True)
    unit = make.make_unit("dca-service")
    make.make_indicator("staff", addressed="listed", subjects=[unit])
    province = Province(2)
    province.say(numbers(5, 6))
    approver = make.make_user(Role.APPROVER, unit)
    secretariat = make.make_user(Role.SECRETARIAT)
    make.validated(approver, secretariat, make.submission_of(unit, BEFORE), figure(7))
    province.lock()
    assert not PeerValues.objects.exists()


def test_an_indicator_restricted_since_is_not_shown_either():
    version = make.make_indicator("radical")
    province = Province(6)
    province.say(numbers(1, 2, 3, 4, 5, 6))
    province.lock()
    assert province.beside()
    version.indicator.is_restricted = True
    version.indicator.save()
    assert province.beside() == []


def test_nothing_is_kept_of_a_round_that_is_not_locked():
    make.make_indicator("checks")
    province = Province(2)
    province.say(numbers(5, 6))
    owe_peers(province.round)
    province.work()
    assert not PeerValues.objects.exists()


def test_what_is_validated_after_the_lock_replaces_the_values_once():
    make.make_indicator("checks")
    province = Province(2)
    province.say([figure(5), None])
    make.attested(province.approver, make.submission_of(province.zones[1], BEFORE), figure(9))
    province.lock()
    [nation] = PeerValues.objects.filter(group="nation")
    assert [value[1] for value in nation.values] == [5]
    late = make.submission_of(province.zones[1], BEFORE)
    make.validate(actor=province.coordinator, submission=late, version=late.version)
    province.work()
    province.work()
    [nation] = PeerValues.objects.filter(group="nation")
    assert [value[1] for value in nation.values] == [5, 9]
    assert PeerValues.objects.count() == 3


def test_validating_before_the_lock_owes_nothing():
    make.make_indicator("checks")
    Province(1).say(numbers(5))
    assert not OutboxEntry.objects.filter(topic=peers.TOPIC).exists()


def test_the_relay_sends_what_is_owed_to_the_task(monkeypatch):
    make.make_indicator("checks")
    province = Province(1)
    province.say(numbers(5))
    Round.objects.filter(pk=province.round.pk).update(locked_at=timezone.now())
    province.round.refresh_from_db()
    OutboxEntry.objects.all().delete()
    owe_peers(province.round)
    monkeypatch.setattr(tasks.compare, "delay", tasks.compare)
    from foundation.registries import OutboxTopic, outbox_topics

    monkeypatch.setattr(outbox, "outbox_topics", [OutboxTopic(peers.TOPIC, tasks.compare.delay)])
    assert peers.TOPIC in outbox_topics
    assert outbox.relay() == 1
    assert PeerValues.objects.count() == 3
    assert not OutboxEntry.objects.pending().exists()


# --- What is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "median", "quartiles"),
    [(4, False, False), (5, True, False), (9, True, False), (10, True, True)],
)
def test_a_median_takes_five_others_and_quartiles_ten(others, median, quartiles):
    make.make_indicator("checks")
    province = Province(others + 1)
    province.say(numbers(1_000_000, *range(1, others + 1)))
    province.lock()
    for beside in province.beside():
        assert beside.peers.others == others
        assert (beside.peers.median is not None) is median
        assert (beside.peers.quartiles is not None) is quartiles


def test_ones_own_figure_and_silent_zones_are_left_out():
    make.make_indicator("checks")
    province = Province(8)
    province.say(numbers(1_000_000, 10, 20, 30, 40, 50, None, None))
    province.lock()
    assert [each.peers.median for each in province.beside()] == [30, 30, 30]
    # A zone that said nothing has six others.
    assert [each.peers.median for each in province.beside(7)] == [35, 35, 35]


def test_the_class_is_that_of_ones_own_population():
    make.make_indicator("checks")
    province = Province(12, classes=dict.fromkeys(range(6), 120000))
    province.say(numbers(*range(12)))
    province.lock()
    first, last = province.beside(0), province.beside(11)
    assert [(each.group, each.place) for each in first] == [
        ("nation", ""),
        ("province", "Province Namur"),
        ("class", "4"),
    ]
    assert [each.peers.median for each in first] == [6, 6, 3]
    assert [each.place for each in last] == ["", "Province Namur", "2"]
    assert [each.peers.median for each in last] == [5, 5, 8]


def test_a_zone_keeps_its_class_where_its_population_changes():
    """Classes are fixed for the plan: a new count moves nobody among other peers."""
    make.make_indicator("checks")
    province = Province(12, classes=dict.fromkeys(range(6), 34_000))
    first = province.zones[0]
    RoundSubject.objects.filter(unit=first).update(population=35_001)
    province.say(numbers(*range(12)))
    province.lock()
    assert [(each.place, each.peers.others) for each in province.beside(0)][-1] == ("1", 5)
    assert {row.place: len(row.values) for row in PeerValues.objects.filter(group="class")} == {
        "1": 6,
        "2": 6,
    }


def test_the_nations_values_are_those_of_all_provinces():
    make.make_indicator("checks")
    province = Province(12)
    other = make.make_area("province-liege")
    RoundSubject.objects.filter(unit__in=province.zones[6:]).update(province=other)
    province.say(numbers(*range(12)))
    province.lock()
    of_all, of_province, _class = province.beside(0)
    assert (of_all.group, of_all.peers.others, of_all.peers.median) == ("nation", 11, 6)
    assert (of_province.group, of_province.peers.others) == ("province", 5)


def test_the_form_says_the_medians_and_never_another_zones_name():
    make.make_indicator("checks")
    province = Province(11)
    province.say(numbers(500, *range(10, 110, 10)))
    province.lock()
    page = province.page()
    assert "A year earlier" not in page
    spread = "median 55 (32.5–77.5)"
    assert f"Q2 2026, all zones: {spread} · province: {spread} · class 2: {spread}" in page
    for zone in province.zones[1:]:
        assert zone.name not in page
    read = province.page(code=BEFORE)
    assert "Zone 01" not in read


def test_a_hidden_median_says_why():
    make.make_indicator("checks")
    province = Province(3)
    province.say(numbers(1, 2, 3))
    province.lock()
    assert "Median hidden: fewer than 5 other zones have answered." in province.page()


def test_one_hidden_group_does_not_hide_the_other():
    make.make_indicator("checks")
    province = Province(7, classes={0: 200_000})
    province.say(numbers(*range(7)))
    province.lock()
    page = province.page()
    assert "province: median 3.5" in page
    # No other zone is in the class: there is nothing to hide.
    assert "class 4: fewer than 5 other zones have answered" in page


def test_before_the_lock_nothing_is_said_of_others():
    make.make_indicator("checks")
    province = Province(7)
    province.say(numbers(*range(7)))
    assert "median" not in province.page().lower()


def test_a_population_rate_is_told_as_a_rate_with_its_unit():
    make.make_indicator(
        "accidents", kind=Kind.POPULATION_RATE, scale=100_000, unit="per 100,000 inhabitants"
    )
    province = Province(6)
    province.say(numbers(0, 10, 20, 30, 40, 50))
    province.lock()
    assert "province: median 60 per 100,000 inhabitants" in province.page()


def test_levels_have_the_lower_middle_one():
    make.make_indicator("maturity", kind=Kind.SCALE)
    province = Province(7)
    province.say(numbers(0, 1, 1, 2, 3, 4, 4))
    province.lock()
    with translation.override("en"):
        assert [each.peers.median for each in province.beside()] == [2, 2, 2]


def test_the_latest_locked_period_is_shown():
    make.make_indicator("checks")
    province = Province(6)
    province.say(numbers(1, 2, 3, 4, 5, 6))
    province.lock()
    older = make.make_round("2026-Q1")
    Round.objects.filter(pk=older.pk).update(locked_at=timezone.now())
    for zone, number in zip(province.zones, range(100, 106), strict=True):
        submission = make.submission_of(zone, "2026-Q1")
        make.validated(province.approver, province.coordinator, submission, figure(number))
    province.work()
    assert {each.period_code for each in province.beside()} == {BEFORE}


@pytest.mark.parametrize("indicators", [1, 5])
def test_peers_of_a_form_take_one_query(indicators, django_assert_num_queries):
    for number in range(indicators):
        make.make_indicator(f"checks-{number}")
    province = Province(6)
    province.say(numbers(1, 2, 3, 4, 5, 6))
    province.lock()
    blocks = selectors.blocks_of(make.submission_of(province.zones[0]))
    with django_assert_num_queries(1):
        found = selectors.peers_beside(blocks, [BEFORE])
    assert len(found) == indicators
