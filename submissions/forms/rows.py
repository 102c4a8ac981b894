"""A row of the entry form: what was typed beside what is saved, for one figure.

Not a Django form per cell: a central source has thousands of them. Each row reads its own part of
the post with the one number parser, and either gives an entry or says what is wrong at its field.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation.forms import words
from foundation.numbers import NumberProblem, NumberProblemCode, parse_number
from indicators.calculation.checking import PartProblem
from indicators.calculation.values import ADDABLE
from indicators.enums import CellStatus, Kind
from submissions import sentences, wording
from submissions.checking import Finding
from submissions.content import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    Content,
    ContentProblem,
    problem_with,
)
from submissions.figures import Figure
from submissions.selectors import Beside, Inherited
from submissions.services import Conflict, Entry

Thing = TypeVar("Thing")
UNAVAILABLE = "unavailable"
NOT_APPLICABLE = "not-applicable:"
MINE, THEIRS = "mine", "theirs"
#: The parts of a quotient.
PARTS = ("numerator", "denominator")
NUMBERS = frozenset({Kind.COUNT, Kind.AMOUNT, Kind.POPULATION_RATE})
#: The button that takes the sum of what predecessors had drafted.
SUM = "sum"
_WHOLE = re.compile(r"-?[0-9]{1,18}")
CHOICES = frozenset({Kind.YES_NO, Kind.SCALE})

#: Each cell of a post comes with the version of it that was on the page.
_OF_A_CELL = re.compile(r"c([0-9]{1,18})-version")

#: At which field a refused content is told.
_PLACES = {
    PartProblem.DENOMINATOR_MISSING: "denominator",
    ContentProblem.REASON_NEEDED: "reason",
    ContentProblem.REASON_TOO_LONG: "reason",
    ContentProblem.UNKNOWN_REASON: "absence",
    ContentProblem.COMMENT_TOO_LONG: "comment",
    ContentProblem.TEXT_NEEDED: "text",
    ContentProblem.NOT_A_DATE: "step-1",
    ContentProblem.STEP_AFTER_PERIOD: "step-1",
    ContentProblem.UNKNOWN_STEP: "step-1",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button or an option of a list."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone step with its date box."""

    name: str
    text: str
    due_on: dt.date
    typed: str


class Row:
    """A figure's fields: what is shown in them, what is wrong, and the entry they make."""

    #: The parts by which a question about a row is answered.
    answers = ("choice", "numerator-reading", "denominator-reading")
    longest_comment = LONGEST_COMMENT
    longest_reason = LONGEST_REASON

    def __init__(
        self,
        figure: Figure,
        *,
        last_day: dt.date,
        posted: Mapping[str, Any] | None = None,
        conflict: Conflict | None = None,
        version: int | None = None,
        past: Mapping[str, str] | None = None,
        periods: Sequence[str] = (),
        findings: Sequence[Finding] = (),
        inherited: Inherited | None = None,
        peers: Sequence[Beside] = (),
        year_before: str = "",
    ) -> None:
        self.figure = figure
        self.inherited = inherited
        self.peers = peers
        self.year_before = year_before
        self.version = figure.version
        self.kind = figure.version.kind
        self.content = figure.content
        self.prefix = f"c{figure.cell.pk}"
        self.last_day = last_day
        self.conflict = conflict
        self.past = past or {}
        self.periods = periods
        self.findings = findings
        #: The options of a total, and the total of an option, where a definition is broken down.
        self.options: list[Row] = []
        self.total: Row | None = None
        self.errors: dict[str, str] = {}
        self.readings: dict[str, list[Choice]] = {}
        self._posted = posted if posted and f"{self.prefix}-version" in posted else None
        self.typed = self._from_content() if self._posted is None else self._from_post()
        self._version = version
        self.entry = self._read() if self._posted is not None else None
        if self.errors:
            # Of a comment alone there is nothing to choose: it is sent again with the figure.
            self.conflict = None

    # What is shown

    def _from_content(self) -> dict[str, str]:
        said = self.content
        first, second = wording.parts_decimals(self.version)
        chosen = self.kind in CHOICES
        number = str(said.numerator) if chosen else wording.units_text(said.numerator, first)
        no_step = self.kind == Kind.MILESTONES and said.is_reported and not said.steps_done
        return {
            "numerator": "" if said.numerator is None else number,
            "denominator": wording.units_text(said.denominator, second),
            "text": said.text,
            "absence": _absence_of(said),
            "reason": said.reason if said.status == CellStatus.NOT_AVAILABLE else "",
            "comment": said.comment,
            "no_step": "on" if no_step else "",
            "flag": "on" if said.is_flagged else "",
            **{f"step-{number}": day for number, day in said.steps_done.items()},
        }

    def _from_post(self) -> dict[str, str]:
        parts = [*_FIELDS, *(f"step-{step.number}" for step in self._steps)]
        posted = self._posted or {}
        typed = {part: words(posted.get(self.name(part), "")) for part in parts}
        return typed | self._taken(posted.get(SUM, ""))

    def _taken(self, said: str) -> dict[str, str]:
        """The parts of the sum that the pressed button of this row offers, as if typed."""
        prefix, *units = said.split() or [""]
        if prefix != self.prefix or not all(map(_WHOLE.fullmatch, units)):
            return {}
        names = (("numerator", 0), ("denominator", 1))[: len(units)]
        decimals = wording.parts_decimals(self.version)
        return {
            name: wording.units_text(int(units[place]), decimals[place]) for name, place in names
        }

    @property
    def sum_to_take(self) -> str:
        """What a button posts that takes the sum of the predecessors' drafts; "" for no button."""
        found = self.inherited.sum if self.inherited else None
        if found is None or not self.content.is_missing:
            return ""
        parts = (found.numerator, found.denominator)
        return " ".join([self.prefix, *(str(part) for part in parts if part is not None)])

    @property
    def sum_to_take_text(self) -> str:
        found = self.inherited.sum if self.inherited else None
        return wording.short_text(self.version, found) if found else ""

    def name(self, part: str) -> str:
        return f"{self.prefix}-{part}"

    @property
    def shown_version(self) -> int:
        """The cell's version that this row was typed against, or saved as."""
        if self._version is not None:
            return self._version
        cell = self.figure.cell
        return cell.version if self._posted is None else _whole(self._posted[self.name("version")])

    @cached_property
    def messages(self) -> list[str]:
        """Everything that is wrong at this figure, once.

        What was refused is not saved: what the checks say of the saved figure is not about it.
        """
        found = (each for each in self.findings if not each.wants_comment)
        return list(dict.fromkeys(self.errors.values() or (each.message for each in found)))

    @property
    def to_explain(self) -> list[str]:
        """What the checks saw and a comment would explain: no error."""
        found = (each for each in self.findings if each.wants_comment and each.hinders)
        return [] if self.errors else [each.message for each in found]

    @property
    def warnings(self) -> list[str]:
        """What the checks saw and a comment explains."""
        return [each.text for each in self.findings if each.is_explained and not self.errors]

    @property
    def has_messages(self) -> bool:
        return bool(self.messages or self.to_explain or self.warnings)

    @property
    def standing(self) -> str:
        """What keeps the row from being saved: "conflict", "refused", or nothing."""
        if self.conflict is not None:
            return "conflict"
        return "refused" if self.errors else ""

    @property
    def target(self) -> str:
        """The id of the field to go to."""
        if self.conflict is not None:
            return self.name(f"choice-{MINE}")
        part = next(iter(self.errors), self.first_part)
        if part in self.readings:
            return self.name(f"{part}-reading-0")
        return self.name(part) if part != "numerator" else self.name(self.first_part)

    @property
    def first_part(self) -> str:
        if self.kind in CHOICES:
            return "numerator-1" if self.kind == Kind.YES_NO else "numerator-0"
        return {Kind.NARRATIVE: "text", Kind.MILESTONES: "step-1"}.get(Kind(self.kind), "numerator")

    @property
    def layout(self) -> str:
        """number, quotient, choice, steps or text."""
        if self.kind in CHOICES:
            return "choice"
        if self.kind in wording.QUOTIENTS:
            return "quotient"
        return {Kind.MILESTONES: "steps", Kind.NARRATIVE: "text"}.get(Kind(self.kind), "number")

    @property
    def is_group(self) -> bool:
        """Whether several controls answer together, and take their name from the group."""
        return self.layout in ("quotient", "choice", "steps")

    @property
    def is_in_words(self) -> bool:
        return self.layout in ("choice", "steps", "text")

    @property
    def is_number(self) -> bool:
        """Whether figures are typed, as in a spreadsheet."""
        return self.layout in ("number", "quotient")

    @property
    def number_fields(self) -> list[tuple[str, str, str]]:
        """Part, name in a table of one definition, and text of each field of a figure."""
        option, subject = self.figure.option, self.figure.subject.label
        name = subject if option is None else f"{subject} – {option.label}"
        if self.layout == "number":
            return [("numerator", name, self.typed["numerator"])]
        labels = {"numerator": self.version.numerator_label}
        labels["denominator"] = self.version.denominator_label
        return [(part, f"{name} – {label}", self.typed[part]) for part, label in labels.items()]

    @property
    def with_options(self) -> list[Row]:
        return [self, *self.options]

    @property
    def grid_label(self) -> str:
        """The name of its column where each option has one."""
        if self.figure.option is not None:
            return self.figure.option.label
        return str(_("Total")) if self.options else str(_("Figure"))

    @property
    def compared(self) -> list[tuple[str, str]]:
        """The period before and the same one a year earlier, for a narrow place."""
        return ends_of(self.history)

    @property
    def own_label(self) -> str:
        option = self.figure.option
        return self.version.name if option is None else option.label

    @property
    def choices(self) -> list[Choice]:
        if self.kind == Kind.YES_NO:
            answers = [("1", str(_("Yes"))), ("0", str(_("No")))]
        else:
            answers = [
                (str(level.level), f"{level.level} – {level.text}")
                for level in self.version.levels.all()
            ]
        return [Choice(value, text, value == self.typed["numerator"]) for value, text in answers]

    @property
    def steps(self) -> list[Step]:
        return [
            Step(
                self.name(f"step-{step.number}"),
                step.text,
                step.due_on,
                self.typed.get(f"step-{step.number}", ""),
            )
            for step in self._steps
        ]

    @cached_property
    def _steps(self) -> list[Any]:
        return list(self.version.steps.all()) if self.kind == Kind.MILESTONES else []

    @property
    def absences(self) -> list[Choice]:
        """The reasons for having no figure that the definition allows, and "not available"."""
        reasons = [
            (NOT_APPLICABLE + reason.code, str(_("Not applicable: %s")) % reason.text)
            for reason in self.version.not_applicable_reasons.all()
        ]
        allowed = [*reasons, (UNAVAILABLE, str(_("Not available, because …")))]
        return [Choice(value, text, value == self.typed["absence"]) for value, text in allowed]

    @property
    def has_absence(self) -> bool:
        return bool({"absence", "reason"} & set(self.errors) or self.typed["absence"])

    @property
    def has_comment(self) -> bool:
        return bool(self.typed["comment"] or self.typed["flag"]) or any(
            each.wants_comment for each in self.findings
        )

    @property
    def sum_text(self) -> str:
        """How far the options of a total add up to it; "" where they need not."""
        if not (self.options and self.version.breakdown_is_exhaustive):
            return ""
        return wording.sum_text(self.version, self.content, [row.content for row in self.options])

    @property
    def is_summed(self) -> bool:
        """Whether a running total stands at this figure."""
        exhaustive = self.version.breakdown_is_exhaustive and self.kind in ADDABLE
        return bool(self.options) and exhaustive

    @property
    def other_parts(self) -> list[tuple[str, str]]:
        """Names and values of what is said beside the figure, for a page without fields for it."""
        return [(self.name(part), self.typed[part]) for part in BESIDE if self.typed[part]]

    @property
    def echo(self) -> str:
        """How the saved figure was read."""
        shown = self.content.is_reported and self.layout in ("number", "quotient")
        return wording.figure_text(self.version, self.content) if shown else ""

    @property
    def saved_text(self) -> str:
        """When the current content was saved."""
        current = self.figure.cell.current
        return wording.saved_text(current.entered_at) if current else ""

    @property
    def figure_text(self) -> str:
        return wording.figure_text(self.version, self.content)

    @property
    def history(self) -> list[tuple[str, str]]:
        """Period code and short text, in the order of the periods compared."""
        return [(code, self.past.get(code, "–")) for code in self.periods]

    @property
    def has_merged(self) -> bool:
        """Whether a figure beside it is the sum of units that merged."""
        return any(text.startswith(wording.MERGED) for text in self.past.values())

    @property
    def a_year_earlier(self) -> str:
        """What was said of the same period a year earlier; empty where nothing was."""
        return self.past.get(self.year_before, "")

    @property
    def peers_period(self) -> str:
        """The locked period to which the peers' values belong."""
        return self.peers[0].period_code if self.peers else ""

    @property
    def peers_texts(self) -> list[str]:
        """The medians of nation, province and class; one sentence where all are hidden."""
        if self.peers and all(each.peers.median is None for each in self.peers):
            return [sentences.hidden_median()]
        return [
            sentences.beside(self.version, each.group, each.place, each.peers)
            for each in self.peers
        ]

    @property
    def remarks(self) -> list[str]:
        """What a controller looks at: what checks saw, why there is no figure, the comment."""
        found = [each.text for each in self.findings]
        found += wording.details(self.version, self.content)
        if self.content.comment:
            found.append(self.content.comment)
        if self.content.is_flagged:
            found.append(wording.flagged_text())
        return found

    @property
    def mine_text(self) -> str:
        mine = self.conflict.entry.content if self.conflict else Content()
        return wording.version_text(self.version, mine)

    @property
    def theirs_text(self) -> str:
        saved = self.conflict.saved if self.conflict else None
        return wording.version_text(self.version, Content.of(saved))

    @property
    def typed_text(self) -> str:
        """What was typed or chosen, in one line: for a page that cannot save it."""
        dated = [f"{step.text}: {step.typed}" for step in self.steps if step.typed]
        given = [self._in_words(name) for name in _FIELDS if self.typed.get(name)]
        return " / ".join([*dated, *given])

    def _in_words(self, name: str) -> str:
        """What a part says; of what was chosen, the words it was chosen by."""
        typed = self.typed[name]
        if name == "flag":
            return wording.flagged_text()
        if name == "no_step":
            return str(_("No step done yet"))
        offered: Sequence[Choice] = ()
        if name == "absence":
            offered = self.absences
        elif name == "numerator" and self.layout == "choice":
            offered = self.choices
        return next((each.label for each in offered if each.value == typed), typed)

    @property
    def differs(self) -> bool:
        """Whether something was typed that is not what is saved."""
        saved = self._from_content()
        return any(text != saved.get(part, "") for part, text in self.typed.items())

    # What is read

    def _read(self) -> Entry | None:
        posted = self._posted or {}
        choice = posted.get(self.name("choice"), "")
        if choice == THEIRS:
            self._posted, self.typed = None, self._from_content()
            return None
        seen = "seen" if choice == MINE else "version"
        try:
            content = self._content()
        except _Wrong as wrong:
            self.errors |= wrong.messages
            beside = self._beside()
            if beside is None:
                return None
            content = beside
        return Entry(self.figure.cell.pk, _whole(posted.get(self.name(seen), "")), content)

    def _beside(self) -> Content | None:
        """What was typed beside a figure that cannot be read, with the figure that is saved."""
        comment, flag = self.typed["comment"], bool(self.typed["flag"])
        content = replace(self.content, comment=comment, is_flagged=flag)
        is_refused = problem_with(self.version, content, self.last_day) is not None
        return None if is_refused or not (comment or flag) else content

    def _content(self) -> Content:
        absence, comment = self.typed["absence"], self.typed["comment"]
        if self._has_stray_reason:
            raise _Wrong({"absence": wording.stray_reason_text()})
        if absence:
            content = self._no_figure(absence, comment)
        else:
            content = _READERS[self.layout](self, comment)
        content = replace(content, is_flagged=bool(self.typed["flag"]))
        problem = problem_with(self.version, content, self.last_day)
        if problem:
            part = _PLACES.get(problem, "numerator")
            raise _Wrong({part: wording.content_problem_text(problem)})
        return content

    @property
    def _has_stray_reason(self) -> bool:
        """Whether words why there is no figure were typed, and it was not said that there is none.

        Those that are saved go with what they explained.
        """
        reason = self.typed["reason"]
        is_new = bool(reason) and reason != self._from_content()["reason"]
        return is_new and self.typed["absence"] != UNAVAILABLE

    def _no_figure(self, absence: str, comment: str) -> Content:
        figures = [part for part in self.typed if part not in BESIDE]
        if any(self.typed[part] for part in figures):
            raise _Wrong({"absence": wording.figure_and_absence_text()})
        if absence == UNAVAILABLE:
            return Content(CellStatus.NOT_AVAILABLE, reason=self.typed["reason"], comment=comment)
        code = absence.removeprefix(NOT_APPLICABLE)
        return Content(CellStatus.NOT_APPLICABLE, reason=code, comment=comment)

    def read_number(self, comment: str) -> Content:
        first, _second = wording.parts_decimals(self.version)
        numerator = self._number("numerator", first, self.content.numerator)
        return _said(numerator, comment=comment)

    def read_quotient(self, comment: str) -> Content:
        known = (self.content.numerator, self.content.denominator)
        parts = zip(PARTS, wording.parts_decimals(self.version), known, strict=True)
        read: list[int | None] = []
        wrong: dict[str, str] = {}
        for part in parts:
            try:
                read.append(self._number(*part))
            except _Wrong as refused:
                wrong |= refused.messages
        if wrong:
            raise _Wrong(wrong)
        numerator, denominator = read
        if numerator is None and denominator is not None:
            text = wording.content_problem_text(PartProblem.NUMERATOR_MISSING)
            raise _Wrong({"numerator": text})
        return _said(numerator, denominator, comment=comment)

    def read_choice(self, comment: str) -> Content:
        allowed = {choice.value for choice in self.choices}
        typed = self.typed["numerator"]
        return _said(int(typed) if typed in allowed else None, comment=comment)

    def read_steps(self, comment: str) -> Content:
        dates = {
            str(step.number): _iso_date(typed)
            for step in self._steps
            if (typed := self.typed[f"step-{step.number}"])
        }
        if not dates and not self.typed["no_step"]:
            return Content(comment=comment)
        return _said(len(dates), len(self._steps), steps_done=dates, comment=comment)

    def read_text(self, comment: str) -> Content:
        text = self.typed["text"]
        status = CellStatus.REPORTED if text else CellStatus.MISSING
        return Content(status, text=text, comment=comment)

    def _number(self, part: str, decimals: int, known: int | None) -> int | None:
        """The units typed, None where blank. What is shown and left alone is not read again."""
        typed = self.typed[part]
        if not typed:
            return None
        if known is not None and typed == wording.units_text(known, decimals):
            return known
        try:
            return self._parse(typed, decimals)
        except NumberProblem as problem:
            return self._resolved(part, decimals, problem)

    def _resolved(self, part: str, decimals: int, problem: NumberProblem) -> int:
        """The reading that was chosen for an ambiguous number; else it is asked."""
        if problem.code == NumberProblemCode.AMBIGUOUS:
            chosen = self.typed[f"{part}-reading"]
            readings = {
                format(each.normalize(), "f"): each for each in wording.readings(problem, decimals)
            }
            self.readings[part] = [
                Choice(value, wording.reading_text(each), value == chosen)
                for value, each in readings.items()
            ]
            if chosen in readings:
                return int(readings[chosen].scaleb(decimals))
        raise _Wrong({part: wording.number_problem_text(problem, decimals)}) from problem

    def _parse(self, text: str, decimals: int) -> int:
        low = self.version.lower_bound
        below_zero = low is not None and low < 0
        return parse_number(text, decimals=decimals, allow_negative=below_zero).units


def cells_in(posted: Mapping[str, Any]) -> list[int]:
    """The cells of which a post has the fields, by id."""
    return [int(found[1]) for name in posted if (found := _OF_A_CELL.fullmatch(name))]


def ends_of(found: Sequence[Thing]) -> list[Thing]:
    """The first and the last."""
    return [*found[:1], *found[1:][-1:]]


class _Wrong(Exception):
    """What is wrong, by the part of the figure."""

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__(*messages)
        self.messages = messages


_FIELDS = (
    "numerator",
    "denominator",
    "numerator-reading",
    "denominator-reading",
    "text",
    "absence",
    "reason",
    "comment",
    "no_step",
    "flag",
)
#: What is said beside a figure, or in its place.
BESIDE = ("absence", "reason", "comment", "flag")
_READERS = {
    "number": Row.read_number,
    "quotient": Row.read_quotient,
    "choice": Row.read_choice,
    "steps": Row.read_steps,
    "text": Row.read_text,
}


def _said(numerator: int | None, denominator: int | None = None, **more: Any) -> Content:
    if numerator is None and denominator is None:
        return Content(**more)
    return Content(CellStatus.REPORTED, numerator, denominator, **more)


def _absence_of(content: Content) -> str:
    if content.status == CellStatus.NOT_APPLICABLE:
        return NOT_APPLICABLE + content.reason
    return UNAVAILABLE if content.status == CellStatus.NOT_AVAILABLE else ""


def _whole(text: str) -> int:
    """A version from a hidden field; one that nobody could have seen where it was tampered with."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _iso_date(text: str) -> str:
    """The ISO form of a date typed as 2026-03-31 or 31/03/2026; else the text, which is refused."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return dt.datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            continue
    return text
