"""Zonal plans when zones merge or split: the successor's is prefilled with what it inherits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.services import record
from organisations.models import Unit, User
from organisations.succession import Succession
from plans.models import Plan
from themes.models import ZonalPlan

from .services import inherited, prefill


class ZonalPlansHandler:
    """Where predecessors that say something of an objective agree, the successor says it too.

    The successor confirms or changes it; where they disagree it says nothing yet, and its form
    shows what each of them said. The predecessors' plans stay as they are.
    """

    name = "themes.zonal_plans"

    def preview(self, succession: Succession) -> Sequence[str]:
        agreed, apart = inherited(succession.predecessors)
        if not agreed and not apart:
            return [_("The zones have no zonal plan on record: nothing is prefilled.")]
        lines = []
        for successor in succession.successors:
            text = ngettext(
                "%(n)s objective is prefilled in the zonal plan of %(zone)s, to be confirmed.",
                "%(n)s objectives are prefilled in the zonal plan of %(zone)s, to be confirmed.",
                len(agreed),
            )
            lines.append(text % {"n": len(agreed), "zone": successor.label})
        if apart:
            text = ngettext(
                "The zones disagree about %(n)s objective, which stays open.",
                "The zones disagree about %(n)s objectives, which stay open.",
                len(apart),
            )
            lines.append(text % {"n": len(apart)})
        return lines

    def apply(self, succession: Succession, *, actor: User) -> None:
        agreed, _apart = inherited(succession.predecessors)
        plan = Plan.objects.first()
        if not agreed or plan is None:
            return
        for successor in succession.successors:
            kept, is_new = ZonalPlan.objects.get_or_create(
                zone=successor, plan=plan, defaults={"version": 0}
            )
            if not is_new:
                continue
            prefill(kept, agreed)
            details = {"objectives": len(agreed), "because": str(succession)}
            record(actor=actor, verb="zonal_plan.prefilled", subject=kept, details=details)

    def preview_undo(self, succession: Succession) -> Sequence[str]:
        _check_untouched(succession.successors)
        return [_("What was prefilled in the zonal plan is taken back.")]

    def undo(self, succession: Succession, *, actor: User) -> None:
        _check_untouched(succession.successors)
        for kept in ZonalPlan.objects.filter(zone__in=succession.successors):
            details = {"because": str(succession)}
            record(actor=actor, verb="zonal_plan.prefill_undone", subject=kept, details=details)
            kept.delete()


def _check_untouched(successors: Collection[Unit]) -> None:
    written = ZonalPlan.objects.filter(zone__in=successors, version__gt=0).select_related("zone")
    for kept in written:
        text = _("%(zone)s has already written in its zonal plan.")
        raise ValidationError(text % {"zone": kept.zone.label})
