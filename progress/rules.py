"""Whose figures and names a user may see beside the results of areas."""

from __future__ import annotations

from django.db.models import Q

from organisations.models import User

from .permissions import VIEW_RESULTS, VIEW_UNIT_FIGURES


def units_with_figures(user: User) -> Q:
    """The units of which ``user`` sees validated figures: all, those they control, or none."""
    access = user.access
    if access.everywhere(VIEW_UNIT_FIGURES.name) or access.everywhere("submissions.control_all"):
        return Q()
    return Q(controlled_by__in=access.units("submissions.control"))


def units_by_name(user: User) -> Q:
    """The units of which ``user`` sees whether they reported; coordinators see their own."""
    access = user.access
    if access.everywhere(VIEW_RESULTS.name):
        return Q()
    return Q(controlled_by__in=access.units(VIEW_RESULTS.name))
