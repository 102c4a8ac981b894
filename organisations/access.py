"""What a role may do: readable bundles of the permissions that the apps declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .enums import Role

if TYPE_CHECKING:
    from .models import Membership

ADMINISTER = "organisations.administer"
INVITE_ANYONE = "organisations.invite_anyone"
INVITE_REPORTERS = "organisations.invite_reporters"
VIEW_PEOPLE = "organisations.view_people"

READ_THE_PLAN = frozenset({"themes.view_plan"})

BUNDLES: dict[str, frozenset[str]] = {
    Role.REPORTER: READ_THE_PLAN | {"submissions.view_unit", "submissions.enter"},
    Role.APPROVER: READ_THE_PLAN
    | {
        "submissions.view_unit",
        "submissions.enter",
        "submissions.attest",
        INVITE_REPORTERS,
        VIEW_PEOPLE,
    },
    Role.COORDINATOR: READ_THE_PLAN | {"submissions.control", "progress.view_results"},
    Role.AUTHORITY: READ_THE_PLAN | {"submissions.view_unit"},
    Role.SECRETARIAT: READ_THE_PLAN
    | {
        "submissions.control",
        "submissions.control_all",
        "submissions.manage_rounds",
        "progress.view_results",
        "progress.export",
    },
    Role.STEERING: READ_THE_PLAN | {"progress.view_results", "progress.view_unit_figures"},
    Role.COUNCIL: READ_THE_PLAN | {"progress.view_results"},
    Role.EVALUATOR: READ_THE_PLAN
    | {"progress.view_results", "progress.view_unit_figures", "progress.export"},
    Role.ADMINISTRATOR: READ_THE_PLAN
    | {ADMINISTER, INVITE_ANYONE, VIEW_PEOPLE, "foundation.view_state"},
}


@dataclass(frozen=True, slots=True)
class Access:
    """The permissions of a user's memberships in force: (permission, unit id or None) pairs."""

    grants: frozenset[tuple[str, int | None]]
    roles: frozenset[str]

    @classmethod
    def of(cls, memberships: Iterable[Membership]) -> Access:
        held = list(memberships)
        grants = {(name, each.unit_id) for each in held for name in BUNDLES[each.role]}
        return cls(frozenset(grants), frozenset(each.role for each in held))

    def may(self, permission: str, unit_id: int | None = None) -> bool:
        """Whether any membership grants it; with ``unit_id``, in that unit (or for all units)."""
        if unit_id is None:
            return any(name == permission for name, _unit in self.grants)
        return (permission, unit_id) in self.grants or (permission, None) in self.grants

    def units(self, permission: str) -> frozenset[int]:
        """The ids of the units in which the permission is held (roles without a unit left out)."""
        return frozenset(
            unit for name, unit in self.grants if name == permission and unit is not None
        )

    def everywhere(self, permission: str) -> bool:
        """Whether a role without a unit grants it."""
        return (permission, None) in self.grants
