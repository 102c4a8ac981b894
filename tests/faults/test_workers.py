"""Workers, their children, the store and the beat killed while figures are added up."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter

import pytest
import redis
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from config.env import celery_broker
from foundation import seals
from foundation.models import AuditEntry, AuditSeal, OutboxEntry
from foundation.services import enqueue
from indicators.enums import Kind, Temporal
from organisations.enums import AreaKind, Role
from progress.models import Recomputation, Result, VerificationRun
from progress.services import recompute_all
from progress.verification import differences
from submissions.enums import State
from submissions.models import Round, Submission
from submissions.services import validate
from tests.conftest import kill, wait_until
from tests.factories import (
    make_area,
    make_indicator,
    make_period,
    make_user,
    make_zone,
    make_zones,
)
from tests.progress.figures import given

from .conftest import Machine, kill_child

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.faults,
]
QUARTER = "2026-Q3"


class World:
    """Submissions that wait for the coordinator: three figures each."""

    def __init__(self, zones: int) -> None:
        make_area("belgium", AreaKind.NATION)
        self.zones = make_zones(zones)
        for number in range(3):
            version = make_indicator(f"share-{number}", kind=Kind.RATIO, temporal=Temporal.STOCK)
            said = {zone: (place % 7, 7 + number) for place, zone in enumerate(self.zones)}
            given(QUARTER, version, said, state=State.SUBMITTED)
        self.coordinator = make_user(Role.COORDINATOR, self.zones[0].controlled_by)

    def validate(self) -> None:
        for each in Submission.objects.filter(state=State.SUBMITTED).order_by("pk"):
            validate(actor=self.coordinator, submission=each, version=each.version)

    def assert_complete(self) -> None:
        """What the workers wrote is whole, equals a full recomputation, and is verified."""
        wait_until(nothing_is_owed, seconds=30)
        by_workers = figures()
        assert Result.objects.filter(area__code="belgium", reported=len(self.zones)).count() == 3
        assert list(differences()) == []
        recompute_all()
        assert figures() == by_workers


def nothing_is_owed() -> bool:
    return not OutboxEntry.objects.pending().exists()


def figures() -> list[tuple[object, ...]]:
    names = ("indicator", "area", "value", "reported", "fingerprint")
    return list(Result.objects.order_by("indicator", "area").values_list(*names))


def test_children_and_workers_killed_again_and_again_lose_no_result(machine: Machine) -> None:
    world = World(24)
    machine.store()
    machine.beat()
    worker = machine.worker()
    killed = 0
    for place, each in enumerate(Submission.objects.order_by("pk")):
        validate(actor=world.coordinator, submission=each, version=each.version)
        if place % 3 == 2:
            killed += kill_child(worker)
        if place in (8, 16):
            kill(worker)
            worker = machine.worker()
    assert killed >= 4
    world.assert_complete()


def test_a_store_killed_and_flushed_while_work_waits_in_it_is_rebuilt(machine: Machine) -> None:
    world = World(5)
    store = machine.store()
    world.validate()
    sent = machine.manage("shell", "--command", "from foundation.outbox import relay; relay()")
    assert sent.returncode == 0, sent.stderr
    with redis.Redis(unix_socket_path=str(machine.socket), socket_timeout=10) as client:
        assert client.llen("jalon") >= 1
        client.flushall()
    kill(store)
    shutil.rmtree(machine.folder / "store")
    machine.store()
    machine.beat()
    machine.worker()
    world.assert_complete()


def test_work_longer_than_the_visibility_timeout_runs_twice_and_is_written_once(
    machine: Machine,
) -> None:
    machine.store()
    machine.beat()
    machine.worker()
    enqueue(topic="faults", keys=["slow"])
    diary = machine.folder / "diary"
    wait_until(diary.exists)
    # What each worker does by itself every ten to hundred seconds.
    url = celery_broker(machine.environment["REDIS_URL"])
    options = {"visibility_timeout": 2, "socket_timeout": 10, "max_retries": 3}
    with Connection(url, transport_options=options) as broker:
        qos = broker.default_channel.qos
        wait_until(lambda: qos.restore_visible(interval=1) or runs(diary) > 1, seconds=6)
    wait_until(nothing_is_owed)
    assert runs(diary) >= 2
    assert AuditEntry.objects.filter(verb="slow").count() == 1


def runs(diary) -> int:
    return len(diary.read_text().splitlines())


def test_a_poison_task_stops_after_five_attempts_is_shown_and_others_go_on(
    machine: Machine,
) -> None:
    world = World(3)
    machine.store()
    machine.beat()
    enqueue(topic="faults", keys=["poison"])
    world.validate()
    machine.worker()
    wait_until(OutboxEntry.objects.set_aside().exists, seconds=40)
    assert (machine.folder / "diary").read_text().splitlines().count("poison") == 5
    world.assert_complete()
    keeper = Client()
    keeper.force_login(make_user(Role.ADMINISTRATOR))
    page = keeper.get(reverse("state")).content.decode()
    assert "faults poison" in page
    assert "stopped without an answer each time" in page


def test_a_recomputation_killed_on_the_command_line_is_known_to_have_stopped(
    machine: Machine, monkeypatch
) -> None:
    make_area("belgium", AreaKind.NATION)
    zones = make_zones(2)
    for number in range(60):
        given(QUARTER, make_indicator(f"count-{number}"), dict.fromkeys(zones, 3))
    process = machine.begin("recompute_results")
    wait_until(Recomputation.objects.filter(done__gte=1).exists, seconds=40)
    kill(process)
    run = Recomputation.objects.get()
    assert run.done < run.total == 60
    keeper = Client(headers={"accept-language": "en"})
    keeper.force_login(make_user(Role.ADMINISTRATOR))
    state = reverse("state")
    assert b"under way" in keeper.get(state).content
    monkeypatch.setattr(Recomputation, "SILENCE", dt.timedelta(seconds=1))
    wait_until(lambda: b"stopped without an end" in keeper.get(state).content)
    machine.store()
    machine.beat()
    machine.worker()
    keeper.post(reverse("state-recompute"))
    wait_until(lambda: Recomputation.objects.filter(done=60, ended_at__isnull=False), seconds=40)
    assert b"stopped without an end" not in keeper.get(state).content
    assert list(differences()) == []


def test_two_beats_open_lock_seal_and_verify_once(machine: Machine) -> None:
    make_indicator("checks")
    make_zone()
    now = timezone.now()
    days = dt.timedelta(days=1)
    opens, locks = (
        Round.objects.create(period=make_period(code), opens_at=at, due_at=due, locks_at=end)
        for code, at, due, end in (
            ("2026-Q3", now, now + 20 * days, now + 30 * days),
            ("2026-Q2", now - 90 * days, now - 30 * days, now - days),
        )
    )
    Round.objects.filter(pk=locks.pk).update(frozen_at=now - 90 * days)
    machine.store()
    machine.worker()
    machine.worker()
    machine.beat()
    machine.beat()
    verbs = AuditEntry.objects.values_list("verb", flat=True)
    wait_until(lambda: {"round.opened", "round.locked"} <= set(verbs.all()), seconds=20)
    # The schedules go on, and come round again and again, to the end of the seals.
    made = len(verbs.all())
    wait_until(lambda: sum(AuditSeal.objects.values_list("count", flat=True)) >= made, seconds=20)
    assert Counter(verbs.all())["round.opened"] == 1
    assert Counter(verbs.all())["round.locked"] == 1
    assert opens.submissions.count() == 1
    assert list(seals.differences()) == []
    assert AuditSeal.objects.filter(previous=None).count() == 1
    night = VerificationRun.objects.filter(ended_at__isnull=False)
    wait_until(night.exists, seconds=20)
    assert VerificationRun.objects.get().done == VerificationRun.objects.get().total == 2
