"""Mails about decisions: exactly who is told, of what, and once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from foundation.models import Notice, UnwantedNotice
from foundation.templatetags import jalon
from organisations.enums import Language, Role
from organisations.models import Unit, User
from submissions import notices
from submissions.enums import CorrectionState
from submissions.models import OUTDATED, Extension, Round
from submissions.services import (
    ask_for_time,
    end_extension,
    grant_extension,
    refuse_time,
    send_back,
    validate,
)
from tests import factories as make
from tests.factories import figure
from tests.submissions.mails.told import (
    LOCKS,
    a_correction,
    at,
    of,
    subjects,
    told,
)

pytestmark = pytest.mark.django_db


def test_a_return_tells_the_unit_the_reason(sent, people):
    UnwantedNotice.objects.create(user=people["reporter"], kind="returned")
    send_back(
        actor=people["coordinator"], submission=sent, version=sent.version, reason="Twice <last>?"
    )
    assert told("returned", people) == ["approver", "reporter"]
    notice = Notice.objects.get(user=people["reporter"])
    assert "“Twice <last>?”" in notice.text
    assert "Twice &lt;last&gt;?" in notice.html
    assert f"/report/{make.QUARTER}/namur/" in notice.text
    assert people["coordinator"].name not in notice.text


def test_a_return_says_until_when_the_unit_has_time(sent, people):
    now, day = timezone.now(), dt.timedelta(days=1)
    Round.objects.update(opens_at=now - 9 * day, due_at=now - 2 * day, locks_at=now - day)
    until = now + 9 * day
    send_back(
        actor=people["coordinator"],
        submission=sent,
        version=sent.version,
        reason="Too few?",
        until=until,
    )
    text = Notice.objects.get(user=people["reporter"]).text
    assert f"They are taken until {jalon.day(timezone.localtime(until).date())}." in text


def test_a_second_return_is_told_too(sent, people):
    coordinator = people["coordinator"]
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="First")
    again = make.attested(people["approver"], of(sent.reporter), figure(6))
    send_back(actor=coordinator, submission=again, version=again.version, reason="Second")
    assert told("returned", people) == sorted(["approver", "reporter"] * 2)


def test_a_validation_tells_the_unit_shortly(sent, people):
    validate(actor=people["coordinator"], submission=sent, version=sent.version)
    assert told("validated", people) == ["approver", "reporter"]
    assert subjects("validated") == {"ZP Namur, Q3 2026: validated"}


def test_what_is_rolled_back_tells_nobody(sent, people):
    with pytest.raises(Exception, match="is submitted"):
        validate(actor=people["coordinator"], submission=sent, version=sent.version - 1)
    assert Notice.objects.count() == 0


def test_more_time_is_told_with_its_reason(zone, opened, people):
    given = Extension.objects.create(
        submission=of(zone),
        until=LOCKS + dt.timedelta(days=5),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )
    assert [notices.tell_extension(given), notices.tell_extension(given)] == [2, 0]
    assert told("extension", people) == ["approver", "reporter"]
    assert "Floods" in Notice.objects.first().text


@pytest.fixture
def desk(settings) -> str:
    settings.SECRETARIAT_TELEPHONE, settings.CONTACT_EMAIL = "02 222 22 22", "desk@pol.example"
    return "Secretariat, 02 222 22 22, desk@pol.example"


def test_a_refusal_of_time_is_told_with_its_reason_and_whom_to_call(zone, people, desk):
    make.make_round(locked=True)
    Unit.objects.filter(pk=zone.pk).update(language=Language.NL)
    User.objects.filter(pk=people["approver"].pk).update(language="")
    asked = ask_for_time(actor=people["reporter"], submission=of(zone), reason="We moved")
    for _twice in range(2):
        refuse_time(actor=people["secretariat"], request=asked, reason="Twice <last> year")
    assert told("extension", people) == ["approver", "reporter"]
    notice = Notice.objects.get(user=people["reporter"])
    assert notice.subject.replace("\u00a0", " ") == "ZP Namur, Q3 2026: no more time"
    assert "Reason: “Twice <last> year”" in notice.text
    assert "Twice &lt;last&gt; year" in notice.html
    assert f"Questions? {desk}" in notice.text
    assert "What you have entered is kept." in notice.text
    assert people["secretariat"].name not in notice.text
    assert Notice.objects.get(user=people["approver"]).language == "nl"


def test_a_refusal_says_until_when_an_open_round_still_takes_figures(zone, people, desk):
    made = make.make_round(late=True)
    asked = ask_for_time(actor=people["reporter"], submission=of(zone), reason="We moved")
    refuse_time(actor=people["secretariat"], request=asked, reason="Enough")
    until = jalon.day(timezone.localtime(made.locks_at).date())
    assert f"The figures are taken until {until}." in Notice.objects.first().text


def test_time_that_is_taken_back_is_told_with_what_is_left(zone, people, desk):
    make.make_round(locked=True)
    UnwantedNotice.objects.create(user=people["approver"], kind="extension")
    now, day = timezone.now(), dt.timedelta(days=1)
    times = [
        grant_extension(
            actor=people["secretariat"],
            submission=of(zone),
            until=now + days * day,
            reason="Floods",
        )
        for days in (5, 9)
    ]
    Notice.objects.all().delete()
    for each in reversed(times):
        for _twice in range(2):
            end_extension(actor=people["secretariat"], extension=each)
    assert told("extension", people) == ["reporter", "reporter"]
    first, second = Notice.objects.order_by("pk").values_list("text", flat=True)
    until = jalon.day(timezone.localtime(times[0].until).date())
    assert f"The figures are taken until {until}." in first
    assert "takes no figures any more" in second
    assert f"Questions? {desk}" in second


def test_a_correction_is_told_to_whose_turn_it_is(sent, people):
    asked = a_correction(sent, people)
    notices.tell_correction(asked)
    assert told("correction", people) == ["approver"]
    asked.state, asked.attested_at = CorrectionState.ATTESTED, timezone.now()
    asked.attested_by = people["approver"]
    asked.save()
    notices.tell_correction(asked)
    assert told("correction_asked", people) == ["coordinator"]
    assert "081 00 00 00" in Notice.objects.get(kind="correction_asked").text
    asked.state, asked.decision_reason = CorrectionState.REFUSED, "Not proven"
    notices.tell_correction(asked)
    assert told("correction", people) == ["approver", "approver", "reporter"]
    assert "“Not proven”" in Notice.objects.filter(user=people["reporter"]).get().text
    asked.state = CorrectionState.WITHDRAWN
    assert notices.tell_correction(asked) == 0


def test_a_correction_that_is_out_of_date_says_so_in_the_reader_s_words(sent, people):
    asked = a_correction(sent, people)
    asked.state, asked.decision_reason = CorrectionState.REFUSED, OUTDATED
    User.objects.filter(pk=people["reporter"].pk).update(language="nl")
    notices.tell_correction(asked)
    notice = Notice.objects.get(user=people["reporter"])
    assert notice.language == "nl"
    assert OUTDATED not in notice.text
    assert "Het cijfer is gewijzigd sinds dit werd gevraagd" in notice.text


def test_a_correction_of_a_unit_that_nobody_coordinates_goes_to_the_secretariat(people):
    unit = make.make_unit("cgi")
    make.make_indicator("federal", addressed="listed", subjects=[unit])
    make.make_round()
    approver = make.make_user(Role.APPROVER, unit)
    sent = make.attested(approver, of(unit), figure(5))
    cast = {**people, "coordinator": people["secretariat"], "reporter": approver}
    asked = a_correction(
        sent,
        cast,
        state=CorrectionState.ATTESTED,
        attested_at=timezone.now(),
        attested_by=approver,
    )
    notices.tell_correction(asked)
    assert told("correction_asked", people) == ["secretariat"]
