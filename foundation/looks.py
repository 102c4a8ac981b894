"""How each state is shown: its word, its icon, its pattern.

One table per family, keyed by the codes that the calculation and the models use, so that no
template chooses a colour from a raw string. Only the first family has colours.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Look:
    """A word, and the ids in the sprite of its icon and its pattern.

    `judged` is true for the statuses that fill a segment with a colour; the others are hollow.
    `modifier` is the CSS modifier of an outlined state.
    """

    label: str | Promise
    icon: str
    judged: bool = False
    modifier: str = ""


#: Statuses of METHOD 5 and, last, the headline that objectives alone may have.
STATUSES: dict[str, Look] = {
    "achieved": Look(_("Achieved"), "achieved", judged=True),
    "on_track": Look(_("On track"), "on-track", judged=True),
    "at_risk": Look(_("At risk"), "at-risk", judged=True),
    "off_track": Look(_("Off track"), "off-track", judged=True),
    "moving_away": Look(_("Moving away"), "moving-away", judged=True),
    "monitoring": Look(_("Monitoring only"), "monitoring"),
    "no_target": Look(_("No target"), "no-target"),
    "no_baseline": Look(_("No baseline"), "no-baseline"),
    "not_applicable": Look(_("Not applicable"), "not-applicable"),
    "insufficient_coverage": Look(_("Insufficient coverage"), "insufficient-coverage"),
    "no_data": Look(_("No data"), "no-data"),
    "not_measurable": Look(_("Qualitative"), "not-measurable"),
    "undetermined": Look(_("Undetermined"), "undetermined"),
}

SUBMISSION_STATES: dict[str, Look] = {
    "todo": Look(pgettext_lazy("submission", "To fill in"), "to-do", modifier="dashed"),
    "draft": Look(pgettext_lazy("submission", "Draft"), "draft"),
    "withdrawn": Look(pgettext_lazy("submission", "Withdrawn"), "draft", modifier="dashed"),
    "submitted": Look(pgettext_lazy("submission", "Attested"), "submitted"),
    "returned": Look(pgettext_lazy("submission", "Returned"), "returned", modifier="strong"),
    "maintained": Look(pgettext_lazy("submission", "Maintained"), "maintained"),
    "validated": Look(pgettext_lazy("submission", "Validated"), "validated", modifier="filled"),
    "replaced": Look(pgettext_lazy("submission", "Replaced"), "next", modifier="dashed"),
    "late": Look(pgettext_lazy("submission", "Late"), "clock", modifier="strong"),
    "locked": Look(pgettext_lazy("submission", "Locked"), "lock"),
    "extended": Look(pgettext_lazy("submission", "More time"), "clock", modifier="double"),
}

#: How a unit stands in a round, on the page of coverage.
COVERAGE_STATES: dict[str, Look] = {
    "validated": SUBMISSION_STATES["validated"],
    "in_review": Look(pgettext_lazy("submission", "In review"), "submitted"),
    "returned": SUBMISSION_STATES["returned"],
    "draft": SUBMISSION_STATES["draft"],
    "todo": SUBMISSION_STATES["todo"],
    "extended": Look(pgettext_lazy("submission", "Extended"), "clock", modifier="dashed"),
    "missing": Look(pgettext_lazy("submission", "Missing"), "no-data", modifier="strong"),
    "replaced": SUBMISSION_STATES["replaced"],
    "not_expected": Look(pgettext_lazy("submission", "Not expected"), "not-applicable"),
    "late": SUBMISSION_STATES["late"],
}

DATA_STATES: dict[str, Look] = {
    "provisional": Look(pgettext_lazy("figures", "Provisional"), "provisional", modifier="dashed"),
    "final": Look(pgettext_lazy("figures", "Final"), "final"),
    "revised": Look(pgettext_lazy("figures", "Revised"), "revised", modifier="double"),
}


@dataclass(frozen=True, slots=True)
class Shorthand:
    """What stands in a cell that holds no figure, and its meaning."""

    label: str | Promise
    meaning: str | Promise


CELL_STATES: dict[str, Shorthand] = {
    "not_applicable": Shorthand(pgettext_lazy("cell", "n/a"), _("Not applicable")),
    "not_available": Shorthand(pgettext_lazy("cell", "u/a"), _("Not available")),
    "missing": Shorthand(pgettext_lazy("cell", "missing"), _("Nobody reported a figure")),
}
