"""The columns and rows of a file of figures, the same in a workbook and in CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext, pgettext_lazy

from foundation.words import plain
from indicators.calculation.checking import TWO_PARTS
from indicators.enums import CellStatus, Kind
from indicators.models import IndicatorVersion, MilestoneStep, NotApplicableReason, ScaleLevel
from organisations.enums import Language
from submissions import wording
from submissions.content import Content
from submissions.figures import Block, Figure
from submissions.models import Submission

#: The most characters that a cell of a workbook holds.
LONGEST_TEXT = 32_767

UNAVAILABLE = "unavailable"
NOT_APPLICABLE = "not-applicable:"

Value = str | int | Decimal | dt.date | None


class Column(StrEnum):
    """What stands in a column; the code is understood as its heading, too."""

    KEY = "key"
    THEME = "theme"
    FIGURE = "figure"
    SUBJECT = "subject"
    OPTION = "option"
    UNIT = "unit"
    ANSWER = "answer"
    FIRST_LABEL = "first_label"
    FIRST = "first"
    SECOND_LABEL = "second_label"
    SECOND = "second"
    ABSENCE = "absence"
    REASON = "reason"
    COMMENT = "comment"
    FLAG = "flag"
    SUBJECT_CODE = "subject_code"
    FORM = "form"
    SAVED = "saved"
    ERRORS = "errors"


#: The columns that a person fills; the others explain, or say what a row is about.
ENTRIES = (
    Column.FIRST, Column.SECOND, Column.ABSENCE, Column.REASON, Column.COMMENT, Column.FLAG,
)  # fmt: skip

#: The columns that say in words what a row is about; its key says it to us.
NAMING = (Column.FIGURE, Column.OPTION, Column.SUBJECT)

HEADINGS: dict[Column, str | Promise] = {
    Column.KEY: pgettext_lazy("column", "Key"),
    Column.THEME: pgettext_lazy("column", "Theme"),
    Column.FIGURE: pgettext_lazy("column", "Figure"),
    Column.SUBJECT: pgettext_lazy("column", "About"),
    Column.OPTION: pgettext_lazy("column", "Part or step"),
    Column.UNIT: pgettext_lazy("column", "Unit of measure"),
    Column.ANSWER: pgettext_lazy("column", "Answer expected"),
    Column.FIRST_LABEL: pgettext_lazy("column", "What the first answer is"),
    Column.FIRST: pgettext_lazy("column", "First answer (to fill in)"),
    Column.SECOND_LABEL: pgettext_lazy("column", "What the second answer is"),
    Column.SECOND: pgettext_lazy("column", "Second answer (to fill in)"),
    Column.ABSENCE: pgettext_lazy("column", "No figure (to fill in)"),
    Column.REASON: pgettext_lazy("column", "Why not available (to fill in)"),
    Column.COMMENT: pgettext_lazy("column", "Comment (to fill in)"),
    Column.FLAG: pgettext_lazy("column", "Come back to it (to fill in)"),
    Column.SUBJECT_CODE: pgettext_lazy("column", "Code of the unit it is about"),
    Column.FORM: pgettext_lazy("column", "Form"),
    Column.SAVED: pgettext_lazy("column", "Saved version"),
    Column.ERRORS: pgettext_lazy("column", "What to correct"),
}


def heading(column: Column) -> str:
    return str(HEADINGS[column])


def in_each_language(words: Callable[[], str]) -> set[str]:
    """Some words in every language of the interface, as ``plain`` text."""
    found = set()
    for code, _name in Language.interface():
        with override(code):
            found.add(plain(words()))
    return found


@cache
def fixed_words(words: Callable[[], str]) -> frozenset[str]:
    """``in_each_language`` of words that no definition changes."""
    return frozenset(in_each_language(words))


@cache
def known_headings() -> dict[str, Column]:
    """Each column by its heading in any language, and by its code."""
    found = {plain(column.value): column for column in Column}
    for column in Column:
        found |= dict.fromkeys(in_each_language(lambda: heading(column)), column)  # noqa: B023
    return found


# --- Words that are chosen from lists -----------------------------------------------------------


def yes() -> str:
    return _("Yes")


def no() -> str:
    return _("No")


def no_step() -> str:
    return pgettext("milestones", "No step done yet")


def unavailable() -> str:
    return _("Not available")


def too_long() -> str:
    """Stands for a text that no cell of a workbook can hold; read as "left as it is"."""
    return _("(left as it is: too long for a spreadsheet)")


def reason_words(reason: NotApplicableReason) -> str:
    return _("Not applicable: %s") % reason.text


def level_words(level: ScaleLevel) -> str:
    return f"{level.level} – {level.text}"


def answers_of(version: IndicatorVersion, step: MilestoneStep | None) -> list[tuple[int, str]]:
    """The answers that a first cell is chosen from, each with its number; none: it is typed."""
    if version.kind == Kind.YES_NO:
        return [(1, yes()), (0, no())]
    if version.kind == Kind.SCALE:
        return [(level.level, level_words(level)) for level in version.levels.all()]
    if version.kind == Kind.MILESTONES and step is None:
        return [(0, no_step())]
    return []


def absences_of(version: IndicatorVersion) -> list[tuple[str, str]]:
    """The ways to have no figure, each with its code and its words."""
    reasons = version.not_applicable_reasons.all()
    found = [(NOT_APPLICABLE + reason.code, reason_words(reason)) for reason in reasons]
    return [*found, (UNAVAILABLE, unavailable())]


# --- Rows ---------------------------------------------------------------------------------------


def has_second(version: IndicatorVersion) -> bool:
    """Whether a second answer is typed."""
    return version.kind in TWO_PARTS - {Kind.MILESTONES}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of the file: a figure, or a step of a figure that is counted by steps."""

    figure: Figure
    step: MilestoneStep | None = None

    @property
    def key(self) -> str:
        """Indicator, number of its definition, subject, option and step: checks/1/namur/young."""
        version, option = self.figure.version, self.figure.cell.option
        parts = [version.indicator.code, str(version.number), self.figure.subject.slug]
        key = "/".join([*parts, option] if option else parts)
        return key if self.step is None else f"{key}:{self.step.number}"

    @property
    def label(self) -> str:
        own = self.figure.label
        return own if self.step is None else f"{own} – {self.step.text}"

    @property
    def kind(self) -> Kind:
        return Kind(self.figure.version.kind)

    @property
    def is_typed_number(self) -> bool:
        return self.step is None and not self.is_chosen and self.kind != Kind.NARRATIVE

    @property
    def is_chosen(self) -> bool:
        return bool(answers_of(self.figure.version, self.step))

    @property
    def has_second(self) -> bool:
        return has_second(self.figure.version)

    @property
    def is_main(self) -> bool:
        """Whether it takes all that a step does not: reason, comment and flag."""
        return self.step is None


def rows_of(blocks: Sequence[Block]) -> Iterator[EntryRow]:
    """The rows in the order of the form: a figure, then its steps, then its options."""
    for block in blocks:
        for figure in block.figures:
            yield EntryRow(figure)
            if figure.version.kind == Kind.MILESTONES:
                for step in figure.version.steps.all():
                    yield EntryRow(figure, step)


def naming(row: EntryRow) -> dict[Column, str]:
    """What stands in the columns ``NAMING``, in the language of the page."""
    figure = row.figure
    option = figure.option.label if figure.option else ""
    return {
        Column.FIGURE: figure.version.name,
        Column.OPTION: row.step.text if row.step else option,
        Column.SUBJECT: figure.subject.label,
    }


def names_of(rows: Sequence[EntryRow]) -> dict[str, dict[Column, set[str]]]:
    """``naming`` in every language of the interface, as ``plain`` text, by the key of the row."""
    found: dict[str, dict[Column, set[str]]] = {row.key: {} for row in rows}
    once = cache(plain)
    for code, _name in Language.interface():
        with override(code):
            for row in rows:
                for column, words in naming(row).items():
                    found[row.key].setdefault(column, set()).add(once(words))
    return found


def form_code(submission: Submission) -> str:
    """What a file is for, as in the address of the form: 2026-Q3/namur."""
    return f"{submission.round.period.code}/{submission.reporter.slug}"


class Explainer:
    """Says what stands in the columns that nobody fills; of a definition once."""

    def __init__(self, submission: Submission) -> None:
        self.form = form_code(submission)
        self._known: dict[int, dict[Column, Value]] = {}

    def __call__(self, row: EntryRow) -> dict[Column, Value]:
        figure, version = row.figure, row.figure.version
        if version.pk not in self._known:
            self._known[version.pk] = self._of_definition(version)
        found = {
            **self._known[version.pk],
            **naming(row),
            Column.KEY: row.key,
            Column.ANSWER: expected(row),
            Column.SUBJECT_CODE: figure.subject.slug,
            Column.FORM: self.form,
            Column.SAVED: figure.cell.version,
        }
        return found if row.is_main else {**found, Column.FIRST_LABEL: ""}

    def _of_definition(self, version: IndicatorVersion) -> dict[Column, Value]:
        return {
            Column.THEME: str(version.indicator.heading),
            Column.UNIT: version.unit,
            Column.FIRST_LABEL: version.numerator_label,
            Column.SECOND_LABEL: version.denominator_label if has_second(version) else "",
        }


def expected(row: EntryRow) -> str:
    """What kind of answer a row wants, in a few words."""
    if row.step is not None:
        return _("the date, once it is done")
    if row.is_chosen:
        return _("chosen from the list")
    if row.kind == Kind.NARRATIVE:
        return _("a text")
    first, second = wording.parts_decimals(row.figure.version)
    if not row.has_second:
        return _number(first)
    return _("two numbers: %(first)s; %(second)s") % {
        "first": _number(first),
        "second": _number(second),
    }


def _number(decimals: int) -> str:
    if not decimals:
        return _("a whole number")
    text = ngettext(
        "a number, %(decimals)s decimal at most",
        "a number, %(decimals)s decimals at most",
        decimals,
    )
    return text % {"decimals": decimals}


def typed(row: EntryRow, content: Content) -> dict[Column, Value]:
    """What stands in the columns to fill for a content, in the language of the page."""
    if row.step is not None:
        day = content.steps_done.get(str(row.step.number))
        return {Column.FIRST: dt.date.fromisoformat(day) if day else None}
    absent = content.status in (CellStatus.NOT_APPLICABLE, CellStatus.NOT_AVAILABLE)
    unavailable_ = content.status == CellStatus.NOT_AVAILABLE
    return {
        Column.FIRST: _first(row, content) if content.is_reported else None,
        Column.SECOND: _second(row, content),
        Column.ABSENCE: _absence(row.figure.version, content) if absent else None,
        Column.REASON: content.reason if unavailable_ else None,
        Column.COMMENT: fitting(content.comment) or None,
        Column.FLAG: yes() if content.is_flagged else None,
    }


def _first(row: EntryRow, content: Content) -> Value:
    version = row.figure.version
    if row.kind == Kind.NARRATIVE:
        return fitting(content.text)
    if row.kind == Kind.MILESTONES:
        return None if content.steps_done else no_step()
    if row.is_chosen:
        return dict(answers_of(version, None)).get(content.numerator or 0)
    first, _decimals = wording.parts_decimals(version)
    return None if content.numerator is None else Decimal(content.numerator).scaleb(-first)


def _second(row: EntryRow, content: Content) -> Value:
    if content.denominator is None or not row.has_second:
        return None
    _decimals, second = wording.parts_decimals(row.figure.version)
    return Decimal(content.denominator).scaleb(-second)


def _absence(version: IndicatorVersion, content: Content) -> str:
    if content.status == CellStatus.NOT_AVAILABLE:
        return unavailable()
    words = dict(absences_of(version))
    return words.get(NOT_APPLICABLE + content.reason, content.reason)


def fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else too_long()
