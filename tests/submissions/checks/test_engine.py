"""What each check sees, at its boundary, and in which words."""

from dataclasses import replace
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import translation

from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions import selectors
from submissions.checking import MISSING
from submissions.content import Content
from submissions.enums import CheckKind, Severity, State
from submissions.models import Check
from submissions.services import NotAttestable, attest
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
QUARTERS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
ADVICE = "Correct it or explain it in the comment."


@pytest.fixture(autouse=True)
def _checks_in_english():
    make.make_checks()
    with translation.override("en"):
        yield


class Line:
    """A zone with figures validated in six quarters, and what it says in the seventh."""

    def __init__(self, *, codes=QUARTERS) -> None:
        self.zone = make.make_zone()
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        for code in (*codes, make.QUARTER):
            make.make_round(code)

    def past(self, contents, codes=QUARTERS) -> None:
        for code, content in zip(codes, contents, strict=False):
            submission = make.submission_of(self.zone, code)
            explained = replace(content, comment="As it was")
            make.validated(self.approver, self.coordinator, submission, explained)

    @property
    def submission(self):
        return make.submission_of(self.zone)

    def found(self, contents):
        make.enter(self.approver, self.submission, contents)
        blocks = selectors.blocks_of(self.submission)
        return selectors.findings_of(blocks, make.QUARTER)


def kinds(found) -> list[str]:
    return [each.kind for each in found]


def counts(*numbers):
    return [figure(number) for number in numbers]


# --- What is not a check, and what needs no past ------------------------------------------------


def test_a_missing_figure_blocks_whatever_the_checks():
    make.make_indicator("checks")
    Check.objects.all().delete()
    line = Line(codes=[])
    [finding] = line.found([])
    assert (finding.kind, finding.severity) == (MISSING, Severity.BLOCKING)
    assert finding.message == "Blank is not zero. Type 0 or choose “No figure”."


@pytest.mark.parametrize(
    ("number", "low", "high", "text"),
    [
        (100, None, 100, None),
        (101, None, 100, "101 is above what is usual for this figure: 100 at most."),
        (5, 5, 100, None),
        (4, 5, 100, "4 is outside what is usual for this figure: 5 to 100."),
        (4, 5, None, "4 is below what is usual for this figure: 5 or more."),
    ],
)
def test_bounds_are_part_of_what_is_usual(number, low, high, text):
    make.make_indicator("checks", lower_bound=low, upper_bound=high)
    found = Line(codes=[]).found(figure(number))
    assert [each.text for each in found] == ([text] if text else [])
    assert all(each.message == f"{text} {ADVICE}" for each in found)


def test_a_part_may_be_below_what_is_usual_for_its_total():
    bounds = {"lower_bound": 50, "upper_bound": 100}
    make.make_indicator("persons", options=["women", "men"], **bounds)
    found = Line(codes=[]).found(counts(40, 0, 101))
    assert [each.text for each in found if each.kind == CheckKind.BOUNDS] == [
        "40 is outside what is usual for this figure: 50 to 100.",
        "101 is outside what is usual for this figure: 50 to 100.",
    ]


@pytest.mark.parametrize(("severity", "states"), [("warning", True), ("blocking", False)])
def test_a_comment_explains_a_warning_and_never_what_blocks(severity, states):
    make.make_indicator("checks", upper_bound=100)
    Check.objects.filter(kind=CheckKind.BOUNDS).update(severity=severity)
    line = Line(codes=[])
    [finding] = line.found(figure(101, comment="A festival"))
    assert finding.is_explained is states
    assert finding.hinders is not states
    sent = line.submission
    if states:
        assert attest(actor=line.approver, submission=sent, version=sent.version).state
        return
    with pytest.raises(NotAttestable) as refusal:
        attest(actor=line.approver, submission=sent, version=sent.version)
    assert [each.text for each in refusal.value.faults] == [finding.text]
    assert line.submission.state == State.DRAFT


def test_an_inactive_check_is_silent_and_one_of_its_own_goes_first():
    version = make.make_indicator("checks", upper_bound=100)
    Check.objects.filter(kind=CheckKind.BOUNDS).update(is_active=False)
    line = Line(codes=[])
    assert line.found(figure(101)) == []
    Check.objects.filter(kind=CheckKind.BOUNDS).update(is_active=True)
    Check.objects.create(
        code="own", kind="bounds", severity="blocking", indicator=version.indicator
    )
    assert [each.severity for each in line.found(figure(102))] == [Severity.BLOCKING]


def test_a_sum_names_both_numbers():
    make.make_indicator("persons", options=["women", "men"], breakdown_is_exhaustive=True)
    [finding] = Line(codes=[]).found(counts(10, 4, 5))
    assert finding.severity == Severity.BLOCKING
    message = "The parts add up to 9, the total is 10. Correct one of the two."
    assert finding.message == message


@pytest.mark.parametrize(
    ("is_exhaustive", "whole", "parts", "text"),
    [
        (True, (5, 60), [(2, 20), (2, 40)], "“Part”: the parts add up to 0.4, the total is 0.5."),
        (True, (5, 60), [(2, 20), (3, 38)], "“Whole”: the parts add up to 58, the total is 60."),
        (False, (5, 60), [(6, 1), (1, 1)], "“Part”: one part is 0.6, above the total of 0.5."),
        (False, (5, 60), [(2, 61), (1, 1)], "“Whole”: one part is 61, above the total of 60."),
    ],
)
def test_a_sum_of_a_quotient_names_its_part_with_the_decimals_of_that_part(
    is_exhaustive, whole, parts, text
):
    options = {"options": ["women", "men"], "breakdown_is_exhaustive": is_exhaustive}
    make.make_indicator("delay", kind=Kind.MEAN, decimals=1, **options)
    [finding] = Line(codes=[]).found([figure(*whole), *(figure(*part) for part in parts)])
    assert finding.text == text


# --- Two figures --------------------------------------------------------------------------------


def pair(**fields) -> None:
    positive = make.make_indicator("positive", numerator_label="Positive tests")
    tests = make.make_indicator("tests", numerator_label="Tests", name="Breath tests")
    make.make_cross_check(positive, tests, **fields)


@pytest.mark.parametrize(("positive", "tests", "speaks"), [(12, 12, 0), (14, 12, 1), (0, 0, 0)])
def test_more_positive_tests_than_tests(positive, tests, speaks):
    pair()
    found = Line(codes=[]).found(counts(positive, tests))
    assert kinds(found) == [CheckKind.CROSS] * speaks
    for finding in found:
        assert finding.figure.version.name == "Positive"
        assert finding.expected == (0, 12)
        assert finding.message == (
            "“Positive tests” (14) is above “Tests” (12), asked under “Breath tests”."
            " Correct one of the two."
        )


def test_a_rule_of_two_says_nothing_while_one_has_no_figure():
    pair()
    absent = Content(CellStatus.NOT_AVAILABLE, reason="Register down")
    assert Line(codes=[]).found([figure(14), absent]) == []


def test_a_rule_compares_the_parts_it_names_in_the_same_unit():
    one = make.make_indicator("one", kind=Kind.RATIO, decimals=1, denominator_label="Hours")
    other = make.make_indicator("other", numerator_label="All hours")
    make.make_cross_check(one, other, part="denominator")
    line = Line(codes=[])
    assert line.found([figure(10, 120), figure(12)]) == []
    [finding] = line.found([figure(10, 121), figure(12)])
    assert finding.text == "“Hours” (12.1) is above “All hours” (12), asked under “Other”."


def test_subjects_of_a_source_are_compared_each_with_itself():
    source = make.make_source()
    one, other = (make.make_indicator(code, reporter=source) for code in ("positive", "tests"))
    make.make_cross_check(one, other)
    first, second = make.make_zone("andenne"), make.make_zone("beauraing")
    approver = make.make_user(Role.APPROVER, source)
    make.make_round()
    submission = make.submission_of(source)
    make.enter(approver, submission, counts(10, 50, 5, 60))
    blocks = selectors.blocks_of(make.submission_of(source))
    said = {
        (each.version.indicator.code, each.subject): each.content.numerator
        for block in blocks
        for each in block.figures
    }
    [finding] = selectors.findings_of(blocks, make.QUARTER)
    odd = [zone for zone in (first, second) if said["positive", zone] > said["tests", zone]]
    assert [finding.figure.subject] == odd


# --- The past -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (126, [CheckKind.FACTOR]),
        (1_260, [CheckKind.FACTOR]),
        (60, [CheckKind.HISTORY]),
        (13, []),
        (30, [CheckKind.HISTORY]),
        # Under the floor of 20 nothing is looked at, though 2 is far from 12.
        (2, []),
        (19, []),
    ],
)
def test_a_count_beside_its_own_past(number, found):
    make.make_indicator("checks")
    line = Line()
    line.past(counts(11, 12, 13, 14, 11, 12))
    assert kinds(line.found(figure(number))) == found


def test_a_mistake_of_unit_says_what_is_usual_in_the_readers_notation():
    make.make_indicator("checks")
    line = Line()
    line.past(counts(11, 11, 12, 12, 14, 14))
    [finding] = line.found(figure(12_600))
    assert finding.expected == (Fraction(45, 4), Fraction(27, 2))
    seen = "12\u202f600 is about a thousand times the usual figures (11 to 14)."
    assert finding.message == f"{seen} {ADVICE}"


def test_a_part_of_a_quotient_is_named():
    make.make_indicator("positive", kind=Kind.RATIO, numerator_label="P", denominator_label="Tests")
    line = Line()
    line.past([figure(30, 300 + step) for step in range(6)])
    [finding] = line.found(figure(30, 3_010))
    assert finding.kind == CheckKind.FACTOR
    assert finding.text.startswith("“Tests” (3\u202f010) is about ten times the usual figures")


def test_the_value_of_a_ratio_is_followed_not_its_parts():
    make.make_indicator("positive", kind=Kind.RATIO, display_decimals=1)
    line = Line()
    line.past([figure(60 + step, 200 + step) for step in range(6)])
    assert line.found(figure(120, 400)) == []
    [finding] = line.found(figure(120, 200))
    assert finding.kind == CheckKind.HISTORY
    assert finding.text.startswith("60.0\u00a0% is far above the figures so far: ")


def test_what_is_expected_of_a_share_stays_between_nothing_and_the_whole():
    make.make_indicator("share", kind=Kind.RATIO)
    line = Line()
    line.past([figure(180, 200)] * 6)
    [finding] = line.found(figure(90, 200))
    assert finding.expected is not None
    assert finding.expected[1] == 100


def test_a_denominator_of_zero_has_no_value_to_compare():
    make.make_indicator("share", kind=Kind.RATIO)
    line = Line()
    line.past([figure(0, 0)] * 6)
    assert line.found(figure(90, 200)) == []
    assert line.found(figure(0, 0)) == []


def test_five_past_values_are_no_history_but_two_years_compare():
    make.make_indicator("checks")
    line = Line()
    line.past(counts(100, 104, 99, 102, 101), QUARTERS[1:])
    assert line.found(figure(205)) == []
    assert kinds(line.found(figure(209))) == [CheckKind.LAST_YEAR]


@pytest.mark.parametrize(("number", "speaks"), [(208, 0), (209, 1), (52, 0), (51, 1)])
def test_twice_and_half_of_last_year_still_pass(number, speaks):
    make.make_indicator("checks")
    line = Line()
    line.past(counts(104), ["2025-Q3"])
    found = line.found(figure(number))
    assert kinds(found) == [CheckKind.LAST_YEAR] * speaks
    for finding in found:
        assert finding.expected == (52, 208)
        assert finding.text == (
            f"{number}, against 104 in the same period last year: 52 to 208 would be expected."
        )


def test_a_season_is_no_jump():
    make.make_indicator("checks")
    line = Line()
    line.past(counts(100, 102, 300, 101, 99, 103))
    assert line.found(figure(310)) == []


def test_from_nothing_there_is_no_share():
    make.make_indicator("checks")
    line = Line()
    line.past(counts(0), ["2025-Q3"])
    assert line.found(figure(500)) == []


@pytest.mark.parametrize("kind", [Kind.YES_NO, Kind.SCALE])
def test_answers_and_levels_are_not_followed(kind):
    make.make_indicator("level", kind=kind)
    Check.objects.update(floor=None)
    line = Line()
    line.past(counts(0, 0, 0, 1, 0, 0))
    assert line.found(figure(1)) == []


def test_only_validated_figures_are_a_past():
    make.make_indicator("checks")
    line = Line()
    for code in QUARTERS:
        make.enter(line.approver, make.submission_of(line.zone, code), figure(12))
    assert line.found(figure(126)) == []


# --- Queries and pages --------------------------------------------------------------------------


@pytest.mark.parametrize("zones", [1, 40])
def test_findings_take_two_queries(zones, django_assert_num_queries):
    source = make.make_source()
    make.make_zones(zones)
    make.make_indicator("checks", reporter=source)
    approver = make.make_user(Role.APPROVER, source)
    make.make_round("2026-Q2")
    make.make_round()
    secretariat = make.make_user(Role.SECRETARIAT)
    make.validated(approver, secretariat, make.submission_of(source, "2026-Q2"), figure(30))
    make.enter(approver, make.submission_of(source), figure(300))
    blocks = selectors.blocks_of(make.submission_of(source))
    with django_assert_num_queries(2):
        selectors.findings_of(blocks, make.QUARTER)


def test_a_controller_reads_the_finding_beside_the_comment(client):
    make.make_indicator("checks", upper_bound=100)
    line = Line(codes=[])
    sent = make.attested(line.approver, line.submission, figure(101, comment="A festival"))
    client.force_login(line.coordinator)
    page = client.get(reverse("review", args=[sent.pk]), HTTP_ACCEPT_LANGUAGE="en")
    [row] = page.context["figures"].rows.values()
    seen = "101 is above what is usual for this figure: 100 at most."
    assert row.remarks == [seen, "A festival"]


def test_a_flagged_figure_is_a_remark(client):
    make.make_indicator("checks")
    line = Line(codes=[])
    make.attested(line.approver, line.submission, figure(5, is_flagged=True))
    client.force_login(line.coordinator)
    page = client.get("/review/", {"state": "remarks"})
    assert [each.submission.remarks for each in page.context["lines"]] == [1]


def test_what_was_validated_for_a_later_period_is_no_past():
    make.make_indicator("checks")
    line = Line(codes=["2026-Q4", "2027-Q1", "2027-Q2"])
    line.past(counts(12, 12, 12), ["2026-Q4", "2027-Q1", "2027-Q2"])
    assert line.found(figure(126)) == []
