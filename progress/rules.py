"""Whose figures and names a user may see beside the results of areas."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from organisations.models import User

from .permissions import VIEW_RESULTS, VIEW_UNIT_FIGURES


def units_with_figures(user: User, prefix: str = "") -> Q:
    """The units of which ``user`` sees validated figures: all, those they control, or none.

    ``prefix`` leads from the filtered rows to their unit, as in "subject__unit__".
    """
    access = user.access
    if access.everywhere(VIEW_UNIT_FIGURES.name) or access.everywhere("submissions.control_all"):
        return Q()
    return _controlled_by(access.units("submissions.control"), prefix)


def units_by_name(user: User, prefix: str = "") -> Q:
    """The units of which ``user`` sees whether they reported; coordinators see their own."""
    access = user.access
    if access.everywhere(VIEW_RESULTS.name):
        return Q()
    return _controlled_by(access.units(VIEW_RESULTS.name), prefix)


def _controlled_by(units: Iterable[int], prefix: str) -> Q:
    return Q(**{f"{prefix}controlled_by__in": units})
