"""The system check on roles and permissions."""

import pytest

from foundation import registries
from foundation.registries import Permission
from organisations import access, checks
from organisations.enums import Role


def ids() -> list[str]:
    return [f"{error.id} {error.msg}" for error in checks.bundles_match_declarations(None)]


def test_roles_and_declarations_match():
    assert ids() == []


def test_a_name_that_no_app_declares_is_found(monkeypatch):
    held = {**access.BUNDLES, Role.COUNCIL: frozenset({"progress.reign"})}
    monkeypatch.setattr(checks, "BUNDLES", held)
    assert "jalon.E011 A role holds 'progress.reign', which no app declares" in ids()


def test_a_name_that_no_role_holds_is_found(monkeypatch):
    declared = [*registries.permissions, Permission("plans.burn", "burn")]
    monkeypatch.setattr(checks, "permissions", declared)
    assert ids() == ["jalon.E012 'plans.burn' is declared, but no role holds it"]


def test_a_name_declared_twice_stops_the_start():
    registry: registries.Registry[Permission] = registries.Registry()
    registry.register(Permission("plans.read", "read"))
    with pytest.raises(ValueError, match=r"plans\.read"):
        registry.register(Permission("plans.read", "read"))


def test_every_role_has_a_bundle():
    assert set(access.BUNDLES) == set(Role.values)
