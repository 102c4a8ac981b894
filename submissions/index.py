"""A submission that has too many figures for one page: a line per definition, and what hinders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from indicators.models import Heading, IndicatorVersion, Promise

from . import wording
from .checking import MISSING, Finding
from .figures import Block, Figure
from .selectors import Attached

#: How many figures with something wrong are named one by one; the lines count all of them.
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A definition: how far its figures are, and how many figures have what beside them.

    ``hindering``: with something to correct or to explain; ``explained``: odd, with a comment.
    """

    version: IndicatorVersion
    total: int
    done: int
    hindering: int
    explained: int
    absent: int
    commented: int
    flagged: int
    files: int
    remarks: int
    changed_at: dt.datetime | None

    @classmethod
    def of(cls, block: Block, found: Sequence[Finding], attached: Attached) -> Line:
        said = [each.content for each in block.figures]
        current = [each.cell.current for each in block.figures if each.cell.current is not None]
        return cls(
            version=block.version,
            total=len(said),
            done=sum(not content.is_missing for content in said),
            hindering=_figures(each for each in found if each.hinders and each.kind != MISSING),
            explained=_figures(each for each in found if each.is_explained),
            absent=sum(bool(content.reason) for content in said),
            commented=sum(bool(content.comment) for content in said),
            flagged=sum(content.is_flagged for content in said),
            files=sum(len(attached.files.get(each.cell.pk, ())) for each in block.figures),
            remarks=sum(
                len(attached.remarks.get(pk, ()))
                for pk in {each.cell.expectation_id for each in block.figures}
            ),
            changed_at=max((each.entered_at for each in current), default=None),
        )

    @property
    def has_remarks(self) -> bool:
        """Whether there is more to look at than figures."""
        counts = (self.hindering, self.explained, self.absent, self.commented, self.flagged)
        return any((*counts, self.files, self.remarks))


@dataclass(slots=True)
class Section:
    """A theme (or other part of the plan), what it promises, and the lines of it."""

    heading: Heading
    promises: list[tuple[Promise, list[Line]]] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [line for _promise, lines in self.promises for line in lines]

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.done for line in self.lines)


@dataclass(frozen=True, slots=True)
class Fault:
    """What hinders the attestation: at one subject, or under a definition without ``subject``."""

    label: str
    message: str
    indicator: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """All definitions of a submission by theme, how far they are, and ``faults`` to mend."""

    sections: Sequence[Section]
    faults: Sequence[Fault]
    to_review: int

    @classmethod
    def of(cls, blocks: Sequence[Block], found: Sequence[Finding], attached: Attached) -> Index:
        """``found``: what the checks say, and blanks where they are to be named."""
        of_version: dict[int, list[Finding]] = {}
        for finding in found:
            of_version.setdefault(finding.figure.version.pk, []).append(finding)
        lines = [Line.of(block, of_version.get(block.version.pk, ()), attached) for block in blocks]
        return cls(
            _sections(lines), _faults(found), _figures(each for each in found if each.hinders)
        )

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def left(self) -> int:
        return self.total - self.done


def _sections(lines: Iterable[Line]) -> list[Section]:
    sections = []
    for heading, under in groupby(lines, key=lambda line: line.version.indicator.heading):
        section = Section(heading)
        for promise, said in groupby(under, key=lambda line: line.version.indicator.promise):
            section.promises.append((promise, list(said)))
        sections.append(section)
    return sections


def _faults(found: Sequence[Finding]) -> list[Fault]:
    """Blanks by definition, what else hinders one by one, as long as a summary can be read."""
    faults: list[Fault] = []
    blanks: dict[int, list[Figure]] = {}
    for finding in found:
        if finding.kind == MISSING:
            blanks.setdefault(finding.figure.version.pk, []).append(finding.figure)
    wrong = [each for each in found if each.hinders and each.kind != MISSING]
    for figures in blanks.values():
        version = figures[0].version
        text = wording.blanks_text(len(figures))
        faults.append(Fault(version.name, text, version.indicator.code))
    for finding in wrong[:MOST_NAMED]:
        figure = finding.figure
        place = (figure.version.indicator.code, figure.subject.slug)
        faults.append(Fault(figure.label, finding.message, *place))
    return faults


def _figures(found: Iterable[Finding]) -> int:
    """How many figures these are about."""
    return len({each.figure.cell.pk for each in found})
