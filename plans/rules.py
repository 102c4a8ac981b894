"""Who may amend what, and from when on."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.templatetags import jalon
from organisations.models import User

from .enums import Authority
from .models import Plan
from .permissions import PROPOSE, RECORD


def may_propose(user: User) -> bool:
    """The steering group proposes what ministers decide; the secretariat writes it down."""
    return user.access.may(PROPOSE.name)


def may_record(user: User) -> bool:
    """Only the secretariat puts an act on the record: ministers' acts and the group's decisions."""
    return user.access.may(RECORD.name)


def check_effective(plan: Plan, day: dt.date) -> None:
    """Raise ValidationError unless the day lies within the plan."""
    if not plan.first_day <= day <= plan.last_day:
        days = {"first": jalon.day(plan.first_day), "last": jalon.day(plan.last_day)}
        text = _("An amendment takes effect during the plan: from %(first)s to %(last)s.")
        raise ValidationError({"effective_on": text % days})


def check_act(*, authority: str, reference: str, adopted_on: dt.date | None) -> None:
    """Raise ValidationError unless the act can be found again."""
    errors = {}
    if authority not in Authority.values:
        errors["authority"] = _("There is no such authority.")
    if not reference.strip():
        errors["reference"] = _("Give the reference of the act, so that it can be found.")
    if adopted_on is None:
        errors["adopted_on"] = _("Give the day of the act.")
    elif adopted_on > timezone.localdate():
        errors["adopted_on"] = _("This day has not come yet.")
    if errors:
        raise ValidationError(errors)
