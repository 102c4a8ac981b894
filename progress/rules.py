"""Whose figures and names a user may see beside the results of areas."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from indicators.models import Indicator
from organisations.models import Unit, User

from .models import Shown
from .permissions import VIEW_RESULTS, VIEW_UNIT_FIGURES

#: A total of fewer units that reported is shown only to those who see the units' figures.
FEWEST = 3


def units_with_figures(user: User, prefix: str = "") -> Q:
    """The units of which ``user`` sees validated figures: all, those they control, or none.

    ``prefix`` leads from the filtered rows to their unit, as in "subject__unit__".
    """
    access = user.access
    if access.everywhere(VIEW_UNIT_FIGURES.name) or access.everywhere("submissions.control_all"):
        return Q()
    return _controlled_by(access.units("submissions.control"), prefix)


def sees_every_unit(user: User, indicator: Indicator, *, is_closed: bool) -> bool:
    """Whether ``user`` sees what each unit reported behind a figure; all, where it may be compared.

    Of a closed period the Council does, too (METHOD.md 10).
    """
    if indicator.is_restricted:
        return False
    reviews_all = is_closed and user.access.everywhere(VIEW_RESULTS.name)
    return reviews_all or not units_with_figures(user)


def areas_in_view(user: User, results: Iterable[Shown]) -> list[Shown]:
    """The totals that ``user`` may see: a total of one or two units tells what a unit reported.

    Those who see every unit's figures see all; a coordinator also the own arrondissement (METHOD
    10).
    """
    found = list(results)
    if not units_with_figures(user):
        return found
    controlled = Unit.objects.filter(units_with_figures(user))
    own = set(controlled.values_list("arrondissement_id", flat=True))
    return [each for each in found if each.area_id in own or not _tells_of_a_unit(each)]


def _tells_of_a_unit(one: Shown) -> bool:
    """The rolling year may rest on one or two units although more reported the period."""
    return any(0 < (count or 0) < FEWEST for count in (one.reported, one.judged_reported))


def sees_figures(user: User, unit: Unit) -> bool:
    """``units_with_figures`` for one unit, whose name and state go with its figures."""
    controlled = user.access.units("submissions.control")
    return not units_with_figures(user) or unit.controlled_by_id in controlled


def sees_reasons(user: User, indicator: Indicator) -> bool:
    """Whether ``user`` reads why a figure was corrected or sent back: a text may name the unit."""
    return not indicator.is_restricted and not units_with_figures(user)


def units_counted(user: User, prefix: str = "") -> Q:
    """The units that ``user``'s totals of coverage count; a coordinator's are their own."""
    access = user.access
    if access.everywhere(VIEW_RESULTS.name):
        return Q()
    return _controlled_by(access.units(VIEW_RESULTS.name), prefix)


def _controlled_by(units: Iterable[int], prefix: str) -> Q:
    return Q(**{f"{prefix}controlled_by__in": units})
