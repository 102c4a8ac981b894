"""python -m bench.attest: every zone attests at once, against a server started for it.

Prepares a complete draft per zone of the reference data, signs each approver in, opens each form,
then posts all of them from a bounded number of threads, as browsers would. Exits with 1 unless all
are accepted, once each, within the minute. SQLite in a folder of its own, or an empty database
named by DATABASE_URL; nothing of it is kept.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from .__main__ import BUILT_IN, say, store

QUARTER = "2026-Q3"
SECONDS = 60
THREADS = 32
HOST = "127.0.0.1"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="jalon-attest-") as folder:
        os.environ |= {"JALON_VAR": folder, "LOCAL": "1", "DEMO": "0", "LOG_LEVEL": "ERROR"}
        os.environ["PORT"] = str(_free_port())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        sys.exit(run())


def run() -> int:
    """The number to exit with."""
    from django.core.management import call_command
    from django.db import connection

    from organisations.models import Unit

    call_command("migrate", verbosity=0)
    if Unit.objects.exists():
        sys.exit(BUILT_IN)
    call_command("collectstatic", interactive=False, verbosity=0)
    say("preparing a complete draft for every zone")
    approvers = prepare()
    connection.close()
    with ExitStack() as running:
        running.enter_context(store())
        running.enter_context(processes())
        say(f"opening {len(approvers)} forms")
        desks = in_parallel([Desk(slug, cookie).open for slug, cookie in approvers])
        say("attesting")
        start = time.perf_counter()
        answers = in_parallel([desk.attest for desk in desks])
        elapsed = time.perf_counter() - start
        return report(answers, elapsed, expected=len(approvers))


# --- The world --------------------------------------------------------------------------------


def prepare() -> list[tuple[str, str]]:
    """Drafts with nothing missing; the slug of each zone and the session of its approver."""
    from django.conf import settings
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from indicators.periods import ensure_periods
    from organisations.enums import Role
    from organisations.models import Membership, User
    from submissions.demo import Fate, Hands, fill
    from submissions.enums import State
    from submissions.services import open_round

    from . import world

    start, now = dt.date(2020, 1, 1), timezone.now()
    with transaction.atomic():
        world.load()
        world.add_indicators(len(world.KINDS), with_options=True)
        period = ensure_periods([QUARTER])[QUARTER]
        days = dt.timedelta(days=1)
        dates = {"opens_at": now - days, "due_at": now + 20 * days, "locks_at": now + 30 * days}
        made = open_round(actor=None, period=period, **dates)
        zones = [each.reporter for each in made.submissions.select_related("reporter")]
        approvers = [User.objects.create(email=f"{zone.slug}@bench.example") for zone in zones]
        Membership.objects.bulk_create(
            Membership(user=user, role=Role.APPROVER, unit=zone, start=start)
            for user, zone in zip(approvers, zones, strict=True)
        )
        writer = approvers[0]
        fates = dict.fromkeys(made.submissions.values_list("pk", flat=True), Fate(State.DRAFT))
        hands = Hands(writer, writer, writer)
        fill(round=made, answers=dict(answers(made)), fates=fates, hands=hands, at=now)
    sessions = []
    for user, zone in zip(approvers, zones, strict=True):
        client = Client()
        client.force_login(user)
        sessions.append((zone.slug, client.cookies[settings.SESSION_COOKIE_NAME].value))
    return sessions


def answers(made: Any) -> Iterator[tuple[int, Any]]:
    """A figure for every cell, one in 97 not available; options add up to their total."""
    from indicators.enums import CellStatus
    from submissions.demo import Answer
    from submissions.models import Cell

    cells = Cell.objects.filter(expectation__submission__round=made).order_by("pk")
    for pk, expectation, option, kind in cells.values_list(
        "pk", "expectation_id", "option", "expectation__version__kind"
    ):
        if expectation % 97 == 0:
            yield pk, Answer(CellStatus.NOT_AVAILABLE, reason="not counted")
        else:
            yield pk, _figure(kind, expectation * 7919 % 89, 1 if option else 4)


def _figure(kind: str, seed: int, share: int) -> Any:
    from indicators.enums import Kind
    from submissions.demo import Answer

    if kind in (Kind.YES_NO, Kind.SCALE):
        return Answer(numerator=seed % (2 if kind == Kind.YES_NO else 5))
    divided = kind in (Kind.RATIO, Kind.MEAN)
    return Answer(numerator=seed * share, denominator=100 * share if divided else None)


# --- The server -------------------------------------------------------------------------------


@contextmanager
def processes() -> Iterator[None]:
    """Worker and web as the supervisor runs them, until the end; web answers when this begins."""
    from django.conf import settings

    from config import supervisor

    commands = {each.name: each.command for each in supervisor.services()}
    started = []
    try:
        for name in ("worker", "web"):
            with (settings.LOG_DIR / f"{name}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(  # noqa: S603 - the product's own commands
                        commands[name], cwd=settings.BASE_DIR, stdout=log, stderr=log
                    )
                )
        deadline = time.monotonic() + supervisor.START_SECONDS
        while not supervisor.web_answers():
            if time.monotonic() > deadline or started[-1].poll() is not None:
                sys.exit((settings.LOG_DIR / "web.log").read_text())
            time.sleep(0.1)
        yield
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# --- An approver at a form ----------------------------------------------------------------------


@dataclass
class Desk:
    """An approver who has the form of a zone open: its fields as a browser would send them."""

    slug: str
    session: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    csrf: str = ""

    @property
    def path(self) -> str:
        return f"/report/{QUARTER}/{self.slug}/"

    def open(self) -> Desk:
        status, headers, body = self._send("GET")
        if status != 200:
            raise RuntimeError(f"{self.path} answered {status} {dict(headers).get('location', '')}")
        self.csrf = _cookie(headers, _names()[1])
        self.fields = fields_of(body.decode(), holding="token")
        return self

    def attest(self) -> Any:
        posted = [*self.fields, ("statement", "1"), ("action", "attest")]
        start = time.perf_counter()
        try:
            status, headers, body = self._send("POST", urlencode(posted))
        except (OSError, http.client.HTTPException) as error:
            return Answer(self.slug, 0, repr(error), time.perf_counter() - start)
        seconds = time.perf_counter() - start
        said = dict(headers).get("location") or refusals_of(body.decode())
        return Answer(self.slug, status, said, seconds)

    def _send(self, method: str, body: str = "") -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(HOST, int(os.environ["PORT"]), timeout=SECONDS)
        cookies = dict(zip(_names(), (self.session, self.csrf), strict=True))
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items() if value),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request(method, self.path, body or None, headers)
            answer = connection.getresponse()
            found = [(name.lower(), value) for name, value in answer.getheaders()]
            return answer.status, found, answer.read()
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a post was answered: the address it led to, or the error; and in how many seconds."""

    slug: str
    status: int
    said: str
    seconds: float

    @property
    def is_accepted(self) -> bool:
        return self.status == 302 and self.said == "/report/"


def _names() -> tuple[str, str]:
    """What the cookies of the session and against forged posts are called."""
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME


def _cookie(headers: Sequence[tuple[str, str]], name: str) -> str:
    for key, value in headers:
        found = re.match(rf"{name}=([^;]+)", value) if key == "set-cookie" else None
        if found:
            return found[1]
    raise RuntimeError(f"no cookie {name}")


class _Forms(HTMLParser):
    """The fields of every form of a page, with the values that they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        name = held.get("name", "")
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and name:
            ticked = held.get("type") not in ("checkbox", "radio", "file") or "checked" in held
            if ticked and held.get("type") != "file":
                self._add(name, held.get("value", "on"))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in held:
            self._add(self._select, held.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self._add(name, "")

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            name, value = self.forms[-1][-1]
            self.forms[-1][-1] = (name, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def _add(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].append((name, value))


def fields_of(page: str, *, holding: str) -> list[tuple[str, str]]:
    """The fields of the form that has one called ``holding``."""
    parser = _Forms()
    parser.feed(page)
    return next(form for form in parser.forms if holding in dict(form))


def refusals_of(page: str) -> str:
    """What the summary of a form says is wrong."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', page, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", summary[1]) if summary else page
    return " ".join(text.split())[:200]


def in_parallel(calls: Sequence) -> list:
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


# --- The result -------------------------------------------------------------------------------


def report(answers: Sequence[Answer], elapsed: float, *, expected: int) -> int:
    """Print what happened and what the database holds; 0 where all of it is as it must be."""
    from django.db import connection

    from submissions.enums import State
    from submissions.models import Submission, Transition

    accepted = {answer.slug for answer in answers if answer.is_accepted}
    errors = [answer for answer in answers if not answer.is_accepted]
    submitted = Submission.objects.filter(state=State.SUBMITTED)
    kept = set(submitted.values_list("reporter__slug", flat=True))
    steps = Transition.objects.filter(after=State.SUBMITTED).count()
    lost = sorted(accepted - kept)
    times = sorted(answer.seconds for answer in answers)
    print(f"database                {connection.vendor}")
    print(f"units                   {expected}")
    print(f"accepted                {len(accepted)}")
    print(f"lost                    {len(lost)}")
    print(f"errors                  {len(errors)}")
    print(f"submitted, transitions  {len(kept)}, {steps}")
    print(f"all within              {elapsed:.1f} s ({THREADS} at a time)")
    print(f"load of the machine     {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"50th percentile         {statistics.median(times):.2f} s")
    print(f"95th percentile         {times[-(-95 * len(times) // 100) - 1]:.2f} s")
    print(f"maximum                 {times[-1]:.2f} s")
    for answer in errors[:5]:
        print(f"{answer.slug}: {answer.status} {answer.said}", file=sys.stderr)
    exact = len(accepted) == len(kept) == steps == expected > 0
    return 0 if exact and not lost and not errors and elapsed <= SECONDS else 1


if __name__ == "__main__":
    main()
