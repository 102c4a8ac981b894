"""Notices: written with what they tell, in each reader's language, and sent at most once."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation import mailing, notices, outbox, tasks
from foundation.models import AuditEntry, Notice, OutboxEntry, UnwantedNotice
from foundation.notices import Item, Message, Telling, notify, notify_each
from foundation.registries import notice_kinds
from organisations.enums import Language, Role
from organisations.models import User
from organisations.selectors import with_access
from tests import factories as make
from tests.conftest import kill, wait_until
from tests.foundation import smtp

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    return make.make_zone("namur")


@pytest.fixture
def reporter(zone) -> User:
    return make.make_user(Role.REPORTER, zone)


@pytest.fixture
def server(settings, monkeypatch) -> Iterator[smtp.MailServer]:
    """A mail server, to which this process and workers started later send."""
    monkeypatch.setattr(mailing, "_rested_until", 0.0)
    with smtp.running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = False
        yield running


def a_message() -> Message:
    return Message(
        "A subject", ["A paragraph."], [Item("ZP", "3", "/x/")], "Open", "/report/", "02"
    )


def tell(*users: User, key: str = "1", kind: str = "validated", **options: object) -> int:
    return notify(kind=kind, users=users, key=key, message=a_message, **options)


def entry() -> OutboxEntry:
    return OutboxEntry.objects.get(topic=notices.TOPIC)


# --- Written ----------------------------------------------------------------------------------


def test_a_notice_is_written_once_per_user_kind_and_key(reporter):
    assert [tell(reporter), tell(reporter)] == [1, 0]
    assert [tell(reporter, key="2"), tell(reporter, kind="overdue")] == [1, 1]
    assert OutboxEntry.objects.filter(topic=notices.TOPIC).count() == 3


def test_it_rolls_back_with_what_it_tells(reporter):
    with transaction.atomic():
        tell(reporter)
        transaction.set_rollback(True)
    assert (Notice.objects.count(), OutboxEntry.objects.count()) == (0, 0)


def test_a_kind_that_nobody_registered_is_an_error(reporter):
    with pytest.raises(LookupError):
        tell(reporter, kind="no-such-kind")


def test_each_reads_it_in_their_language(zone):
    other = make.make_zone("gent", language=Language.NL)
    both = make.make_zone("brussel", language=Language.FR_NL)
    readers = [
        make.make_user(Role.REPORTER, zone),
        make.make_user(Role.REPORTER, other),
        make.make_user(Role.APPROVER, other, language="de"),
        make.make_user(Role.REPORTER, both),
    ]
    tell(*readers)
    said = Notice.objects.order_by("user_id").values_list("language", flat=True)
    assert list(said) == ["fr", "nl", "de", "fr"]


def test_who_turned_a_kind_off_is_not_told_unless_it_is_always_sent(reporter):
    for kind in ("validated", "returned"):
        UnwantedNotice.objects.create(user=reporter, kind=kind)
    assert [tell(reporter), tell(reporter, kind="returned")] == [0, 1]


def test_a_mail_says_why_one_gets_it_and_leads_to_absolute_addresses(reporter, settings):
    settings.SITE_URL = "https://jalon.example"
    reporter.language = "en"
    tell(reporter)
    notice = Notice.objects.get()
    mails = f"https://jalon.example{reverse('foundation:mail-preferences')}"
    for said in (notice.text, notice.html):
        assert "https://jalon.example/report/" in said
        assert "https://jalon.example/x/" in said
        assert mails in said
        assert "because you enter or attest the figures" in said
        assert "Demonstration" not in said
    assert 'href="/' not in notice.html
    assert '<html lang="en">' in notice.html


def test_a_demonstration_says_that_its_figures_are_fictitious(reporter, settings):
    settings.DEMO = True
    reporter.language = "en"
    tell(reporter)
    notice = Notice.objects.get()
    assert "fictitious figures" in notice.text
    assert "fictitious figures" in notice.html


def test_what_somebody_typed_is_text_in_html_and_one_line_in_a_subject(reporter):
    typed = "<script>alert(1)</script> & more"
    notify(
        kind="returned",
        users=[reporter],
        key="1",
        message=lambda: Message(f"Two\r\nlines {'x' * 300}", [typed]),
    )
    notice = Notice.objects.get()
    assert typed in notice.text
    assert "<script>" not in notice.html
    assert notice.subject.startswith("Two lines xxx")
    assert len(notice.subject) == 200


@pytest.mark.parametrize("count", [1, 30])
def test_telling_many_of_many_things_takes_the_same_number_of_queries(
    count, django_assert_num_queries
):
    users = [
        make.make_user(Role.REPORTER, each)
        for each in [make.make_zone(f"zone-{number}") for number in range(count)]
    ]
    readers = with_access(User.objects.filter(pk__in=[user.pk for user in users]))
    with django_assert_num_queries(9):  # had, unwanted, write, made, owe; two savepoints
        written = notify_each(
            kind="opening",
            tellings=[Telling([each], str(each.pk), a_message) for each in readers],
        )
    assert len(written) == count


# --- Sent -------------------------------------------------------------------------------------


def test_a_mail_has_both_forms_and_the_headers_of_one_that_no_person_wrote(reporter, settings):
    settings.CONTACT_EMAIL = "contact@jalon.example"
    settings.DEFAULT_FROM_EMAIL = "Jalon <jalon@jalon.example>"
    tell(reporter)
    assert mailing.send(entry().pk) is True
    [sent] = mail.outbox
    notice = Notice.objects.get()
    assert (sent.to, sent.subject) == ([reporter.email], "A subject")
    assert (sent.from_email, sent.reply_to) == (
        settings.DEFAULT_FROM_EMAIL,
        ["contact@jalon.example"],
    )
    assert sent.body == notice.text
    assert sent.alternatives == [(notice.html, "text/html")]
    headers = sent.extra_headers
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe"] == f"<{notices.preferences_url()}>"
    assert headers["Message-ID"].startswith(f"<notice-{notice.pk}-")
    assert headers["Message-ID"].endswith("@jalon.example>")
    assert mailing.message_of(notice).extra_headers["Message-ID"] == headers["Message-ID"]
    assert notice.sent_at is not None


def test_the_same_task_again_and_the_same_work_owed_again_send_nothing(reporter):
    tell(reporter)
    assert [mailing.send(entry().pk), mailing.send(entry().pk)] == [True, False]
    notices.enqueue(topic=notices.TOPIC, keys=[entry().key])
    assert mailing.send(entry().pk) is True
    assert len(mail.outbox) == 1
    assert not OutboxEntry.objects.pending().exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user, zone: User.objects.update(is_active=False), id="closed"),
        pytest.param(
            lambda user, zone: user.memberships.update(end=timezone.localdate()), id="ended"
        ),
        pytest.param(
            lambda user, zone: user.memberships.update(unit=make.make_zone("other")),
            id="in another unit",
        ),
        pytest.param(
            lambda user, zone: user.memberships.update(role=Role.AUTHORITY), id="another role"
        ),
        pytest.param(
            lambda user, zone: UnwantedNotice.objects.create(user=user, kind="validated"),
            id="turned off",
        ),
    ],
)
def test_who_is_to_hear_of_it_no_more_gets_nothing(change, reporter, zone):
    tell(reporter, units=[zone.pk])
    change(reporter, zone)
    assert mailing.send(entry().pk) is True
    assert mail.outbox == []
    assert Notice.objects.count() == 0
    assert not OutboxEntry.objects.pending().exists()


def test_a_role_in_the_unit_still_held_gets_it(reporter, zone):
    tell(reporter, units=[zone.pk])
    make.Membership.objects.create(
        user=reporter, role=Role.REPORTER, unit=make.make_zone("other"), start=dt.date(2020, 1, 1)
    )
    mailing.send(entry().pk)
    assert len(mail.outbox) == 1


def test_accounts_of_the_demonstration_get_no_mail_and_their_notice_is_marked(reporter):
    User.objects.update(is_demo=True)
    tell(reporter)
    assert mailing.send(entry().pk) is True
    assert mail.outbox == []
    assert Notice.objects.get().sent_at is not None


# --- A mail server that misbehaves ------------------------------------------------------------


def test_a_server_takes_it(reporter, server):
    tell(reporter)
    assert mailing.send(entry().pk) is True
    [taken] = server.taken
    assert taken["To"] == reporter.email
    assert [part.get_content_type() for part in taken.iter_parts()] == ["text/plain", "text/html"]


def test_a_server_that_is_away_is_tried_again_later_and_the_mail_goes(
    reporter, server, settings, monkeypatch
):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = unused.getsockname()[1]
        tell(reporter)
        assert mailing.send(entry().pk) is False
    waiting = entry()
    assert (waiting.attempts, waiting.set_aside_at) == (1, None)
    assert "ConnectionRefusedError" in waiting.last_error
    assert Notice.objects.get().claimed_at is None
    settings.EMAIL_PORT = server.port
    assert mailing.send(waiting.pk) is False  # It is let alone for a moment.
    monkeypatch.setattr(mailing, "_rested_until", 0.0)
    assert mailing.send(waiting.pk) is True
    assert server.recipients == [reporter.email]


def test_what_failed_waits_twice_as_long_after_each_failure(reporter):
    tell(reporter)
    now = timezone.now()
    for attempts, minutes in ((1, 2), (2, 4), (3, 8), (6, 64), (40, 64)):
        OutboxEntry.objects.update(
            attempts=attempts, last_error="away", sent_generation=1, sent_at=now
        )
        almost = now + dt.timedelta(minutes=minutes) - dt.timedelta(seconds=1)
        assert (attempts, outbox.reconcile(almost)) == (attempts, 0)
        assert (attempts, outbox.reconcile(almost + dt.timedelta(seconds=2))) == (attempts, 1)


def test_after_the_last_attempt_it_is_set_aside_and_shown(reporter, server, settings, monkeypatch):
    tell(reporter)
    OutboxEntry.objects.update(attempts=mailing.ATTEMPTS - 1)
    server.refusals[reporter.email] = "451 later"
    assert mailing.send(entry().pk) is False
    assert entry().set_aside_at is not None
    client = Client()
    client.force_login(make.make_user(Role.ADMINISTRATOR))
    page = client.get(reverse("state")).content.decode()
    assert "the mail server answers 451" in page
    assert reporter.email not in page


def test_one_address_that_is_refused_for_good_keeps_no_other_mail(zone, reporter, server):
    other = make.make_user(Role.APPROVER, zone)
    server.refusals[reporter.email] = "550 nobody here"
    tell(reporter, other)
    for pk in OutboxEntry.objects.values_list("pk", flat=True):
        mailing.send(pk)
    assert server.recipients == [other.email]
    refused = OutboxEntry.objects.set_aside().get()
    assert refused.last_error == "The mail server refuses this mail (550)."


def test_a_connection_that_breaks_after_the_mail_went_is_not_tried_again(reporter, server):
    server.after_data = "drop"
    tell(reporter)
    assert mailing.send(entry().pk) is False
    assert "may have been delivered" in OutboxEntry.objects.set_aside().get().last_error
    server.after_data = ""
    assert mailing.send(entry().pk) is False
    assert len(server.taken) == 1
    outbox.try_again(entry_id=entry().pk)  # A person says so.
    assert mailing.send(entry().pk) is True
    assert len(server.taken) == 2


def test_while_another_hands_it_over_nothing_is_done_and_no_attempt_counts(reporter):
    tell(reporter)
    Notice.objects.update(claimed_at=timezone.now())
    for _time in range(3):
        assert mailing.send(entry().pk) is False
    assert (entry().attempts, entry().set_aside_at) == (0, None)
    assert mail.outbox == []


# --- Real workers -----------------------------------------------------------------------------


@pytest.fixture
def sending_worker(worker, child_environment, server):
    """Starts real workers that send to ``server``."""
    child_environment["EMAIL_URL"] = server.url
    return worker


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_two_workers_and_many_tasks_of_one_notice_send_one_mail(zone, server, sending_worker):
    people = [make.make_user(Role.REPORTER, zone, name=f"reporter-{n}") for n in range(10)]
    sending_worker("--hostname=one@%h")
    sending_worker("--hostname=two@%h")
    tell(*people)
    for _time in range(4):
        for pk in OutboxEntry.objects.values_list("pk", flat=True):
            tasks.send_notice.delay(pk)
    outbox.relay()
    wait_until(lambda: not Notice.objects.filter(sent_at=None).exists(), seconds=30)
    wait_until(lambda: not OutboxEntry.objects.pending().exists())
    assert server.recipients == sorted(user.email for user in people)


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_a_worker_killed_after_the_mail_went_leaves_it_sent_once(reporter, server, sending_worker):
    server.after_data = "hang"
    running = sending_worker()
    tell(reporter)
    wait_until(lambda: server.taken)
    kill(running)
    assert Notice.objects.get().sent_at is None
    server.after_data = ""
    sending_worker("--hostname=next@%h")
    Notice.objects.update(claimed_at=timezone.now() - mailing.ABANDONED_AFTER)
    outbox.reconcile(timezone.now() + outbox.LOST_AFTER * 2)
    outbox.relay()
    wait_until(lambda: OutboxEntry.objects.set_aside().exists())
    assert "may have been delivered" in entry().last_error
    assert len(server.taken) == 1


# --- Preferences ------------------------------------------------------------------------------


def test_the_page_offers_the_kinds_of_ones_roles_and_keeps_the_choice(zone, reporter):
    client = Client()
    client.force_login(reporter)
    url = reverse("foundation:mail-preferences")
    form = client.get(url).context["form"]
    mine = {kind.name for kind in notice_kinds if kind.permission == "submissions.enter"}
    always = {kind.name for kind in notice_kinds if kind.always}
    assert always == {"returned", "reminder"}
    assert set(form.fields) == mine - always
    assert all(form.initial[name] for name in form.fields)
    kept = {name: "on" for name in form.fields if name != "opening"}
    assert client.post(url, kept).status_code == 302
    assert notices.unwanted_by(reporter) == {"opening"}
    assert client.get(url).context["form"].initial["opening"] is False
    client.post(url, kept)
    assert AuditEntry.objects.filter(verb="mails.chosen").count() == 1
    client.post(url, {**kept, "opening": "on"})
    assert notices.unwanted_by(reporter) == set()


def test_what_a_role_does_not_bring_is_left_as_it_was(zone, reporter):
    UnwantedNotice.objects.create(user=reporter, kind="digest")
    notices.choose(actor=reporter, wanted=["digest", "opening"])
    assert "digest" in notices.unwanted_by(reporter)


def test_whoever_gets_no_mail_is_told_so():
    client = Client()
    client.force_login(make.make_user(Role.COUNCIL))
    response = client.get(reverse("foundation:mail-preferences"))
    assert response.context["form"].fields == {}
    assert '<form method="post">' not in response.content.decode()


# --- The test inbox ---------------------------------------------------------------------------


@pytest.fixture
def demonstrated(reporter, settings) -> Notice:
    settings.DEMO = True
    User.objects.update(is_demo=True)
    tell(reporter)
    return Notice.objects.get()


def pages(notice: Notice) -> list[str]:
    return [
        reverse("foundation:inbox"),
        reverse("foundation:inbox-mail", args=[notice.pk]),
        reverse("foundation:inbox-html", args=[notice.pk]),
    ]


def seen_by(user: User, notice: Notice) -> list[bool]:
    """Whether each page of the inbox shows the mail to somebody."""
    client = Client()
    client.force_login(user)
    answers = [client.get(url) for url in pages(notice)]
    return [each.status_code == 200 and notice.subject in each.content.decode() for each in answers]


def test_each_account_reads_its_own_mails_and_the_administrator_all(demonstrated, reporter, zone):
    colleague = make.make_user(Role.APPROVER, zone, is_demo=True)
    assert seen_by(reporter, demonstrated) == [True] * 3
    assert seen_by(colleague, demonstrated) == [False] * 3
    assert seen_by(make.make_user(Role.ADMINISTRATOR), demonstrated) == [True] * 3


def test_the_administrator_reads_no_mail_of_a_real_account(demonstrated, reporter):
    User.objects.update(is_demo=False)
    administrator = make.make_user(Role.ADMINISTRATOR)
    assert seen_by(administrator, demonstrated) == [False] * 3
    assert seen_by(reporter, demonstrated) == [False] * 3


def test_without_the_demonstration_there_is_no_inbox(demonstrated, reporter, settings):
    settings.DEMO = False
    client = Client()
    anonymous = [client.get(url).status_code for url in pages(demonstrated)]
    client.force_login(reporter)
    assert anonymous + [client.get(url).status_code for url in pages(demonstrated)] == [404] * 6
    assert reverse("foundation:inbox") not in client.get("/").content.decode()


def test_html_is_shown_without_origin_scripts_or_frames(demonstrated, reporter):
    client = Client()
    client.force_login(reporter)
    response = client.get(pages(demonstrated)[2])
    policy = {each.strip() for each in response["Content-Security-Policy"].split(";")}
    assert policy == {
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]
    page = client.get(pages(demonstrated)[1])
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "<style" not in page.content.decode()


# --- What is left -----------------------------------------------------------------------------


def test_old_notices_go_and_outbox_rows_that_did_their_work(reporter):
    tell(reporter)
    mailing.send(entry().pk)
    later = timezone.now() + notices.ENTRIES_KEPT_FOR
    notices.sweep(later - dt.timedelta(minutes=1))
    assert (Notice.objects.count(), OutboxEntry.objects.count()) == (1, 1)
    notices.sweep(later + dt.timedelta(minutes=1))
    assert (Notice.objects.count(), OutboxEntry.objects.count()) == (1, 0)
    Notice.objects.update(created_at=timezone.now() - notices.KEPT_FOR - dt.timedelta(minutes=1))
    tasks.reconcile()
    assert Notice.objects.count() == 0


def test_what_is_still_owed_is_not_swept(reporter):
    tell(reporter)
    notices.sweep(timezone.now() + notices.ENTRIES_KEPT_FOR * 2)
    assert OutboxEntry.objects.pending().count() == 1
