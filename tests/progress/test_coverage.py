"""Who has not reported, and does it matter: the matrix, who sees it, its file, and reminders."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from foundation.models import AuditEntry
from indicators.enums import CellStatus, Frequency
from indicators.models import Period
from organisations.enums import Role, UnitKind
from progress.models import Closing
from submissions import services
from submissions.content import Content
from submissions.enums import State
from submissions.models import Round, Submission, Transition
from submissions.selectors import Stand, Timing, Total
from submissions.selectors.coverage import Held, Place
from submissions.services import remind, send_back
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
PAGE = "/progress/coverage/"
CODES = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
UNAVAILABLE = Content(CellStatus.NOT_AVAILABLE, reason="not counted")
NOT_APPLICABLE = Content(CellStatus.NOT_APPLICABLE, reason="no-port")


class Country:
    """Three zones of two arrondissements, with two figures a quarter, and who looks at them."""

    def __init__(self) -> None:
        make.make_indicator("checks")
        make.make_indicator("visits", objective=make.make_objective("5-F1"))
        self.namur = make.make_zone("namur", population=60_000)
        self.dinant = make.make_zone("dinant", population=30_000)
        self.liege = make.make_zone("liege", dca=make.make_dca("dca-liege"), population=10_000)
        self.approvers = {
            zone.slug: make.make_user(Role.APPROVER, zone)
            for zone in (self.namur, self.dinant, self.liege)
        }
        self.coordinators = {
            zone.slug: make.make_user(Role.COORDINATOR, zone.controlled_by)
            for zone in (self.namur, self.liege)
        }
        self.steering = make.make_user(Role.STEERING)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        for code in CODES:
            make.make_round(code)

    def attest(self, zone, code=CODES[-1], said=None) -> Submission:
        said = said or figure(5)
        return make.attested(self.approvers[zone.slug], make.submission_of(zone, code), said)

    def validate(self, zone, code=CODES[-1], said=None) -> Submission:
        sent = self.attest(zone, code, said)
        coordinator = self.coordinators["liege" if zone == self.liege else "namur"]
        return services.validate(actor=coordinator, submission=sent, version=sent.version)

    def move(self, code: str, *, due: int, locks: int) -> None:
        """Have a round due and locked so many days from now."""
        now = timezone.now()
        Round.objects.filter(period__code=code).update(
            opens_at=now - dt.timedelta(days=90),
            due_at=now + dt.timedelta(days=due),
            locks_at=now + dt.timedelta(days=locks),
        )


@pytest.fixture
def country(nation) -> Country:
    return Country()


def read(user, **query: str):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get(PAGE, query)


def units(page) -> list[str]:
    return [line.row.unit.slug for line in page.context["lines"]]


def now_of(page, slug: str) -> Place:
    return next(line.row.now for line in page.context["lines"] if line.row.unit.slug == slug)


# --- The matrix ---------------------------------------------------------------------------------


def test_the_chosen_round_and_three_before_it_are_the_columns(country):
    assert read(country.steering).context["codes"] == list(CODES[1:])
    assert read(country.steering, rounds="8").context["codes"] == list(CODES)
    assert read(country.steering, period="2026-Q1").context["codes"] == list(CODES[:3])


def test_what_came_back_after_the_lock_with_time_is_returned_and_has_an_extension(country):
    sent = country.attest(country.namur)
    country.move(CODES[-1], due=-9, locks=-2)
    send_back(
        actor=country.coordinators["namur"],
        submission=sent,
        version=sent.version,
        reason="Too few?",
        until=timezone.now() + dt.timedelta(days=5),
    )
    place = now_of(read(country.secretariat), "namur")
    assert (place.stand, place.takes_figures) == (Stand.RETURNED, True)
    assert place.extended_until is not None
    for state in (Stand.RETURNED, Stand.EXTENDED):
        assert units(read(country.secretariat, state=state)) == ["namur"]
    assert "namur" not in units(read(country.secretariat, state="late"))


def test_a_half_year_can_be_chosen_beside_its_quarter(country):
    make.make_indicator("yearly", frequency=Frequency.HALF_YEAR)
    make.make_round("2026-H1")
    page = read(country.steering, period="2026-H1")
    assert page.context["codes"] == ["2026-H1"]
    assert read(country.steering, period="2019-H1").status_code == 404


def test_only_validated_figures_count_and_the_signed_stand_beside(country):
    country.validate(country.namur)
    country.attest(country.dinant)
    page = read(country.steering)
    total = page.context["total"]
    assert (total.reported, total.expected, total.in_review, total.missing) == (1, 3, 1, 2)
    assert (total.population_reported, total.population_expected) == (60_000, 100_000)
    assert "60%" in page.text
    assert [now_of(page, slug).held.signed for slug in ("namur", "dinant", "liege")] == [0, 2, 0]
    places = {slug: now_of(page, slug) for slug in ("namur", "dinant", "liege")}
    assert {slug: (each.reported, each.expected) for slug, each in places.items()} == {
        "namur": (2, 2),
        "dinant": (0, 2),
        "liege": (0, 2),
    }


def test_not_applicable_is_left_out_and_not_available_is_not_reported(country):
    country.validate(country.namur, said=[NOT_APPLICABLE, UNAVAILABLE])
    country.validate(country.dinant, said=[NOT_APPLICABLE, figure(0)])
    page = read(country.steering)
    assert (now_of(page, "namur").reported, now_of(page, "namur").expected) == (0, 1)
    assert (now_of(page, "dinant").reported, now_of(page, "dinant").expected) == (1, 1)
    total = page.context["total"]
    assert (total.figures_reported, total.figures_expected) == (1, 4)


def test_each_state_has_its_word(country):
    country.validate(country.namur)
    sent = country.attest(country.dinant)
    controller = country.coordinators["namur"]
    send_back(actor=controller, submission=sent, version=sent.version, reason="Look")
    page = read(country.steering)
    stands = {slug: now_of(page, slug).stand for slug in ("namur", "dinant", "liege")}
    assert stands == {"namur": Stand.VALIDATED, "dinant": Stand.RETURNED, "liege": Stand.TODO}
    for word in ("Validated", "Returned", "To fill in"):
        assert word in page.text
    country.move(CODES[-1], due=-1, locks=5)
    page = read(country.steering)
    assert [now_of(page, slug).is_late for slug in ("namur", "dinant", "liege")] == [
        False,
        True,
        True,
    ]
    country.move(CODES[-1], due=-9, locks=-5)
    services.grant_extension(
        actor=country.secretariat,
        submission=make.submission_of(country.liege),
        until=timezone.now() + dt.timedelta(days=3),
        reason="A flood",
    )
    page = read(country.steering)
    stands = {slug: now_of(page, slug).stand for slug in ("namur", "dinant", "liege")}
    assert stands == {"namur": Stand.VALIDATED, "dinant": Stand.MISSING, "liege": Stand.EXTENDED}
    assert "Missing" in page.text
    assert "Extended" in page.text


def test_who_was_not_expected_or_was_replaced_counts_nowhere(country):
    late_comer = make.make_zone("arlon")
    Submission.objects.filter(reporter=country.liege, round__period__code=CODES[-1]).update(
        state=State.REPLACED
    )
    page = read(country.steering)
    assert now_of(page, "liege").stand == Stand.REPLACED
    assert "Replaced" in page.text
    assert page.context["total"].expected == 2
    assert units(page)[-1] == "liege", "what is expected comes first"
    assert late_comer.slug not in units(page)
    make.make_round("2026-Q4")
    arlon = next(
        each.row
        for each in read(country.steering).context["lines"]
        if each.row.unit.slug == "arlon"
    )
    assert [place.stand for place in arlon.places] == [Stand.NOT_EXPECTED] * 3 + [Stand.TODO]


# --- In time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after_due", "after_lock", "timing"),
    [
        (0, -10, Timing.IN_TIME),
        (1, -10, Timing.IN_GRACE),
        (10, 0, Timing.IN_GRACE),
        (10, 1, Timing.AFTER_LOCK),
    ],
)
def test_the_first_attestation_decides_to_the_second(country, after_due, after_lock, timing):
    country.attest(country.namur)
    at = Transition.objects.get(after=State.SUBMITTED).at
    Round.objects.filter(period__code=CODES[-1]).update(
        opens_at=at - dt.timedelta(days=30),
        due_at=at - dt.timedelta(seconds=after_due),
        locks_at=at - dt.timedelta(seconds=after_lock),
    )
    page = read(country.steering)
    assert now_of(page, "namur").timing == timing
    total = page.context["total"]
    assert total.attested == 1
    counted = (total.in_time, total.in_grace, total.after_lock)
    assert counted == tuple(int(timing == each) for each in Timing)


def test_a_later_return_does_not_make_it_late(country):
    sent = country.attest(country.namur)
    due_at = Transition.objects.get(after=State.SUBMITTED).at
    Round.objects.filter(period__code=CODES[-1]).update(
        opens_at=due_at - dt.timedelta(days=30), due_at=due_at
    )
    controller = country.coordinators["namur"]
    send_back(actor=controller, submission=sent, version=sent.version, reason="Look")
    assert now_of(read(country.steering), "namur").timing == Timing.IN_TIME
    country.attest(country.namur, said=figure(6))
    page = read(country.steering)
    assert now_of(page, "namur").timing == Timing.IN_TIME
    assert "1 by the due date, 0 between due and lock" in page.text


@pytest.mark.parametrize("is_returned", [False, True])
def test_what_its_unit_withdrew_holds_no_place_in_time(country, is_returned):
    """Only what was returned keeps the moment of its first attestation."""
    sent = country.attest(country.namur)
    if is_returned:
        controller = country.coordinators["namur"]
        send_back(actor=controller, submission=sent, version=sent.version, reason="Look")
        sent = country.attest(country.namur, said=figure(6))
    services.withdraw(
        actor=country.approvers["namur"], submission=sent, version=sent.version, reason="Wrong"
    )
    due_at = Transition.objects.filter(submission=sent).last().at
    Round.objects.filter(period__code=CODES[-1]).update(
        opens_at=due_at - dt.timedelta(days=30), due_at=due_at
    )
    country.attest(country.namur, said=figure(7))
    timing = now_of(read(country.steering), "namur").timing
    assert timing == (Timing.IN_TIME if is_returned else Timing.IN_GRACE)


def test_what_nobody_attested_is_neither(country):
    make.enter(country.approvers["namur"], make.submission_of(country.namur), figure(5))
    page = read(country.steering)
    assert (now_of(page, "namur").timing, page.context["total"].attested) == (None, 0)
    assert "Nobody has attested yet." in page.text


def test_totals_of_nobody_divide_by_nothing():
    total = Total.of([Place(), Place(stand=Stand.REPLACED, held=Held(3, 3, 3))])
    assert (total.expected, total.by_population, total.percent) == (0, None, 0)


# --- Choosing -------------------------------------------------------------------------------------


def test_filters_leave_what_was_asked_for(country):
    country.validate(country.namur)
    country.attest(country.dinant)
    steering = country.steering
    assert units(read(steering, state="missing")) == ["liege", "dinant"]
    assert units(read(steering, state="in_review")) == ["dinant"]
    assert units(read(steering, state="validated")) == ["namur"]
    assert units(read(steering, state="late")) == []
    arrondissement = country.liege.arrondissement.code
    page = read(steering, arrondissement=arrondissement)
    assert (units(page), page.context["total"].expected) == (["liege"], 1)
    assert units(read(steering, province="province-namur")) == ["liege", "dinant", "namur"]
    country.move(CODES[-1], due=-1, locks=5)
    assert units(read(steering, state="late")) == ["liege"]
    for wrong in ({"state": "x"}, {"arrondissement": "x"}, {"sort": "x"}, {"rounds": "900"}):
        assert read(steering, **wrong).status_code == 404


def test_a_theme_counts_its_cells_only(country):
    country.validate(country.namur, said=[figure(5), UNAVAILABLE])
    first, fifth = (now_of(read(country.steering, theme=code), "namur") for code in ("1", "5"))
    assert (first.reported, first.expected) == (1, 1)
    assert (fifth.reported, fifth.expected) == (0, 1)
    make.make_theme("7")
    assert units(read(country.steering, theme="7")) == []


def test_kinds_of_units_stand_apart(country):
    source = make.make_source()
    make.make_indicator("hits", reporter=source)
    make.make_round("2026-Q4")
    assert source.slug not in units(read(country.steering))
    assert units(read(country.steering, kind=UnitKind.SOURCE)) == [source.slug]
    assert len(units(read(country.steering, kind="all"))) == 4


def test_the_least_covered_come_first_if_asked(country):
    country.validate(country.namur)
    country.validate(country.liege, said=[figure(5), UNAVAILABLE])
    assert units(read(country.steering, sort="least")) == ["dinant", "liege", "namur"]
    assert units(read(country.steering, sort="most")) == ["namur", "liege", "dinant"]
    assert units(read(country.steering, sort="unit")) == ["dinant", "liege", "namur"]


def test_nobody_left_says_why(country):
    assert "No unit fits the choice" in read(country.steering, state="validated").text


# --- Who sees what --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.STEERING, Role.EVALUATOR, Role.SECRETARIAT])
def test_those_who_see_all_figures_see_all_units(country, role):
    user = make.make_user(role, name=f"another-{role}")
    assert units(read(user)) == ["liege", "dinant", "namur"]


def test_a_coordinator_sees_and_counts_the_own_arrondissement(country):
    page = read(country.coordinators["liege"])
    assert (units(page), page.context["total"].expected) == (["liege"], 1)
    assert "Namur" not in page.text.replace("Province Namur", "")
    ask = {"arrondissement": country.namur.arrondissement.code, "kind": "all"}
    assert units(read(country.coordinators["liege"], **ask)) == ["liege"]


def test_the_council_sees_totals_and_no_name(country):
    country.validate(country.namur)
    council = make.make_user(Role.COUNCIL)
    assert read(council).context["awaits_closing"]
    for period in Period.objects.filter(round__frozen_at__isnull=False):
        Closing.objects.create(period=period, closed_by=country.secretariat)
    asked = ({}, {"state": "missing"}, {"arrondissement": country.liege.arrondissement.code})
    for query in asked:
        page = read(council, **query)
        assert (page.context["lines"], page.context["total"].expected) == ([], 3)
        assert not any(f"ZP {name}" in page.text for name in ("Namur", "Dinant", "Liege"))
        assert "1/3" in page.text


def test_links_to_the_review_are_for_those_who_may_open_them(country):
    address = reverse("review", args=[make.submission_of(country.namur).pk])
    assert address in read(country.coordinators["namur"]).text
    assert address in read(country.secretariat).text
    assert address not in read(country.steering).text


# --- Cost -----------------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_one_unit_and_for_many(country, django_assert_num_queries):
    controller = country.coordinators["namur"]
    client = Client()
    client.force_login(controller)
    client.get(PAGE)
    with django_assert_num_queries(9):
        client.get(PAGE)
    for number in range(5):
        make.make_zone(f"more-{number}")
    make.make_round("2026-Q4")
    with django_assert_num_queries(9):
        page = client.get(PAGE)
    assert len(page.context["lines"]) == 7


# --- The file -------------------------------------------------------------------------------------


def test_the_matrix_goes_away_as_it_was_chosen(country):
    country.validate(country.namur)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(make.make_user(Role.EVALUATOR))
    query = {"state": "validated", "rounds": "4"}
    book = client.get(reverse("coverage-file", args=["xlsx"]), query)
    content = BytesIO(b"".join(book.streaming_content))
    rows = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()
    of_namur = [row for row in rows if row[0] == "ZP Namur"]
    assert [row[4] for row in of_namur] == list(CODES[1:])
    assert of_namur[-1][5:] == ["Validated", 2, 2, 0, 60_000, "by the due date"]
    text = client.get(reverse("coverage-file", args=["csv"]), query)
    lines = b"".join(text.streaming_content).decode("utf-8-sig").splitlines()
    assert len([line for line in lines if line.startswith("ZP Namur")]) == 4
    assert AuditEntry.objects.filter(verb="data.exported").count() == 2
    assert client.get(reverse("coverage-file", args=["pdf"])).status_code == 404
    assert client.get(reverse("coverage-file", args=["csv"]), {"state": "x"}).status_code == 404


@pytest.mark.parametrize("role", [Role.STEERING, Role.COUNCIL])
def test_who_may_not_take_data_away_does_not(country, role):
    client = Client()
    client.force_login(make.make_user(role, name=f"another-{role}"))
    assert client.get(reverse("coverage-file", args=["csv"])).status_code == 403


# --- Reminders ------------------------------------------------------------------------------------


def asked(user, *zones, code=CODES[-1]):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    chosen = {"submission": [make.submission_of(zone, code).pk for zone in zones]}
    return client, reverse("coverage-remind"), chosen


def test_who_can_still_send_can_be_ticked(country):
    country.attest(country.namur)
    page = read(country.coordinators["namur"])
    lines = {line.row.unit.slug: line.is_remindable for line in page.context["lines"]}
    assert lines == {"namur": False, "dinant": True}
    assert page.text.count('name="submission"') == 1
    assert " checked" not in page.text
    assert " checked" in read(country.coordinators["namur"], select="all").text
    assert 'name="submission"' not in read(country.steering).text


def test_a_reminder_is_shown_first_and_then_sent_once_a_day(country):
    country.attest(country.namur)
    silent = make.make_zone("silent", telephone="081 00 00 00")
    make.make_round("2026-Q4")
    zones = (country.namur, country.dinant, silent)
    client, address, chosen = asked(country.coordinators["namur"], *zones, code="2026-Q4")
    chosen["submission"].append(make.submission_of(country.namur).pk)
    preview = client.get(address, chosen)
    shown = {
        kind: [each.reporter.slug for each, _names in rows]
        for kind, rows in preview.context["preview"].items()
    }
    assert shown == {
        "reached": ["dinant", "namur"],
        "already": [],
        "nobody": ["silent"],
        "sent": ["namur"],
    }
    assert str(country.approvers["dinant"]) in preview.text
    assert "081 00 00 00" in preview.text
    assert not AuditEntry.objects.filter(verb="submission.reminded").exists()
    for times in range(2):
        assert client.post(address, chosen)["Location"] == PAGE
        entries = AuditEntry.objects.filter(verb="submission.reminded")
        assert entries.count() == 2, f"after {times + 1} posts"
    again = client.get(address, chosen).context["preview"]
    assert (len(again["reached"]), len(again["already"])) == (0, 2)


def test_yesterdays_reminder_is_forgotten_today(country):
    client, address, chosen = asked(country.secretariat, country.namur)
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for at, reached in ((start - dt.timedelta(seconds=1), 1), (start, 0)):
        AuditEntry.objects.create(
            at=at,
            verb="submission.reminded",
            subject_type="submissions.submission",
            subject_id=chosen["submission"][0],
        )
        assert len(client.get(address, chosen).context["preview"]["reached"]) == reached


def test_only_who_controls_a_unit_reminds_it(country):
    client, address, chosen = asked(country.coordinators["liege"], country.liege, country.namur)
    assert client.get(address, chosen).status_code == 404
    assert client.post(address, chosen).status_code == 404
    with pytest.raises(PermissionDenied):
        remind(actor=country.coordinators["liege"], submissions=[make.submission_of(country.namur)])
    for user in (country.steering, country.approvers["namur"]):
        client, address, chosen = asked(user, country.namur)
        assert client.post(address, chosen).status_code == 403
    assert not AuditEntry.objects.filter(verb="submission.reminded").exists()


def test_nobody_ticked_or_nonsense_is_said(country):
    client, address, _chosen = asked(country.secretariat, country.namur)
    for typed in ([], ["x"], ["999999"], ["9" * 30], ["²"]):
        answer = client.get(address, {"submission": typed}, follow=True)
        assert "Nobody was selected" in answer.text
