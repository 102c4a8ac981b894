"""What a role may do: readable bundles of the permissions that the apps declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .enums import Role

if TYPE_CHECKING:
    from .models import Membership

ADMINISTER = "organisations.administer"
CHANGE_UNITS = "organisations.change_units"
INVITE_ANYONE = "organisations.invite_anyone"
INVITE_REPORTERS = "organisations.invite_reporters"
KEEP_CONTACTS = "organisations.keep_contacts"
VIEW_PEOPLE = "organisations.view_people"
#: What each app of the plan calls the permission to edit its texts.
EDIT_TEXTS = "edit_texts"

READ_THE_PLAN = frozenset({"themes.view_plan", "indicators.view_codebook"})

#: The Council reads the results of closed periods only.
REVIEW_PROGRESS = frozenset({"progress.view_results", "progress.view_provisional"})

#: What a unit keeps itself of how the plan is carried out.
KEEP_THE_UNITS_PART = READ_THE_PLAN | {
    "indicators.ask",
    "themes.keep_actions",
    "themes.keep_zonal_plan",
    "themes.view_uptake",
}

BUNDLES: dict[str, frozenset[str]] = {
    Role.REPORTER: KEEP_THE_UNITS_PART | {"submissions.view_unit", "submissions.enter"},
    Role.APPROVER: KEEP_THE_UNITS_PART
    | {
        "submissions.view_unit",
        "submissions.enter",
        "submissions.attest",
        INVITE_REPORTERS,
        KEEP_CONTACTS,
        VIEW_PEOPLE,
    },
    Role.COORDINATOR: READ_THE_PLAN
    | REVIEW_PROGRESS
    | {"submissions.control", "themes.view_uptake", KEEP_CONTACTS},
    Role.AUTHORITY: READ_THE_PLAN | {"submissions.view_unit", "themes.view_uptake"},
    Role.SECRETARIAT: READ_THE_PLAN
    | REVIEW_PROGRESS
    | {
        "submissions.control",
        "submissions.control_all",
        "submissions.manage_rounds",
        "plans.propose_amendments",
        "plans.record_amendments",
        "plans.view_source_notes",
        "indicators.answer",
        "plans.edit_texts",
        "themes.edit_texts",
        "indicators.edit_texts",
        "submissions.edit_texts",
        "themes.keep_all_actions",
        "themes.view_uptake",
        "progress.close_periods",
        "progress.export",
        CHANGE_UNITS,
        KEEP_CONTACTS,
    },
    Role.STEERING: READ_THE_PLAN
    | REVIEW_PROGRESS
    | {
        "progress.view_unit_figures",
        "themes.view_uptake",
        "plans.propose_amendments",
    },
    Role.COUNCIL: READ_THE_PLAN | {"progress.view_results"},
    Role.EVALUATOR: READ_THE_PLAN
    | REVIEW_PROGRESS
    | {
        "progress.view_unit_figures",
        "progress.export",
        "themes.view_uptake",
    },
    Role.ADMINISTRATOR: READ_THE_PLAN
    | {
        ADMINISTER,
        CHANGE_UNITS,
        INVITE_ANYONE,
        KEEP_CONTACTS,
        VIEW_PEOPLE,
        "foundation.view_state",
        "plans.view_source_notes",
    },
}


def roles_with(permission: str) -> list[str]:
    """The roles that grant a permission."""
    return [role for role, held in BUNDLES.items() if permission in held]


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

    def may_administer(self, app_label: str) -> bool:
        """Whether Django's administration opens an app: people and units, or the texts of an app.

        Those of submissions are its checks. Figures are never registered there.
        """
        if app_label == "organisations":
            return self.may(ADMINISTER)
        return self.may(f"{app_label}.{EDIT_TEXTS}")

    @property
    def is_staff(self) -> bool:
        """Whether Django's administration opens at all."""
        return any(
            name == ADMINISTER or name.endswith(f".{EDIT_TEXTS}") for name, _unit in self.grants
        )

    def units(self, permission: str) -> frozenset[int]:
        """The ids of the units in which the permission is held (roles without a unit left out)."""
        return frozenset(
            unit for name, unit in self.grants if name == permission and unit is not None
        )

    def everywhere(self, permission: str) -> bool:
        """Whether a role without a unit grants it."""
        return (permission, None) in self.grants
