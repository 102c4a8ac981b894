"""A submission that has too many figures for one page: a line per definition, and what hinders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from indicators.models import Heading, IndicatorVersion

from . import wording
from .checking import MISSING, Finding
from .figures import Block
from .selectors import Attached

#: How many faults of a definition are named one by one; its own page names all.
MOST_NAMED = 3


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


@dataclass(frozen=True, slots=True)
class Section:
    """A theme (or other part of the plan) and the lines of it."""

    heading: Heading
    lines: Sequence[Line]

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.done for line in self.lines)


@dataclass(frozen=True, slots=True)
class Fault:
    """What hinders the attestation: at one subject, or under a definition without ``subject``.

    ``wants_comment``: it is no error where a comment explains it.
    """

    label: str
    message: str
    indicator: str
    subject: str = ""
    wants_comment: bool = False


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
        by_theme = groupby(lines, key=lambda line: line.version.indicator.heading)
        return cls(
            [Section(heading, list(under)) for heading, under in by_theme],
            [fault for findings in of_version.values() for fault in _faults(findings)],
            _figures(each for each in found if not each.wants_comment),
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


def _faults(found: Sequence[Finding]) -> Iterator[Fault]:
    """What hinders under one definition: its blanks as one, what is wrong and what is odd, each
    one by one if it is little."""
    version = found[0].figure.version
    of_all = partial(Fault, version.name, indicator=version.indicator.code)
    blanks = sum(each.kind == MISSING for each in found)
    if blanks:
        yield of_all(message=wording.blanks_text(blanks))
    hindering = [each for each in found if each.hinders and each.kind != MISSING]
    for odd, text_of in ((False, wording.to_correct_text), (True, wording.to_explain_text)):
        alike = [each for each in hindering if each.wants_comment == odd]
        if len(alike) > MOST_NAMED:
            yield of_all(message=text_of(_figures(alike)), wants_comment=odd)
            continue
        for each in alike:
            place = (version.indicator.code, each.figure.subject.slug)
            yield Fault(each.figure.label, each.message, *place, wants_comment=odd)


def _figures(found: Iterable[Finding]) -> int:
    """How many figures these are about."""
    return len({each.figure.cell.pk for each in found})
