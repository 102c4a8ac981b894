"""The web process killed while forms are saved: each save is whole or not there, and once."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import Unit, User
from submissions.models import Measurement
from tests.conftest import kill
from tests.factories import cells_of, make_indicator, make_round, make_user, make_zones
from tests.factories import submission_of as submission

from .conftest import Machine

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.faults,
]
KILLS = 4
FIGURES = 6
CSRF = "c" * 32


@dataclass
class Desk:
    """Somebody who saves a form over and over, each time until an answer says that it is saved."""

    zone: Unit
    port: int
    session: str
    cells: list[str]
    saves: int = 0
    repeated: int = 0

    def work(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            token, deadline = secrets.token_urlsafe(16), time.monotonic() + 60
            while not self.sent(token):
                self.repeated += 1
                assert time.monotonic() < deadline
                time.sleep(0.1)
            self.saves += 1

    def sent(self, token: str) -> bool:
        """Whether the server said that it saved what this token stands for."""
        fields = {"token": token, "csrfmiddlewaretoken": CSRF, "action": "save", "version": "0"}
        for cell in self.cells:
            fields |= {f"{cell}-version": str(self.saves), f"{cell}-numerator": str(self.saves + 1)}
        cookies = {settings.SESSION_COOKIE_NAME: self.session, settings.CSRF_COOKIE_NAME: CSRF}
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = reverse("report", args=["2026-Q3", self.zone.slug])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        assert (answer.status, answer.getheader("location")) == (302, path), body.decode()
        return True


def desk(zone: Unit, machine: Machine) -> Desk:
    user: User = make_user(Role.REPORTER, zone)
    client = Client()
    client.force_login(user)
    cells = [f"c{cell.pk}" for cell in cells_of(submission(zone))]
    assert len(cells) == FIGURES
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Desk(zone, machine.port, session, cells)


def test_saves_are_whole_and_once_though_the_web_process_is_killed(machine: Machine) -> None:
    zones = make_zones(5)
    for number in range(FIGURES):
        make_indicator(f"count-{number}", decimals=0)
    make_round()
    desks = [desk(zone, machine) for zone in zones]
    machine.store()
    web = machine.web()
    over = threading.Event()
    with ThreadPoolExecutor(len(desks)) as pool:
        working = [pool.submit(each.work, over.is_set) for each in desks]
        try:
            for place in range(KILLS):
                saved = sum(each.saves for each in desks)
                deadline = time.monotonic() + 20
                while sum(each.saves for each in desks) < saved + 8 + place:
                    assert time.monotonic() < deadline
                    assert not any(each.done() for each in working)
                    time.sleep(0.01)
                kill(web)
                web = machine.web()
        finally:
            over.set()
        for each in working:
            each.result(timeout=90)
    assert sum(each.repeated for each in desks) >= KILLS
    for each in desks:
        expected = [(number, number) for number in range(1, each.saves + 1)]
        for cell in cells_of(submission(each.zone)):
            said = Measurement.objects.filter(cell=cell).order_by("revision")
            assert list(said.values_list("revision", "numerator")) == expected
        entries = AuditEntry.objects.filter(
            verb="submission.entered", subject_id=submission(each.zone).pk
        )
        assert entries.count() == each.saves
