"""The audit chain: what was sealed is neither changed, taken away nor added to unseen."""

import datetime as dt
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from foundation import seals
from foundation.models import AuditEntry, AuditSeal
from organisations import demo
from organisations.enums import Role
from organisations.models import User
from tests.factories import make_user, make_zone

pytestmark = pytest.mark.django_db
LATER = seals.LONGEST_TRANSACTION + dt.timedelta(seconds=1)


def entries(count: int, *, actor: User | None = None) -> list[AuditEntry]:
    made = [
        AuditEntry(actor=actor, verb="unit.renamed", subject_type="unit", subject_id=number)
        for number in range(count)
    ]
    return AuditEntry.objects.bulk_create(made)


def seal() -> int:
    return seals.seal(timezone.now() + LATER)


@pytest.fixture
def runs(monkeypatch):
    """Seven entries under three seals, three entries each at most."""
    monkeypatch.setattr(seals, "MOST", 3)
    made = entries(7)
    assert seal() == 3
    return made


def behind_the_back(statement: str) -> None:
    """What only somebody with the database in their hands can do."""
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON {0}"
        for table, name in (
            ("foundation_auditentry", "immutable"),
            ("foundation_auditentry", "sealed"),
            ("foundation_auditseal", "immutable"),
        ):
            cursor.execute(f"DROP TRIGGER {table}_{name}{on.format(table)}")
        cursor.execute(statement)


def verified() -> list[str]:
    told = StringIO()
    with suppress(SystemExit):
        call_command("verify_audit", stdout=told)
    return told.getvalue().splitlines()


def test_seals_follow_each_other_and_cover_every_entry(runs):
    assert verified() == ["0 entries not sealed yet", "0 differences"]
    first, second, third = AuditSeal.objects.all()
    assert (first.previous, second.previous, third.previous) == (None, first, second)
    assert [each.count for each in (first, second, third)] == [3, 3, 1]
    assert (first.first_id, third.last_id) == (runs[0].pk, runs[-1].pk)
    assert seal() == 0


def test_what_a_transaction_may_still_precede_is_not_sealed():
    entries(2)
    assert seals.seal() == 0
    assert verified() == ["2 entries not sealed yet", "0 differences"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE {entry} SET verb = 'nothing' WHERE id = {fifth}",
            "they do not say what was sealed",
        ),
        ("DELETE FROM {entry} WHERE id = {fifth}", "2 entries, 3 were sealed"),
    ],
)
def test_a_changed_or_missing_entry_is_named_by_its_seal_alone(runs, statement, told):
    behind_the_back(statement.format(entry="foundation_auditentry", fifth=runs[4].pk))
    place = f"entries {runs[3].pk}–{runs[5].pk}: "
    assert verified() == [place + told, "0 entries not sealed yet", "1 difference"]
    with pytest.raises(SystemExit) as stop:
        call_command("verify_audit", stdout=StringIO())
    assert stop.value.code == 1


def test_an_entry_added_in_between_shows():
    gap, last = entries(2)
    place = gap.pk
    gap.delete()
    seal()
    AuditEntry.objects.create(pk=place, verb="unit.renamed", subject_type="unit", subject_id=1)
    assert verified()[0] == f"entries {last.pk}–{last.pk}: 2 entries, 1 were sealed"


def test_a_seal_taken_away_breaks_the_chain(runs):
    second = AuditSeal.objects.all()[1]
    statement = "UPDATE foundation_auditseal SET previous_id = NULL WHERE previous_id = {second}"
    behind_the_back(statement.format(second=second.pk))
    AuditSeal.objects.filter(pk=second.pk).delete()
    assert "this seal does not follow the one before it" in verified()[0]


def test_a_chain_written_anew_shows_to_who_kept_a_digest(runs):
    kept = AuditSeal.objects.last().digest
    call_command("verify_audit", holding=kept, stdout=StringIO())
    seals.remove(AuditEntry.objects.filter(pk=runs[0].pk), reason="a test")
    seal()
    assert verified()[-1] == "0 differences"
    assert list(seals.differences(holding=kept)) == [f"no seal has the digest {kept}"]


def test_the_database_refuses_to_delete_what_is_sealed_and_to_change_seals(runs):
    fresh = entries(1)[0]
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        AuditEntry.objects.filter(pk=runs[-1].pk).delete()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditSeal.objects.update(digest="")
    fresh.delete()
    assert AuditEntry.objects.count() == 7


def test_removing_entries_is_on_the_record_and_what_remains_is_sealed_anew(runs):
    former = AuditSeal.objects.last()
    assert seals.remove(AuditEntry.objects.filter(pk=runs[4].pk), reason="a test") == 1
    assert AuditSeal.objects.count() == 1
    entry = AuditEntry.objects.get(verb="audit.unsealed")
    assert entry.details == {"reason": "a test", "removed": 1, "digest": former.digest}
    assert entry.subject_id
    assert seal() == 2
    assert verified()[-1] == "0 differences"
    assert seals.remove(AuditEntry.objects.none(), reason="a test") == 0


def test_the_demonstration_goes_though_it_is_sealed():
    guest = make_user(Role.REPORTER, make_zone())
    User.objects.filter(pk=guest.pk).update(is_demo=True)
    entries(3)
    entries(2, actor=guest)
    seal()
    assert demo.delete_accounts() == 1
    assert not AuditEntry.objects.filter(actor=guest.pk).exists()
    seal()
    assert verified()[-1] == "0 differences"
