"""The outbox: owed once per key and generation, done once, set aside after too many failures."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from foundation.registries import OutboxTopic, outbox_topics
from foundation.services import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """Registers the topic "parcels" for a test and lists the ids that the relay sends."""
    ids: list[int] = []
    topic = OutboxTopic("parcels", ids.append)
    monkeypatch.setattr(outbox_topics, "_items", {"parcels": topic})
    return ids


def owe(*keys: str) -> OutboxEntry:
    enqueue(topic="parcels", keys=keys)
    return OutboxEntry.objects.get(topic="parcels", key=keys[0])


def test_owing_twice_is_one_row_with_the_next_generation():
    owe("1:1")
    entry = owe("1:1")
    assert OutboxEntry.objects.count() == 1
    assert (entry.generation, entry.done_generation) == (2, 0)


def test_what_is_owed_rolls_back_with_the_change_that_owed_it():
    with transaction.atomic():
        owe("1:1")
        transaction.set_rollback(True)
    assert OutboxEntry.objects.count() == 0


def test_the_relay_sends_each_generation_once(sent):
    entry = owe("1:1")
    assert (outbox.relay(), outbox.relay()) == (1, 0)
    owe("1:1")
    assert outbox.relay() == 1
    assert sent == [entry.pk, entry.pk]


def test_a_store_that_is_down_leaves_the_entry_to_be_sent_later(monkeypatch):
    def refuse(_entry_id: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox_topics, "_items", {"parcels": OutboxTopic("parcels", refuse)})
    entry = owe("1:1")
    with pytest.raises(ConnectionError):
        outbox.relay()
    entry.refresh_from_db()
    assert entry.sent_generation == 0
    assert OutboxEntry.objects.pending().count() == 1


def test_work_is_written_once_per_generation():
    entry = owe("7:3")
    written: list[str] = []
    work = lambda key: lambda: written.append(key)  # noqa: E731
    assert outbox.perform(entry.pk, work) is True
    assert outbox.perform(entry.pk, work) is False
    assert written == ["7:3"]


def test_an_older_computation_never_overwrites_a_newer_one():
    """A second worker finishes the same generation while the first is still computing."""
    entry = owe("7:3")
    written: list[str] = []

    def slow(key: str):
        outbox.perform(entry.pk, lambda _key: lambda: written.append("newer"))
        return lambda: written.append("older")

    assert outbox.perform(entry.pk, slow) is False
    assert written == ["newer"]


def test_a_change_during_the_computation_is_still_owed():
    entry = owe("7:3")

    def work(key: str):
        owe(key)
        return lambda: None

    assert outbox.perform(entry.pk, work) is True
    entry.refresh_from_db()
    assert (entry.generation, entry.done_generation) == (2, 1)
    assert OutboxEntry.objects.pending().count() == 1


def fail(_key: str):
    raise ValueError("cannot add")


def test_poison_is_set_aside_after_five_attempts_and_shown():
    entry = owe("7:3")
    for _attempt in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(ValueError, match="cannot add"):
            outbox.perform(entry.pk, fail)
    entry.refresh_from_db()
    assert entry.set_aside_at is not None
    assert entry.last_error == "ValueError('cannot add')"
    assert outbox.perform(entry.pk, fail) is False
    assert OutboxEntry.objects.pending().count() == 0
    assert OutboxEntry.objects.set_aside().count() == 1


def test_a_task_that_kills_its_worker_each_time_is_set_aside_too():
    entry = owe("7:3")
    OutboxEntry.objects.update(attempts=outbox.MAX_ATTEMPTS)
    assert outbox.perform(entry.pk, lambda _key: lambda: None) is False
    entry.refresh_from_db()
    assert entry.set_aside_at is not None


def test_what_was_set_aside_is_taken_back_by_hand_or_by_the_next_change():
    entry = owe("7:3")
    OutboxEntry.objects.update(set_aside_at=timezone.now(), attempts=5)
    outbox.try_again(entry_id=entry.pk)
    assert OutboxEntry.objects.pending().count() == 1
    OutboxEntry.objects.update(set_aside_at=timezone.now(), attempts=5)
    owe("7:3")
    entry.refresh_from_db()
    assert (entry.set_aside_at, entry.attempts) == (None, 0)


def test_the_reconciler_frees_what_was_sent_and_lost(sent):
    entry = owe("7:3")
    outbox.relay()
    soon = timezone.now() + outbox.LOST_AFTER - dt.timedelta(seconds=5)
    later = timezone.now() + outbox.LOST_AFTER + dt.timedelta(seconds=5)
    assert outbox.reconcile(soon) == 0
    assert outbox.reconcile(later) == 1
    outbox.relay()
    assert sent == [entry.pk, entry.pk]
