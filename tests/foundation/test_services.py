"""Idempotency keys, the audit trail that refuses changes, and exact fields."""

from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from foundation.fields import FractionField
from foundation.models import AuditEntry
from foundation.registries import Permission, Registry
from foundation.services import AlreadyDone, OtherContent, claim, record
from organisations.models import User


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("secretariat@demo.invalid", name="Secrétariat")


def test_a_token_is_taken_once(user):
    with transaction.atomic():
        key = claim(actor=user, key="a", content="x=1")
        key.location = "/report/"
        key.save(update_fields=["location"])
    with pytest.raises(AlreadyDone) as done, transaction.atomic():
        claim(actor=user, key="a", content="x=1")
    assert done.value.location == "/report/"
    with pytest.raises(OtherContent), transaction.atomic():
        claim(actor=user, key="a", content="x=2")


def test_a_token_belongs_to_its_user(user):
    other = User.objects.create_user("evaluateur@demo.invalid", name="Évaluateur")
    claim(actor=user, key="a", content="x=1")
    assert claim(actor=other, key="a", content="x=2").user == other


def test_the_database_refuses_to_change_an_audit_entry(user):
    entry = record(actor=user, verb="unit.renamed", subject=user, details={"from": "a"})
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(verb="nothing")
    entry.refresh_from_db()
    assert entry.verb == "unit.renamed"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (Fraction(1, 3), "1/3"),
        ("76.9", "769/10"),
        (9007199254740993, "9007199254740993"),
        (None, None),
        ("", None),
    ],
)
def test_a_fraction_field_keeps_the_exact_figure(given, stored):
    field = FractionField()
    assert field.get_prep_value(given) == stored
    assert field.from_db_value(stored) == (None if stored is None else Fraction(stored))


@pytest.mark.parametrize("given", [0.1, "abc", "1/0"])
def test_a_fraction_field_refuses_what_is_not_exact(given):
    with pytest.raises(ValidationError):
        FractionField().get_prep_value(given)


def test_a_name_is_registered_once():
    registry: Registry[Permission] = Registry()
    registry.register(Permission("plan.read", "read"))
    with pytest.raises(ValueError, match="registered twice"):
        registry.register(Permission("plan.read", "read again"))
    assert [each.name for each in registry] == ["plan.read"]
