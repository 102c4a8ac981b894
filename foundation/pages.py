"""Pages that every installation has, open to everybody."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from foundation import looks
from foundation.registries import Label


@dataclass(frozen=True, slots=True)
class RoleHelp:
    """What somebody of a role does here."""

    code: str
    name: Label
    help: Label


ROLES = (
    RoleHelp(
        "reporter",
        _("Reporter"),
        _(
            "Opens “My work”, chooses a round, types each figure beside the earlier ones and "
            "saves. A draft stays until it is attested."
        ),
    ),
    RoleHelp(
        "approver",
        _("Approver"),
        _(
            "Checks that the figures match the registers of the unit, attests them and sends "
            "them. Invites the reporters of the unit."
        ),
    ),
    RoleHelp(
        "coordinator",
        _("Coordinator"),
        _(
            "Checks completeness and consistency, then validates, or returns with a reason. The "
            "unit corrects, or maintains its figure with a reason."
        ),
    ),
    RoleHelp(
        "secretariat",
        _("Secretariat"),
        _(
            "Keeps the plan, the indicators and the rounds, and checks federal units and central "
            "sources."
        ),
    ),
    RoleHelp(
        "steering",
        _("Steering group"),
        _(
            "Reads the overview, from the whole plan down to one unit, and sees beside each "
            "figure its coverage and how it was computed."
        ),
    ),
    RoleHelp(
        "council",
        _("Federal Police Council"),
        _("Reads the results of closed periods, once a year."),
    ),
    RoleHelp(
        "evaluator",
        _("Evaluator"),
        _("Filters and downloads everything that was validated, with its definitions."),
    ),
    RoleHelp(
        "authority",
        _("Authority of a zone"),
        _("Reads the figures of its own zone."),
    ),
    RoleHelp(
        "administrator",
        _("Administrator"),
        _("Invites people and follows the technical state. Enters no figures."),
    ),
)


class Help(TemplateView):
    """Help, one's own roles first."""

    template_name = "pages/help.html"
    extra_context = {"statuses": looks.STATUSES, "cells": looks.CELL_STATES}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        held = user.access.roles if user.is_authenticated else frozenset()
        mine = [role for role in ROLES if role.code in held]
        others = [role for role in ROLES if role.code not in held]
        return super().get_context_data(mine=mine, others=others, **kwargs)


class Accessibility(TemplateView):
    template_name = "pages/accessibility.html"


class Privacy(TemplateView):
    template_name = "pages/privacy.html"


class Contacts(TemplateView):
    template_name = "pages/contacts.html"
