"""The outbox: owed once per key and generation, done once, set aside after too many failures."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
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


# --- Together -------------------------------------------------------------------------------------


@pytest.fixture
def parcels(monkeypatch):
    """As ``sent``, for a topic that takes three at a time."""
    batches: list[list[int]] = []
    topic = OutboxTopic("parcels", batches.append, most=3)
    monkeypatch.setattr(outbox_topics, "_items", {"parcels": topic})
    return batches


def ids() -> dict[str, int]:
    return dict(OutboxEntry.objects.order_by("key").values_list("key", "pk"))


def together(written: list[str], poison: str = ""):
    def work(entries):
        if any(entry.key == poison for entry in entries):
            raise ValueError("cannot add")
        return written.extend

    return work


def test_what_is_owed_is_sent_together_and_what_was_tried_in_vain_alone(parcels):
    owe("1", "2", "3", "4", "5")
    OutboxEntry.objects.filter(key="2").update(attempts=1)
    outbox.relay()
    known = ids()
    assert sorted(parcels) == sorted(
        [[known["2"]], [known["1"], known["3"], known["4"]], [known["5"]]]
    )


def test_entries_are_done_in_one_computation():
    owe("1", "2")
    written: list[str] = []
    assert outbox.perform_many(list(ids().values()), together(written)) == 2
    assert outbox.perform_many(list(ids().values()), together(written)) == 0
    assert written == ["1", "2"]
    assert set(OutboxEntry.objects.values_list("attempts", flat=True)) == {0}


def test_poison_keeps_no_other_from_being_done():
    owe("1", "2", "3")
    written: list[str] = []
    for _attempt in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(ValueError, match="cannot add"):
            outbox.perform_many(list(ids().values()), together(written, poison="2"))
    assert written == ["1", "3"]
    assert OutboxEntry.objects.set_aside().get().key == "2"
    assert not OutboxEntry.objects.pending().exists()


def test_of_what_is_done_together_each_is_written_only_where_nothing_later_was():
    owe("1", "2")
    written: list[str] = []

    def slow(entries):
        outbox.perform_many([ids()["1"]], lambda _entries: lambda keys: written.append("newer"))
        return written.extend

    assert outbox.perform_many(list(ids().values()), slow) == 1
    assert written == ["newer", "2"]


@pytest.mark.parametrize(
    ("told", "changed"),
    [
        ([{5}, {7, 6}], {5, 6, 7}),
        ([{5}, None], None),
        ([None, {5}], None),
    ],
)
def test_what_changed_adds_up_until_it_is_done(told, changed):
    for about in told:
        enqueue(topic="parcels", keys=["1"], about=about)
    assert OutboxEntry.objects.get().changed == changed


def test_what_changed_begins_afresh_once_it_is_done():
    enqueue(topic="parcels", keys=["1"], about={5})
    outbox.perform_many(list(ids().values()), together([]))
    enqueue(topic="parcels", keys=["1"], about={6})
    assert OutboxEntry.objects.get().changed == {6}


def test_more_changes_than_are_told_apart_are_everything():
    enqueue(topic="parcels", keys=["1"], about=range(2000))
    enqueue(topic="parcels", keys=["1"], about={1})
    assert OutboxEntry.objects.get().changed is None


@pytest.mark.django_db(transaction=True)
def test_who_does_entries_together_waits_for_who_owes_them_in_any_order_of_rows():
    """Their keys are the other way round than their rows, in whose order nobody may hold them."""
    owe("2")
    owe("1")
    known, written = list(ids().values()), []
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        enqueue(topic="parcels", keys=["1"])
        done = pool.submit(in_thread, lambda: outbox.perform_many(known, together(written)))
        time.sleep(1.5)  # PostgreSQL looks for a deadlock after one second of waiting.
        enqueue(topic="parcels", keys=["2"])
    assert done.result(30) == 2  # What was owed before; the rest is owed still.
    assert outbox.perform_many(known, together(written)) == 2
    assert written == ["1", "2"] * 2


def in_thread(call):
    try:
        return call()
    finally:
        connection.close()
