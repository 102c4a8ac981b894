from __future__ import annotations

import pytest
from django.utils import translation

from foundation.models import Notice
from organisations.enums import Role
from organisations.models import Unit, User
from submissions.models import Round, Submission
from tests import factories as make
from tests.factories import figure
from tests.submissions.mails.told import DUE, LOCKS, at, of


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def zone() -> Unit:
    make.make_indicator("checks")
    make.make_indicator("visits")
    return make.make_zone("namur", telephone="081 00 00 00")


@pytest.fixture
def people(zone) -> dict[str, User]:
    """Who acts for the zone and controls it, and those of another zone and coordinator."""
    other = make.make_zone("gent", dca=make.make_dca("dca-gent"))
    return {
        "reporter": make.make_user(Role.REPORTER, zone, language="en"),
        "approver": make.make_user(Role.APPROVER, zone, language="en"),
        "authority": make.make_user(Role.AUTHORITY, zone, language="en"),
        "coordinator": make.make_user(Role.COORDINATOR, zone.controlled_by, language="en"),
        "other reporter": make.make_user(Role.REPORTER, other, language="en"),
        "other coordinator": make.make_user(Role.COORDINATOR, other.controlled_by, language="en"),
        "secretariat": make.make_user(Role.SECRETARIAT, language="en"),
    }


@pytest.fixture
def opened(people) -> Round:
    """Open since three weeks before DUE, with the mails of its opening forgotten."""
    make.make_round()
    Notice.objects.all().delete()
    Round.objects.update(opens_at=at(21, 0), due_at=DUE, locks_at=LOCKS, frozen_at=at(21, 0))
    return Round.objects.select_related("period").get()


@pytest.fixture
def sent(zone, people) -> Submission:
    make.make_round()
    Notice.objects.all().delete()
    return make.attested(people["approver"], of(zone), figure(5))
