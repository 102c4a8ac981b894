"""Reading the plan beyond its themes, in a number of queries that does not grow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches, shortened

from .enums import PassageKind
from .models import (
    Commitment,
    Condition,
    Framework,
    GlossaryEntry,
    KeyDate,
    LegalReference,
    Passage,
    Plan,
    PlanFigure,
    SourceNote,
)


@dataclass(frozen=True, slots=True)
class Cover:
    """The plan with who signs it and the documents that it stands beside."""

    plan: Plan | None
    signatories: list[Passage]
    cornerstones: list[Passage]


COVER = (PassageKind.SIGNATORY, PassageKind.CORNERSTONE)


def cover() -> Cover:
    """Two queries."""
    found = list(Passage.objects.filter(kind__in=COVER))
    return Cover(
        Plan.objects.first(),
        [each for each in found if each.kind == PassageKind.SIGNATORY],
        [each for each in found if each.kind == PassageKind.CORNERSTONE],
    )


@dataclass(frozen=True, slots=True)
class Section:
    """The passages of a kind; ``anchor`` leads to them on their page."""

    anchor: str
    label: str
    passages: list[Passage]


def passages(*kinds: PassageKind) -> list[Section]:
    """Passages by kind, in the order of ``kinds``; kinds without any are left out. One query."""
    found = list(Passage.objects.filter(kind__in=kinds))
    sections = (
        Section(
            kind.value.replace("_", "-"),
            str(kind.label),
            [each for each in found if each.kind == kind],
        )
        for kind in kinds
    )
    return [section for section in sections if section.passages]


def conditions() -> QuerySet[Condition]:
    return Condition.objects.select_related("plan").prefetch_related("points")


def commitments() -> QuerySet[Commitment]:
    return Commitment.objects.prefetch_related("points", "figures")


def loose_figures() -> QuerySet[PlanFigure]:
    """Figures that belong to no commitment."""
    return PlanFigure.objects.filter(commitment__isnull=True)


def frameworks() -> QuerySet[Framework]:
    return Framework.objects.all()


def key_dates() -> QuerySet[KeyDate]:
    return KeyDate.objects.all()


def legal_references() -> QuerySet[LegalReference]:
    return LegalReference.objects.all()


def source_notes() -> QuerySet[SourceNote]:
    return SourceNote.objects.all()


@dataclass(frozen=True, slots=True)
class Letter:
    """The entries of the glossary under a letter."""

    letter: str
    entries: list[GlossaryEntry]


def glossary() -> list[Letter]:
    """One query."""
    letters: dict[str, list[GlossaryEntry]] = {}
    for entry in sorted(GlossaryEntry.objects.all(), key=lambda each: each.abbreviation.lower()):
        letters.setdefault(entry.abbreviation[0].upper(), []).append(entry)
    return [Letter(letter, entries) for letter, entries in letters.items()]


# --- Abbreviations ----------------------------------------------------------------------------


class Note(Protocol):
    """A footnote: the words on which it hangs, and what it says."""

    number: int
    on: str
    text: str


class Abbreviations:
    """Finds the glossary's abbreviations in texts, and remembers those that a page has met.

    ``notes`` are the footnotes whose words may stand in these texts.
    """

    def __init__(self, entries: Iterable[GlossaryEntry], notes: Iterable[Note] = ()) -> None:
        self.entries = {each.abbreviation: each for each in entries}
        longest_first = sorted(map(re.escape, self.entries), key=len, reverse=True)
        self.pattern = re.compile(
            rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)" if longest_first else r"(?!)"
        )
        self._met: dict[str, GlossaryEntry] = {}
        self.notes = list(notes)
        self._marked: dict[int, Note] = {}

    def meet(self, abbreviation: str) -> GlossaryEntry:
        entry = self.entries[abbreviation]
        self._met[abbreviation] = entry
        return entry

    @property
    def met(self) -> list[GlossaryEntry]:
        """Those that occurred so far, in alphabetical order."""
        return [self._met[name] for name in sorted(self._met, key=str.lower)]

    def mark(self, note: Note) -> bool:
        """Whether the words of a footnote are met for the first time."""
        is_first = note.number not in self._marked
        self._marked[note.number] = note
        return is_first

    @property
    def marked(self) -> list[Note]:
        """The footnotes whose words occurred so far, in their order."""
        return [self._marked[number] for number in sorted(self._marked)]


def abbreviations(notes: Iterable[Note] = ()) -> Abbreviations:
    """One query, and that of ``notes`` where they were not read."""
    return Abbreviations(GlossaryEntry.objects.all(), notes)


# --- Search -----------------------------------------------------------------------------------


def find(user: Any, words: str, most: int) -> list[SearchHit]:
    """Everything beyond the themes whose code, title or text holds every word."""
    if not user.access.may("themes.view_plan"):
        return []
    found = [hit for read in READERS for hit in read(words)]
    found.sort(key=lambda hit: not hit.is_named(words))
    return found[:most]


def _with_points(each: Condition | Commitment) -> str:
    """A text with its points."""
    points = (text for point in each.points.all() for text in (point.title, point.text))
    return " · ".join(filter(None, [each.text, *points]))


def _conditions(words: str) -> list[SearchHit]:
    hits = []
    for each in conditions():
        said = _with_points(each)
        if matches(words, each.code, each.title, said):
            url = each.get_absolute_url()
            hits.append(SearchHit(str(each), url, _("Condition"), said, each.place))
    return hits


def _commitments(words: str) -> list[SearchHit]:
    hits = []
    for each in commitments():
        said = _with_points(each)
        if matches(words, each.code, each.title, said):
            url = each.get_absolute_url()
            hits.append(SearchHit(str(each), url, _("Commitment"), said, each.place))
    return hits


def _frameworks(words: str) -> list[SearchHit]:
    return [
        SearchHit(each.title, each.get_absolute_url(), _("Policy framework"), each.note)
        for each in frameworks()
        if matches(words, each.title, each.note)
    ]


def _glossary(words: str) -> list[SearchHit]:
    return [
        SearchHit(
            f"{each.abbreviation} – {each.expansion}",
            f"{reverse('glossary')}#{each.anchor}",
            _("Glossary"),
            each.explanation or "",
        )
        for each in GlossaryEntry.objects.all()
        if matches(words, each.abbreviation, each.expansion, each.explanation or "")
    ]


def _passages(words: str) -> list[SearchHit]:
    return [
        SearchHit(
            each.heading or shortened(each.text),
            f"{page_of(each)}#{each.anchor}",
            each.get_kind_display(),
            each.text,
            "" if each.kind in COVER else each.place,
        )
        for each in Passage.objects.all()
        if matches(words, each.heading or "", each.text)
    ]


#: The page on which passages of a kind stand; the introduction unless said here.
PAGES = {
    PassageKind.CONDITION_INTRO: "condition-list",
    PassageKind.ORIENTATION: "resources-detail",
    PassageKind.CAPACITY: "resources-detail",
    PassageKind.FOLLOW_UP: "follow-up-detail",
    PassageKind.EVALUATION: "follow-up-detail",
    PassageKind.ROLE: "follow-up-detail",
    PassageKind.SIGNATORY: "plan-detail",
    PassageKind.CORNERSTONE: "plan-detail",
}


def page_of(passage: Passage) -> str:
    return reverse(PAGES.get(PassageKind(passage.kind), "plan-introduction"))


def _figures(words: str) -> list[SearchHit]:
    return [
        SearchHit(each.label, f"{reverse('resources-detail')}#figures", _("Figure"), each.dating)
        for each in PlanFigure.objects.all()
        if matches(words, each.label, each.unit, each.dating)
    ]


def _dates(words: str) -> list[SearchHit]:
    dates = [
        SearchHit(each.event, f"{reverse('plan-references')}#dates", _("Date"), each.on, each.place)
        for each in key_dates()
        if matches(words, each.on, each.event)
    ]
    laws = [
        SearchHit(
            each.title, f"{reverse('plan-references')}#laws", _("Legal reference"), each.subject
        )
        for each in legal_references()
        if matches(words, each.title, each.subject)
    ]
    return [*dates, *laws]


READERS: tuple[Callable[[str], list[SearchHit]], ...] = (
    _conditions, _commitments, _frameworks, _glossary, _passages, _figures, _dates,
)  # fmt: skip
