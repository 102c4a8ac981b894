"""What a zone says of the figures that a central source reports about it, and the answers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations.enums import Role
from submissions import services
from submissions.models import Expectation, Measurement, Remark, Submission
from submissions.selectors import remarks_until
from submissions.services import answer_remark, make_remark, send_back, validate
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
WORDS = "Our register counts fewer."


class Register:
    """A central source that reports on two zones, and the people of all three."""

    def __init__(self) -> None:
        self.source = make.make_source()
        self.zone = make.make_zone("namur")
        self.other = make.make_zone("liege", dca=make.make_dca("dca-liege"))
        self.version = make.make_indicator("hits", reporter=self.source, options=("day", "night"))
        self.keeper = make.make_user(Role.APPROVER, self.source)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        make.make_round()

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.source)

    def figures(self, *, namur: int = 4_242, liege: int = 7_777) -> list:
        """By cell: a total and two halves, in the order in which the cells were made."""
        said = {self.zone.pk: namur, self.other.pk: liege}
        cells = [
            (cell.option, cell.expectation.subject.unit_id)
            for cell in make.cells_of(self.submission)
        ]
        parts = {"": lambda n: n, "day": lambda n: n - 1, "night": lambda _n: 1}
        return [figure(parts[option](said[unit])) for option, unit in cells]

    def attest(self, **said: int) -> Submission:
        return make.attested(self.keeper, self.submission, self.figures(**said))

    def send_back(self) -> None:
        sent = self.submission
        send_back(actor=self.secretariat, submission=sent, version=sent.version, reason="Look")

    @property
    def expectation(self) -> Expectation:
        return Expectation.objects.get(subject__unit=self.zone, version=self.version)

    @property
    def url(self) -> str:
        return reverse("about-us-figure", args=[self.expectation.pk])

    def remark(self, user=None, text: str = WORDS, **at: dt.datetime) -> Remark:
        user = user or self.reporter
        return make_remark(actor=user, expectation=self.expectation, text=text, **at)


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


@pytest.fixture
def register() -> Register:
    return Register()


def plain(response) -> str:
    return response.text.replace("\u202f", "").replace("\u00a0", "").replace(",", "")


# --- What is seen -------------------------------------------------------------------------------


def test_a_zone_sees_what_was_attested_about_it_with_its_state(register):
    client = signed_in(register.reporter)
    assert client.get(reverse("about-us")).context["rows"] == []
    make.enter(register.keeper, register.submission, register.figures())
    assert client.get(reverse("about-us")).context["rows"] == [], "not while it is a draft"
    sent = register.attest()
    for look in ("submitted", "validated"):
        page = client.get(reverse("about-us"))
        [row] = page.context["rows"]
        assert (row.look, row.figures) == (
            look,
            [("", "4\u202f242"), ("Day", "4\u202f241"), ("Night", "1")],
        )
        assert "4242" in plain(page)
        assert "7777" not in plain(page)
        if look == "submitted":
            validate(actor=register.secretariat, submission=sent, version=sent.version)


def test_what_a_source_corrects_is_not_shown_until_it_is_attested_again(register):
    register.attest()
    register.send_back()
    make.enter(register.keeper, register.submission, register.figures(namur=5_151))
    client = signed_in(register.reporter)
    page = client.get(reverse("about-us"))
    assert [row.figures for row in page.context["rows"]] == [[]]
    assert "5151" not in plain(page)
    assert "5151" not in plain(client.get(register.url))
    register.attest(namur=5_151)
    assert "5151" in plain(client.get(register.url))


def test_its_own_figures_are_not_among_them(register):
    make.make_indicator("checks")
    make.make_round("2026-Q2")
    make.attested(register.approver, make.submission_of(register.zone, "2026-Q2"), figure(9))
    page = signed_in(register.reporter).get(reverse("about-us"))
    assert page.context["rows"] == []


def test_other_zones_see_nothing_of_it(register):
    register.attest()
    register.remark()
    theirs = make.make_user(Role.APPROVER, register.other)
    client = signed_in(theirs)
    page = plain(client.get(reverse("about-us")))
    assert ("4242" in page, "7777" in page, WORDS in page) == (False, True, False)
    assert client.get(register.url).status_code == 404
    assert client.post(register.url, {"text": WORDS}).status_code == 404
    with pytest.raises(PermissionDenied):
        register.remark(theirs)


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.STEERING, Role.EVALUATOR, Role.SECRETARIAT])
def test_who_has_no_unit_has_no_such_page(register, role):
    register.attest()
    client = signed_in(make.make_user(role, name=f"another {role}"))
    assert client.get(reverse("about-us")).status_code == 403
    assert client.get(register.url).status_code == 404


def test_an_authority_reads_and_does_not_remark(register):
    register.attest()
    register.remark()
    authority = make.make_user(Role.AUTHORITY, register.zone)
    client = signed_in(authority)
    page = client.get(register.url)
    assert WORDS in page.text
    assert "<textarea" not in page.text
    assert client.post(register.url, {"text": WORDS}).status_code == 403
    with pytest.raises(PermissionDenied):
        register.remark(authority)
    assert Remark.objects.count() == 1


def test_home_leads_there_where_there_is_something(register):
    address = f'href="{reverse("about-us")}"'
    client = signed_in(register.reporter)
    assert address not in client.get(reverse("home")).text
    register.attest()
    home = client.get(reverse("home"))
    assert address in home.text
    [section] = [each for each in home.context["sections"] if "remarkable" in each]
    assert section["remarkable"] == 1
    assert address not in signed_in(register.keeper).get(reverse("home")).text


# --- Remarking ----------------------------------------------------------------------------------


def test_a_remark_is_kept_as_it_was_made_and_changes_no_figure(register):
    register.attest()
    before = register.submission.version, Measurement.objects.count()
    client = signed_in(register.reporter)
    fields = {"text": f"  {WORDS} ", "token": client.get(register.url).context["token"]}
    for _ in range(2):
        assert client.post(register.url, fields)["Location"] == register.url
    remark = Remark.objects.get()
    assert (remark.text, remark.made_by) == (WORDS, register.reporter)
    assert (register.submission.version, Measurement.objects.count()) == before
    assert WORDS in client.get(register.url).text
    entry = AuditEntry.objects.get(verb="remark.made")
    assert (entry.actor, entry.details["remark"]) == (register.reporter, remark.pk)


def test_several_remarks_are_allowed(register):
    register.attest()
    register.remark()
    register.remark(register.approver, "And another.")
    page = signed_in(register.reporter).get(register.url)
    assert [remark.text for remark in page.context["row"].remarks] == [WORDS, "And another."]


def test_one_page_sent_again_with_other_words_keeps_both_apart(register):
    register.attest()
    client = signed_in(register.reporter)
    client.post(register.url, {"text": WORDS, "token": "a-token"})
    answer = client.post(register.url, {"text": "Other words", "token": "a-token"})
    assert (answer.status_code, "Other words" in answer.text) == (409, True)
    assert Remark.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_remark_says_something_and_not_too_much(register, text):
    register.attest()
    answer = signed_in(register.reporter).post(register.url, {"text": text})
    assert (answer.status_code, "text" in answer.context["form"].errors) == (422, True)
    with pytest.raises(ValidationError):
        register.remark(text=text)
    assert Remark.objects.count() == 0


# --- Fifteen days ---------------------------------------------------------------------------------

ATTESTED = dt.datetime(2026, 10, 10, 22, 30, tzinfo=dt.UTC)  # 00:30 on the 11th in Brussels
LAST = dt.datetime(2026, 10, 26, 22, 59, 59, tzinfo=dt.UTC)  # winter time has begun


def test_the_window_ends_with_the_fifteenth_day_in_brussels():
    assert remarks_until(ATTESTED) == LAST


def test_on_the_fifteenth_day_and_not_on_the_sixteenth(register):
    register.attest()
    Submission.objects.filter(reporter=register.source).update(submitted_at=ATTESTED)
    assert register.remark(now=LAST).made_at == LAST
    with pytest.raises(services.RemarksClosed):
        register.remark(now=LAST + dt.timedelta(seconds=1))


def test_after_it_the_page_says_so_and_keeps_what_was_typed(register):
    register.attest()
    long_ago = timezone.now() - dt.timedelta(days=17)
    Submission.objects.filter(reporter=register.source).update(submitted_at=long_ago)
    client = signed_in(register.reporter)
    page = client.get(register.url)
    assert "The 15 days for remarks are over." in page.text
    assert "<textarea" not in page.text
    late = client.post(register.url, {"text": WORDS})
    assert (late.status_code, WORDS in late.text, Remark.objects.count()) == (409, True, 0)


def test_attested_again_it_begins_anew(register):
    register.attest()
    Submission.objects.filter(reporter=register.source).update(submitted_at=ATTESTED)
    register.send_back()
    with pytest.raises(services.RemarksClosed):
        register.remark(now=ATTESTED)
    register.attest(namur=5_151)
    assert register.remark().text == WORDS


def test_nothing_is_remarked_on_a_draft_or_on_ones_own_figures(register):
    with pytest.raises(services.RemarksClosed):
        register.remark()
    make.make_indicator("checks")
    make.make_round("2026-Q2")
    make.attested(register.approver, make.submission_of(register.zone, "2026-Q2"), figure(9))
    own = Expectation.objects.get(subject__unit=register.zone, version__indicator__code="checks")
    with pytest.raises(services.RemarksClosed):
        make_remark(actor=register.reporter, expectation=own, text=WORDS)


# --- Answers --------------------------------------------------------------------------------------


def test_the_source_finds_the_remark_beside_the_row_and_answers_once(register):
    register.attest()
    remark = register.remark()
    client, answer = signed_in(register.keeper), reverse("remark-answer", args=[remark.pk])
    report = reverse("report", args=[make.QUARTER, register.source.slug])
    page = client.get(report)
    assert WORDS in page.text
    assert f'href="{answer}"' in page.text
    register.send_back()
    form = client.get(report)
    assert "data-enter-next" in form.text
    assert WORDS in form.text
    sent = client.post(answer, {"answer": "You are right."})
    place = [make.QUARTER, register.source.slug, "hits", register.zone.slug]
    assert sent["Location"] == reverse("report-row", args=place)
    again = client.post(answer, {"answer": "You are wrong."})
    assert (again.status_code, "You are wrong." in again.text) == (409, True)
    remark.refresh_from_db()
    assert (remark.answer, remark.answered_by) == ("You are right.", register.keeper)
    assert "You are right." in signed_in(register.reporter).get(register.url).text
    assert AuditEntry.objects.filter(verb="remark.answered").count() == 1


def test_who_controls_the_source_reads_remarks_in_the_review(register):
    register.attest()
    remark = register.remark()
    client = signed_in(register.secretariat)
    review = client.get(reverse("review", args=[register.submission.pk]))
    assert WORDS in review.text
    address = reverse("remark-answer", args=[remark.pk])
    page = client.get(address)
    assert "<textarea" not in page.text
    assert client.post(address, {"answer": "No."}).status_code == 403
    with pytest.raises(PermissionDenied):
        answer_remark(actor=register.secretariat, remark=remark, answer="No.")


def test_nobody_else_answers_not_even_who_made_it(register):
    register.attest()
    remark = register.remark()
    address = reverse("remark-answer", args=[remark.pk])
    for user in (register.reporter, make.make_user(Role.APPROVER, register.other)):
        client = signed_in(user)
        assert client.get(address).status_code == 404
        assert client.post(address, {"answer": "No."}).status_code == 404
        with pytest.raises(PermissionDenied):
            answer_remark(actor=user, remark=remark, answer="No.")
    assert Remark.objects.get().answer == ""


@pytest.mark.parametrize("answer", ["", " ", "x" * 2001])
def test_an_answer_says_something(register, answer):
    register.attest()
    remark = register.remark()
    client = signed_in(register.keeper)
    sent = client.post(reverse("remark-answer", args=[remark.pk]), {"answer": answer})
    assert sent.status_code == 422
    with pytest.raises(ValidationError):
        answer_remark(actor=register.keeper, remark=remark, answer=answer)


# --- Cost -----------------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_one_figure_and_for_many(register, django_assert_num_queries):
    register.attest()
    register.remark()
    client = signed_in(register.reporter)
    client.get(reverse("about-us"))
    with django_assert_num_queries(7):
        client.get(reverse("about-us"))
    for code in ("2026-Q1", "2026-Q2"):
        make.make_round(code)
        sent = make.submission_of(register.source, code)
        make.attested(register.keeper, sent, [figure(2), figure(1), figure(1)] * 2)
        about = Expectation.objects.get(subject__unit=register.zone, submission=sent)
        make_remark(actor=register.reporter, expectation=about, text=WORDS)
    with django_assert_num_queries(7):
        page = client.get(reverse("about-us"))
    assert len(page.context["rows"]) == 3
