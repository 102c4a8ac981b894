"""Reading definitions and the questions about them, in a number of queries that does not grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches
from indicators.labels import Addressed
from indicators.models import (
    HistoricalFigure,
    Indicator,
    IndicatorVersion,
    Promise,
    Question,
    TargetPath,
)
from indicators.permissions import VIEW_CODEBOOK
from organisations.enums import AreaKind, UnitKind
from organisations.models import Unit, User

from . import rules

PARTS = ("subjects", "options", "levels", "steps", "not_applicable_reasons")
TRANSLATED = ("name", "definition", "unit", "numerator_label", "denominator_label", "limits")


@dataclass(frozen=True, slots=True)
class Terms:
    """What narrows the list; empty narrows nothing."""

    words: str = ""
    heading: str = ""
    nature: str = ""
    kind: str = ""
    reporter: str = ""
    frequency: str = ""
    key: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An indicator in the list, with the definition in force (or the next one, or the last)."""

    indicator: Indicator
    version: IndicatorVersion

    @property
    def subjects(self) -> Sequence[Unit]:
        """The units that a definition lists by name."""
        return list(self.version.subjects.all())

    @property
    def reporters(self) -> frozenset[str]:
        """The kinds of unit that report."""
        if self.version.reporter:
            return frozenset({self.version.reporter.kind})
        if self.version.addressed == Addressed.LISTED:
            return frozenset(unit.kind for unit in self.subjects)
        return frozenset({UnitKind.ZONE})

    @property
    def who(self) -> str:
        """Who reports: a unit, how many of them, or which zones."""
        if self.version.reporter:
            return self.version.reporter.label
        if self.version.addressed == Addressed.LISTED and len(self.subjects) == 1:
            return self.subjects[0].label
        return str(self.version.get_addressed_display())


@dataclass(frozen=True, slots=True)
class Measured:
    """A promise of the plan with the indicators that measure it."""

    promise: Promise
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Section:
    """A theme, the conditions or chapter 3, with its promises in the plan's order."""

    heading: str
    promises: list[Measured]


@dataclass(frozen=True, slots=True)
class Definition:
    """A page of the codebook: a definition, what is asked, and what was asked about it."""

    indicator: Indicator
    version: IndicatorVersion
    versions: Sequence[IndicatorVersion]
    pair: IndicatorVersion | None
    target_path: TargetPath | None
    figures: Sequence[HistoricalFigure]

    @property
    def is_in_force(self) -> bool:
        return self.version.pk == _standing(self.versions, timezone.localdate()).pk

    @property
    def is_translated(self) -> bool:
        """Whether every text that there is in French is there in the page's language."""
        language = (get_language() or "fr")[:2]
        return all(
            getattr(worded, f"{name}_{language}")
            for worded, names in (
                (self.version, TRANSLATED),
                *((figure, HistoricalFigure.TEXTS) for figure in self.figures),
            )
            for name in names
            if getattr(worded, f"{name}_fr")
        )


def _standing(versions: Sequence[IndicatorVersion], day: dt.date) -> IndicatorVersion:
    """The version in force on ``day``; else the next one, else the last. In order of number."""
    begun = [each for each in versions if each.valid_from <= day]
    return begun[-1] if begun else versions[0]


def entries() -> list[Entry]:
    """Every indicator with its definition in force, in the plan's order; four queries."""
    versions = IndicatorVersion.objects.select_related("reporter").order_by("number")
    found = Indicator.objects.select_related(*Indicator.RELATED).prefetch_related(
        Prefetch("versions", versions.prefetch_related("subjects"), to_attr="defined")
    )
    today = timezone.localdate()
    return [
        Entry(each, _standing(vars(each)["defined"], today))
        for each in found
        if vars(each)["defined"]
    ]


def headings() -> list[tuple[str, str]]:
    """The parts of the plan that have indicators: code and name, in order."""
    found = Indicator.objects.select_related(*Indicator.RELATED)
    return sorted({(each.heading.code, str(each.heading)) for each in found})


def narrowed(found: Sequence[Entry], terms: Terms) -> list[Entry]:
    """The entries that every term allows; words forgive accents and case."""
    return [
        each
        for each in found
        if (not terms.heading or each.indicator.heading.code == terms.heading)
        and (not terms.nature or each.indicator.nature == terms.nature)
        and (not terms.kind or each.version.kind == terms.kind)
        and (not terms.reporter or terms.reporter in each.reporters)
        and (not terms.frequency or each.version.frequency == terms.frequency)
        and (not terms.key or each.indicator.is_key)
        and _says(each, terms.words)
    ]


def _says(entry: Entry, words: str) -> bool:
    version = entry.version
    return matches(
        words,
        entry.indicator.code,
        str(entry.indicator.promise),
        version.name,
        version.definition,
        version.source_system,
    )


def sections(found: Sequence[Entry]) -> list[Section]:
    """Entries under the parts of the plan and their promises."""
    by_heading: dict[str, dict[tuple[str, int], Measured]] = {}
    for each in found:
        promise = each.indicator.promise
        promises = by_heading.setdefault(str(each.indicator.heading), {})
        key = (promise._meta.label, promise.pk)
        promises.setdefault(key, Measured(promise, [])).entries.append(each)
    return [Section(heading, list(of_one.values())) for heading, of_one in by_heading.items()]


def definition(code: str, number: int | None = None) -> Definition | None:
    """A page of the codebook, about the definition in force or the one with ``number``."""
    indicator = (
        Indicator.objects.select_related(*Indicator.RELATED, "paired_with")
        .filter(code=code)
        .first()
    )
    if indicator is None:
        return None
    versions = list(
        indicator.versions.select_related("reporter", "amendment")
        .prefetch_related(*PARTS)
        .order_by("number")
    )
    numbered = {each.number: each for each in versions}
    if not versions or (number is not None and number not in numbered):
        return None
    version = numbered[number] if number else _standing(versions, timezone.localdate())
    return Definition(
        indicator=indicator,
        version=version,
        versions=versions,
        pair=_pair(indicator),
        target_path=None if indicator.is_restricted else _path(indicator),
        figures=[] if indicator.is_restricted else list(indicator.historical_figures.all()),
    )


def _pair(indicator: Indicator) -> IndicatorVersion | None:
    if indicator.paired_with is None:
        return None
    versions = list(indicator.paired_with.versions.select_related("indicator").order_by("number"))
    return _standing(versions, timezone.localdate()) if versions else None


def _path(indicator: Indicator) -> TargetPath | None:
    """The nation's path in force today; before the first begins, the first."""
    paths = list(
        indicator.paths.filter(area__kind=AreaKind.NATION)
        .prefetch_related("points")
        .order_by("valid_from")
    )
    begun = [each for each in paths if each.valid_from <= timezone.localdate()]
    known = begun or paths[:1]
    return known[-1] if known else None


# --- Questions ----------------------------------------------------------------------------------

ASKERS = {
    UnitKind.ZONE: _("a zone"),
    UnitKind.FEDERAL: _("a federal unit"),
    UnitKind.SOURCE: _("a central source"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a reader sees it: never who asked, only for what kind of unit."""

    question: Question
    asker: str
    is_own: bool
    may_change: bool
    may_answer: bool


def asked(questions: QuerySet[Question], user: User) -> list[Asked]:
    """Questions as ``user`` sees them; one query."""
    return shown(questions.select_related("asked_for", "indicator"), user)


def shown(questions: Iterable[Question], user: User) -> list[Asked]:
    """Questions that were read with their unit and indicator, as ``user`` sees them."""
    return [_asked(each, user) for each in questions]


def _asked(question: Question, user: User) -> Asked:
    unit = question.asked_for
    return Asked(
        question=question,
        asker=str(ASKERS[UnitKind(unit.kind)]) if unit else str(_("a unit")),
        is_own=question.asked_by_id == user.pk,
        may_change=rules.may_change(user, question),
        may_answer=rules.may_answer(user),
    )


def questions_about(indicator: Indicator, user: User) -> list[Asked]:
    """The questions about an indicator that ``user`` may see, the oldest first."""
    return asked(rules.visible_to(user).filter(indicator=indicator).order_by("asked_at"), user)


def open_first() -> QuerySet[Question]:
    """Every question: those without an answer first, the oldest first; then the latest answers."""
    found = Question.objects.select_related("asked_for", "indicator")
    return found.order_by(F("answered_at").desc(nulls_first=True), "asked_at")


def home(user: User) -> Mapping[str, Any] | None:
    """How many questions wait for an answer, or what became of one's own in the last month."""
    if rules.may_answer(user):
        waiting = Question.objects.filter(answer="")
        count = waiting.count()
        return {"waiting": count} if count else None
    if not rules.may_ask(user):
        return None
    month = timezone.now() - dt.timedelta(days=31)
    own = Question.objects.filter(asked_by=user).select_related("indicator")
    found = [each for each in own if not each.answered_at or each.answered_at >= month]
    return {"own": found[:5]} if found else None


# --- Search -------------------------------------------------------------------------------------


def find(user: User, words: str, most: int) -> list[SearchHit]:
    """Definitions whose code, name or text holds every word; two queries."""
    if not user.access.may(VIEW_CODEBOOK.name):
        return []
    hits = [
        SearchHit(
            each.version.name,
            reverse("codebook-detail", args=[each.indicator.code]),
            _("Definition"),
            each.version.definition,
        )
        for each in entries()
        if matches(words, each.indicator.code, each.version.name, each.version.definition)
    ]
    return hits[:most]


# --- Blocks on other pages ------------------------------------------------------------------------

#: Who holds it sees the same measures with their status, in a panel of a higher app.
SEES_RESULTS = "progress.view_results"


def objective_measures(ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """What some objectives are measured by, key indicators first, without any figure: two queries.

    For those who see no results.
    """
    if user.access.may(SEES_RESULTS):
        return {}
    day = timezone.localdate()
    found: dict[int, list[IndicatorVersion]] = {pk: [] for pk in ids}
    versions = IndicatorVersion.objects.in_force(day).filter(indicator__objective__in=ids)
    for version in versions.select_related("indicator").order_by(
        "-indicator__is_key", "indicator__position"
    ):
        found[version.indicator.objective_id or 0].append(version)
    return {pk: {"versions": of_one} for pk, of_one in found.items()}
