"""Completeness is computed: zero, not applicable, not available and missing stay apart."""

import pytest
from django.test import Client
from django.urls import reverse

from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions.completeness import Completeness
from submissions.content import Content
from submissions.enums import State
from submissions.models import Submission
from submissions.selectors import blocks_of
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
SAID = [
    figure(0),
    figure(7),
    figure(0, 12),
    figure(0),  # "no" is an answer
    figure(0),  # and so is level 0
    Content(CellStatus.NOT_APPLICABLE, reason="no-port"),
    Content(CellStatus.NOT_AVAILABLE, reason="Register lost"),
]


@pytest.fixture
def submission() -> Submission:
    kinds = (Kind.COUNT, Kind.COUNT, Kind.RATIO, Kind.YES_NO, Kind.SCALE, *(Kind.COUNT,) * 3)
    for number, kind in enumerate(kinds):
        make.make_indicator(f"i-{number}", kind=kind)
    zone = make.make_zone("namur")
    make.make_round()
    reporter = make.make_user(Role.REPORTER, zone)
    return make.enter(reporter, make.submission_of(zone), SAID)


def count(submission: Submission) -> Completeness:
    return Completeness.of(each for block in blocks_of(submission) for each in block.figures)


def test_the_four_are_counted_apart(submission):
    found = count(submission)
    assert found == Completeness(reported=5, zeros=2, not_applicable=1, not_available=1, missing=1)
    assert (found.total, found.is_complete) == (8, False)


def test_a_cleared_figure_is_missing_again(submission):
    reporter = make.make_user(Role.REPORTER, submission.reporter, name="second")
    make.enter(reporter, submission, [Content()])
    assert count(submission).missing == 2


def test_complete_is_when_nothing_is_missing(submission):
    reporter = make.make_user(Role.REPORTER, submission.reporter, name="second")
    make.enter(reporter, submission, [*SAID, figure(3)])
    assert count(submission).is_complete


@pytest.mark.parametrize("page", ["review", "report"])
def test_both_pages_say_it(submission, page):
    Submission.objects.update(state=State.TODO)
    controller = make.make_user(Role.COORDINATOR, make.make_dca())
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(controller)
    args = [submission.pk] if page == "review" else [make.QUARTER, "namur"]
    text = client.get(reverse(page, args=args)).content.decode()
    for words in (
        "5 figures filled in, not sent (of them 0: 2)",
        "1 not applicable",
        "1 not available",
    ):
        assert words in text
    assert "1 missing" in text
