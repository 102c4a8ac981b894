"""More time for one unit: asked, granted, used, ended, expired, and nobody else's."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode

from foundation import kept
from foundation.models import AuditEntry
from foundation.templatetags import jalon
from organisations.enums import Role
from submissions import presenters, selectors
from submissions.enums import State
from submissions.models import Extension, ExtensionRequest, Submission
from submissions.services import (
    AlreadyAsked,
    RoundClosed,
    StateChanged,
    ask_for_time,
    attest,
    end_extension,
    grant_extension,
    refuse_time,
    send_back,
    validate,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
TEN_DAYS = dt.timedelta(days=10)


class Scene:
    """Two zones that missed a locked round, and the secretariat."""

    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone, self.neighbour = make.make_zone("namur"), make.make_zone("dinant")
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round(locked=True)

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    @property
    def report(self) -> str:
        return f"/report/{make.QUARTER}/namur/"

    def grant(self, *, days: int = 10, reason: str = "Floods") -> Extension:
        until = timezone.now() + dt.timedelta(days=days)
        return grant_extension(
            actor=self.secretariat, submission=self.submission, until=until, reason=reason
        )

    def ask(self, reason: str = "We moved") -> ExtensionRequest:
        return ask_for_time(actor=self.reporter, submission=self.submission, reason=reason)

    def client(self, user) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        return client

    def standing(self) -> presenters.Standing:
        return presenters.Standing.of(self.submission, timezone.now())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def expire() -> None:
    now = timezone.now()
    past = {"granted_at": now - TEN_DAYS, "until": now - dt.timedelta(seconds=1)}
    Extension.objects.update(**past)


def verbs() -> list[str]:
    entries = AuditEntry.objects.filter(subject_type="submissions.submission").order_by("pk")
    return list(entries.values_list("verb", flat=True))


# --- Used by one unit --------------------------------------------------------------------------


def test_late_figures_come_through_an_extension_only(scene):
    with pytest.raises(RoundClosed):
        make.enter(scene.reporter, scene.submission, figure(5))
    scene.grant()
    neighbour = make.make_user(Role.REPORTER, scene.neighbour)
    with pytest.raises(RoundClosed):
        make.enter(neighbour, make.submission_of(scene.neighbour), figure(5))
    make.enter(scene.reporter, scene.submission, figure(5))
    sent = scene.submission
    attest(actor=scene.approver, submission=sent, version=sent.version)
    sent = scene.submission
    send_back(actor=scene.coordinator, submission=sent, version=sent.version, reason="Too few?")
    make.enter(scene.reporter, scene.submission, figure(6))
    sent = scene.submission
    attest(actor=scene.approver, submission=sent, version=sent.version)
    sent = scene.submission
    validate(actor=scene.coordinator, submission=sent, version=sent.version)
    assert scene.submission.state == State.VALIDATED


@pytest.mark.parametrize("over", ["expired", "ended"])
def test_once_it_is_over_everything_is_closed_again(scene, over):
    given = scene.grant()
    make.enter(scene.reporter, scene.submission, figure(5))
    if over == "expired":
        expire()
    else:
        assert end_extension(actor=scene.secretariat, extension=given) is True
        assert end_extension(actor=scene.secretariat, extension=given) is False
    draft = scene.submission
    with pytest.raises(RoundClosed):
        attest(actor=scene.approver, submission=draft, version=draft.version)
    page = scene.client(scene.reporter).get(scene.report)
    assert page.templates[0].name == "submissions/report_readonly.html"
    assert "Round locked. Ask for more time; your draft is kept." in page.content.decode()
    work = scene.client(scene.reporter).get("/report/").context["work"]
    assert [group.code for group in work.groups] == ["locked"]


def test_an_expired_one_cannot_be_ended(scene):
    given = scene.grant()
    expire()
    assert end_extension(actor=scene.secretariat, extension=given) is False
    assert Extension.objects.get().ended_at is None


def test_the_longest_of_several_counts(scene):
    scene.grant(days=3)
    longest = scene.grant(days=20)
    assert scene.standing().extension == longest
    end_extension(actor=scene.secretariat, extension=longest)
    assert scene.standing().is_open


def test_every_place_shows_an_extended_unit_as_open(scene):
    given = scene.grant(reason="Floods in the valley")
    standing = scene.standing()
    assert (standing.is_open, standing.is_extended) == (True, True)
    assert (standing.is_locked, standing.is_late) == (False, False)
    now = timezone.now()
    taking = Submission.objects.taking_figures(now)
    assert [each.reporter for each in taking] == [scene.zone]
    assert [each.accepts_figures(now) for each in taking] == [True]
    queue = selectors.queue_of(scene.coordinator)
    assert [each.reporter for each in selectors.in_queue(queue, "expected")] == [scene.zone]
    reporter = scene.client(scene.reporter)
    form = reporter.get(scene.report)
    assert form.templates[0].name == "submissions/report_form.html"
    work = reporter.get("/report/")
    assert [line.extension for line in work.context["work"].open] == [given]
    for page in (form, work):
        assert "Floods in the valley" in page.content.decode()
    for page in (form, work, reporter.get("/")):
        assert "More time" in page.content.decode()
    control = scene.client(scene.coordinator).get("/report/").context["control"]
    [expected] = control.expected
    assert [line.submission.reporter for line in expected.lines] == [scene.zone]
    assert not expected.is_late


def test_a_sent_form_of_a_locked_round_says_so_even_with_more_time(scene):
    scene.grant()
    make.attested(scene.approver, scene.submission, figure(5))
    assert scene.standing().is_locked
    assert not scene.standing().is_open


# --- Granted -----------------------------------------------------------------------------------


def test_only_the_secretariat_gives_and_ends(scene):
    until = timezone.now() + TEN_DAYS
    given = scene.grant()
    for user in (scene.reporter, scene.approver, scene.coordinator):
        with pytest.raises(PermissionDenied):
            grant_extension(actor=user, submission=scene.submission, until=until, reason="x")
        with pytest.raises(PermissionDenied):
            end_extension(actor=user, extension=given)
    assert verbs() == ["submission.extended"]


@pytest.mark.parametrize(
    ("days", "reason", "field"), [(10, "  ", "reason"), (-1, "x", "until"), (90, "x", "until")]
)
def test_what_is_no_extension(scene, days, reason, field):
    with pytest.raises(ValidationError) as refusal:
        scene.grant(days=days, reason=reason)
    assert list(refusal.value.message_dict) == [field]
    assert not Extension.objects.exists()


def test_more_time_is_more_than_the_unit_has(scene):
    given = scene.grant(days=20)
    for until in (given.until, given.until - dt.timedelta(days=17)):
        with pytest.raises(ValidationError) as refusal:
            grant_extension(
                actor=scene.secretariat, submission=scene.submission, until=until, reason="Less"
            )
        assert list(refusal.value.message_dict) == ["until"]
    day = timezone.localdate() + dt.timedelta(days=3)
    answer = scene.client(scene.secretariat).post(
        f"/rounds/{make.QUARTER}/namur/more-time/",
        {"until": day.isoformat(), "reason": "Less", "token": "less"},
    )
    [error] = answer.context["form"].errors["until"]
    until = jalon.day(timezone.localdate(given.until))
    assert error == f"This unit has time until {until} already: choose a later day."
    assert Extension.objects.get() == given
    end_extension(actor=scene.secretariat, extension=given)
    scene.grant(days=3)


def test_validated_figures_need_no_more_time(scene):
    scene.grant()
    sent = make.attested(scene.approver, scene.submission, figure(5))
    validate(actor=scene.coordinator, submission=sent, version=sent.version)
    with pytest.raises(ValidationError):
        scene.grant()


def test_the_page_gives_time_until_the_end_of_a_day(scene):
    client = scene.client(scene.secretariat)
    url = f"/rounds/{make.QUARTER}/namur/more-time/"
    day = timezone.localdate() + TEN_DAYS
    posted = {"until": day.isoformat(), "reason": "Floods", "token": "once"}
    answers = [client.post(url, posted) for _click in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    given = Extension.objects.get()
    assert timezone.localtime(given.until).isoformat()[:19] == f"{day}T23:59:59"
    page = client.get(url).content.decode()
    assert f"/rounds/extensions/{given.pk}/end/" in page
    early = client.post(url, {**posted, "token": "other", "until": "2020-01-01"})
    assert list(early.context["form"].errors) == ["until"]
    end = f"/rounds/extensions/{given.pk}/end/"
    assert "Floods" in client.get(end).content.decode()
    assert [client.post(end).status_code for _click in range(2)] == [302, 302]
    assert verbs() == ["submission.extended", "submission.extension_ended"]
    assert "/end/" not in client.get(url).content.decode()


def test_another_content_of_the_same_page_is_refused_and_stays_in_its_fields(scene):
    client = scene.client(scene.secretariat)
    url = f"/rounds/{make.QUARTER}/namur/more-time/"
    days = [timezone.localdate() + dt.timedelta(days=days) for days in (10, 20)]
    posted = {"until": days[0].isoformat(), "reason": "Floods", "token": "once"}
    assert client.post(url, posted).status_code == 302
    changed = {**posted, "until": days[1].isoformat(), "reason": "Floods, and a fire"}
    answer = client.post(url, changed)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This page was sent before, with something else." in text
    assert "Floods, and a fire</textarea>" in text
    assert f'value="{changed["until"]}"' in text
    assert Extension.objects.get().reason == "Floods"
    again = client.post(url, {**changed, "token": answer.context["token"]})
    assert again.status_code == 302
    assert Extension.objects.count() == 2


def test_what_was_typed_for_figures_that_are_closed_now_is_shown_back(scene):
    scene.grant()
    sent = make.attested(scene.approver, scene.submission, figure(5))
    validate(actor=scene.coordinator, submission=sent, version=sent.version)
    day = timezone.localdate() + dt.timedelta(days=20)
    posted = {"until": day.isoformat(), "reason": "A long flood", "token": "once"}
    url = f"/rounds/{make.QUARTER}/namur/more-time/"
    text = scene.client(scene.secretariat).post(url, posted).content.decode()
    assert "<blockquote>A long flood</blockquote>" in text


# --- Asked for ---------------------------------------------------------------------------------


def test_a_unit_asks_once_and_sees_the_answer(scene):
    client = scene.client(scene.reporter)
    url = f"{scene.report}more-time/"
    assert f'href="{url}"' in client.get(scene.report).content.decode()
    assert client.post(url, {"reason": " "}).context["form"].errors
    assert [client.post(url, {"reason": "We moved"}).status_code for _click in range(2)] == [
        302
    ] * 2
    request = ExtensionRequest.objects.get()
    assert client.get(url).context["form"] is None
    work = client.get("/report/")
    [line] = work.context["work"].lines
    assert (line.action, line.waiting) == ("read", request)
    secretariat = scene.client(scene.secretariat)
    for page in ("/report/", "/rounds/", "/"):
        assert "equests for more time" in secretariat.get(page).content.decode()
    refuse = f"/rounds/requests/{request.pk}/refuse/"
    assert secretariat.post(refuse, {"refusal": ""}).context["refusal"].errors
    answers = [secretariat.post(refuse, {"refusal": "Too late"}) for _click in range(2)]
    assert [each.status_code for each in answers] == [302, 302]
    for page in (url, "/report/"):
        assert "Too late" in client.get(page).content.decode()
    assert client.get(url).context["form"] is not None
    assert verbs() == ["submission.time_asked", "submission.time_refused"]


def test_another_request_is_told_of_the_one_that_waits_and_loses_nothing(scene):
    url = f"{scene.report}more-time/"
    scene.ask("We moved")
    with pytest.raises(AlreadyAsked):
        ask_for_time(actor=scene.approver, submission=scene.submission, reason="We moved")
    posts = [(scene.approver, "Floods, until Friday"), (scene.reporter, "A second <reason>")]
    for user, reason in posts:
        answer = scene.client(user).post(url, {"reason": reason})
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "More time is asked for already: what you wrote was not sent." in text
        assert f"{scene.reporter}: “We moved”" in text
        written = escape(reason)
        assert f"What you had written</h2><blockquote>{written}</blockquote>" in text
    assert [each.reason for each in ExtensionRequest.objects.all()] == ["We moved"]
    assert verbs() == ["submission.time_asked"]


def test_a_refused_request_keeps_what_was_typed_before_signing_in_again(scene):
    url = f"{scene.report}more-time/"
    kept.keep(
        url, QueryDict(urlencode({"reason": "Mine", "seal": kept.seal(scene.approver.pk, url)}))
    )
    scene.ask()
    client = scene.client(scene.approver)
    assert client.post(url, {"reason": "Mine"}).status_code == 409
    assert "<blockquote>Mine</blockquote>" in client.get(url).content.decode()


def test_more_time_answers_the_request(scene):
    asked = scene.ask()
    given = scene.grant()
    asked.refresh_from_db()
    assert (asked.extension, asked.answered_by) == (given, scene.secretariat)
    assert not refuse_time(actor=scene.secretariat, request=asked, reason="Too late")
    assert not selectors.open_requests().exists()


def test_a_refusal_that_comes_too_late_is_shown_back(scene):
    asked = scene.ask()
    scene.grant()
    client = scene.client(scene.secretariat)
    answer = client.post(f"/rounds/requests/{asked.pk}/refuse/", {"refusal": "Twice last year"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This request was answered already." in text
    assert "What you had written</h2><blockquote>Twice last year</blockquote>" in text
    asked.refresh_from_db()
    assert asked.refusal == ""


def test_who_may_ask_and_who_may_answer(scene):
    neighbour = make.make_user(Role.REPORTER, scene.neighbour)
    for user in (neighbour, scene.coordinator, scene.secretariat):
        with pytest.raises(PermissionDenied):
            ask_for_time(actor=user, submission=scene.submission, reason="x")
    asked = scene.ask()
    for user in (scene.reporter, scene.coordinator):
        with pytest.raises(PermissionDenied):
            refuse_time(actor=user, request=asked, reason="x")
    with pytest.raises(ValidationError):
        refuse_time(actor=scene.secretariat, request=asked, reason=" ")
    assert scene.client(neighbour).get(f"{scene.report}more-time/").status_code == 404
    assert scene.client(scene.coordinator).get(f"{scene.report}more-time/").status_code == 403


def test_nothing_is_asked_about_what_was_sent(scene):
    scene.grant()
    make.attested(scene.approver, scene.submission, figure(5))
    with pytest.raises(StateChanged):
        scene.ask()
    client, url = scene.client(scene.reporter), f"{scene.report}more-time/"
    posted = client.post(url, {"reason": "A <long> reason"})
    text = posted.content.decode()
    assert (posted.status_code, posted.context["form"]) == (409, None)
    assert "These figures are sent: no more time is needed." in text
    assert "<blockquote>A &lt;long&gt; reason</blockquote>" in text
    assert "is asked for already" not in text


def test_the_database_refuses_half_an_answer(scene):
    asked = scene.ask()
    now = timezone.now()
    for wrong in (
        {"answered_at": now},
        {"refusal": "No"},
        {"answered_at": now, "answered_by": scene.secretariat},
        {"reason": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExtensionRequest.objects.filter(pk=asked.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtensionRequest.objects.create(
            submission=asked.submission, reason="x", asked_by=scene.reporter
        )
