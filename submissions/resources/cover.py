"""What the workbook says around the entries: how to fill it, what it holds, definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from foundation.templatetags import dates
from foundation.templatetags.jalon import period
from indicators.enums import Kind
from indicators.models import IndicatorVersion

from .columns import Value
from .lines import FileOfFigures


def subject() -> str:
    return _("Figures that a unit reports on the National Security Plan")


def notes(file: FileOfFigures) -> list[Sequence[Value]]:
    """The cover: what for, until when, how to fill it, where it goes."""
    submission = file.submission
    round_, reporter = submission.round, submission.reporter
    address = reverse("report-upload", args=[round_.period.code, reporter.slug])
    contact = " · ".join(filter(None, _contact(file))) or settings.CONTACT_EMAIL
    found: list[Sequence[Value]] = [
        (_("Unit"), reporter.label),
        (_("Round"), period(round_.period.code)),
        (_("Open from"), _moment(round_.opens_at)),
        (_("Due"), _moment(round_.due_at)),
        (_("Locked after"), _moment(round_.locks_at)),
        (_("Definitions"), ", ".join(_versions(file))),
        (_("Contact"), contact),
        (_("How to fill it in"), how()),
        (_("Where to send it"), where_to() % {"address": address}),
        (_("What is read"), what_is_read()),
        (_("A cell made empty"), made_empty()),
        (_("Not applicable"), not_applicable()),
        (_("Not available"), not_available()),
        (_("Formulas"), _("A file with formulas is refused, with its cells named: paste values.")),
        (_("Limits"), _("5 MB, 50 MB once unpacked, 5,000 rows, 100 columns.")),
        (_("Privacy"), _("No personal or operational data in comments and reasons.")),
    ]  # fmt: skip
    if settings.DEMO:
        found.append((_("Demonstration"), _("All figures are fictitious.")))
    return found


def how() -> str:
    return _(
        "On the sheet “Entries”, fill the framed cells. Type numbers as usual, in your own"
        " notation; choose from the lists where there are some. Instead of a figure, choose a"
        " reason under “No figure”. The sheet is locked but for these cells, without a password."
    )


def where_to() -> str:
    return _(
        "Jalon, page %(address)s. Nothing is saved before you have seen what would change and"
        " confirmed it."
    )


def what_is_read() -> str:
    return _(
        "Only the framed cells are read. Changes elsewhere are ignored, except in the columns that"
        " say what a row is about: there they are refused."
    )


def made_empty() -> str:
    return _(
        "Says that there is no answer: the preview shows it as “nothing”. A row that is taken out"
        " of the sheet leaves what is saved as it is. Blank is never zero: type 0."
    )


def not_applicable() -> str:
    return _(
        "The figure cannot exist in the unit, for one of the reasons in the list: no port in the"
        " zone, for example."
    )


def not_available() -> str:
    return _(
        "The figure exists but could not be counted this time: say why. It counts as not reported."
    )


def above_entries() -> str:
    return _(
        "Fill the framed cells. A cell without a frame takes no answer; an empty one among earlier"
        " figures means that nothing is known. Each figure’s name leads to its definition."
    )


def _contact(file: FileOfFigures) -> list[str]:
    control = file.submission.reporter.controlled_by
    return [] if control is None else [control.label, control.telephone, control.mailbox]


def _versions(file: FileOfFigures) -> list[str]:
    return [f"{block.version.indicator.code}/{block.version.number}" for block in file.blocks]


def _moment(moment: dt.datetime) -> str:
    return dates.date(timezone.localtime(moment), pgettext("date format", "j F Y, H:i"))


def contents(names: Mapping[str, str], rows: Mapping[str, int]) -> list[Sequence[Value]]:
    """Each sheet, what it holds and its number of rows; both mappings by the sheet's code."""
    held = {
        "cover": _("How to fill in the workbook and where to send it"),
        "contents": _("The sheets of this workbook"),
        "entries": _("One row a figure, with earlier figures and cells to fill"),
        "definitions": _("What each figure counts, its limits, its source"),
        "lists": _("The answers that cells are chosen from"),
    }
    return [(names[code], text, rows[code]) for code, text in held.items()]


def definition_columns() -> list[tuple[str, int]]:
    return [
        (_("Figure"), 36),
        (_("Definition"), 70),
        (_("Limits"), 50),
        (_("Source"), 26),
        (_("First answer"), 36),
        (_("Second answer"), 36),
        (_("Unit of measure"), 14),
        (_("Breakdown or steps"), 50),
        (_("Indicator and version"), 26),
    ]


def definition(version: IndicatorVersion) -> list[Value]:
    return [
        version.name,
        version.definition,
        version.limits,
        version.source_system,
        version.numerator_label,
        version.denominator_label,
        version.unit,
        _parts(version),
        f"{version.indicator.code}/{version.number}",
    ]


def _parts(version: IndicatorVersion) -> str:
    if version.kind == Kind.MILESTONES:
        return "\n".join(f"{step.text} ({step.due_on:%d/%m/%Y})" for step in version.steps.all())
    options = ", ".join(option.label for option in version.options.all())
    if not options:
        return ""
    rule = (
        _("The parts add up to the total.")
        if version.breakdown_is_exhaustive
        else _("Each part is at most the total.")
    )
    return f"{version.breakdown_label}: {options}. {rule}"
