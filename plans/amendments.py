"""Reading amendments: what each changes, what is in force on a day, and what was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches

from .differences import Piece, difference
from .enums import AmendmentState
from .models import Amendment, Condition, ConditionVersion
from .registries import Change, FieldChange, amendables


@dataclass(frozen=True, slots=True)
class Shown:
    """An amendment with what it changes."""

    amendment: Amendment
    changes: Sequence[Change]

    @property
    def is_to_come(self) -> bool:
        return (
            self.amendment.state == AmendmentState.ADOPTED
            and self.amendment.effective_on > timezone.localdate()
        )


def shown(amendments: Iterable[Amendment]) -> list[Shown]:
    """What some amendments change, in a number of queries that does not grow with them."""
    wanted = list(amendments)
    changes: dict[int, list[Change]] = {each.pk: [] for each in wanted}
    for kind in amendables:
        for pk, found in kind.changes([each.pk for each in wanted]).items():
            changes[pk].extend(found)
    return [Shown(each, changes[each.pk]) for each in wanted]


def amendments() -> QuerySet[Amendment]:
    return Amendment.objects.select_related("plan", "proposed_by", "recorded_by")


def version_changes(
    versions: QuerySet[Any], owner: str, fields: Mapping[str, Any], ids: Sequence[int]
) -> dict[int, list[Change]]:
    """What amendments change of things that have wordings; ``fields`` names a text of a version.

    The wording before is the adopted one that the amended one follows. Two queries, and those of
    ``versions``' own prefetches.
    """
    owners = versions.filter(amendment__in=ids).values(owner)
    rows = versions.filter(Q(**{f"{owner}__in": owners})).select_related(owner, "amendment")
    by_owner: dict[int, list[Any]] = {}
    for row in rows.order_by("valid_from", "number"):
        by_owner.setdefault(getattr(row, f"{owner}_id"), []).append(row)
    found: dict[int, list[Change]] = {}
    for series in by_owner.values():
        for version in series:
            if version.amendment_id in ids:
                change = _change(
                    version, preceding(series, version), getattr(version, owner), fields
                )
                found.setdefault(version.amendment_id, []).append(change)
    return found


def preceding(series: Sequence[Any], version: Any) -> Any:
    """The adopted wording, or the original one, that a version takes the place of."""
    earlier = [
        each
        for each in series
        if each.pk != version.pk
        and is_adopted(each)
        and (
            each.amendment_id is None
            or (each.valid_from, each.number) < (version.valid_from, version.number)
        )
    ]
    return earlier[-1] if earlier else None


def is_adopted(version: Any) -> bool:
    return version.amendment is None or version.amendment.state == AmendmentState.ADOPTED


def _change(version: Any, before: Any, owner: Any, fields: Mapping[str, Any]) -> Change:
    with comparably(before, version, fields):
        told = [
            FieldChange(
                label, field_text(before, name) if before else "", field_text(version, name)
            )
            for name, label in fields.items()
        ]
    return Change(
        str(owner.code),
        owner.get_absolute_url(),
        [each for each in told if each.before != each.after],
    )


@contextmanager
def comparably(before: Any, after: Any, names: Iterable[str]) -> Iterator[None]:
    """In the reader's language if both have these texts in it, else in French."""
    language = (get_language() or "fr")[:2]
    rows = [each for each in (before, after) if each is not None]
    complete = all(_is_there(row, name, language) for row in rows for name in names)
    with override(language if complete else "fr"):
        yield


def _is_there(row: Any, name: str, language: str) -> bool:
    """Whether a text, or each of its parts' texts, has a translation (or nothing to translate)."""
    value = getattr(row, name)
    if hasattr(value, "all"):
        part = {"options": "label"}.get(name, "text")
        return all(_is_there(each, part, language) for each in value.all())
    return bool(getattr(row, f"{name}_{language}")) or not getattr(row, f"{name}_fr")


def field_text(version: Any, name: str) -> str:
    """A field's text; of a relation such as the steps, its texts a line each."""
    value = getattr(version, name)
    if hasattr(value, "all"):
        return "\n".join(each.text for each in value.all())
    return str(value or "")


# --- Wordings ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """What something says on a day, and how that differs from what it first said."""

    day: dt.date
    version: Any
    is_today: bool
    differences: Sequence[tuple[Any, Sequence[Piece]]]
    history: Sequence[Any]

    @property
    def is_original(self) -> bool:
        return self.version.amendment_id is None


def wording(versions: Sequence[Any], day: dt.date, fields: Mapping[str, Any]) -> Wording:
    """What is in force on a day, of all the versions of one thing (proposals too)."""
    series = sorted(versions, key=lambda each: (each.valid_from, each.number))
    adopted = [each for each in series if is_adopted(each)]
    original = next(each for each in adopted if each.amendment_id is None)

    def on(moment: dt.date) -> Any:
        return next((each for each in reversed(adopted) if each.valid_from <= moment), original)

    chosen = on(day)
    with comparably(original, chosen, fields):
        differences = [
            (label, difference(field_text(original, name), field_text(chosen, name)))
            for name, label in fields.items()
            if field_text(original, name) != field_text(chosen, name)
        ]
    return Wording(day, chosen, chosen == on(timezone.localdate()), differences, series)


# --- Conditions, and search -------------------------------------------------------------------

CONDITION_FIELDS = {"title": _("Title"), "text": _("Text")}


def condition_changes(ids: Sequence[int]) -> dict[int, list[Change]]:
    return version_changes(ConditionVersion.objects.all(), "condition", CONDITION_FIELDS, ids)


def condition_wording(condition: Condition, day: dt.date) -> Wording:
    """One query."""
    versions = condition.versions.select_related("amendment")
    return wording(list(versions), day, CONDITION_FIELDS)


def find(user: Any, words: str, most: int) -> list[SearchHit]:
    """Amendments whose reference, reason or subject holds every word."""
    if not user.access.may("themes.view_plan"):
        return []
    return [
        SearchHit(
            str(each.amendment),
            reverse("amendment-detail", args=[each.amendment.pk]),
            _("Amendment"),
            each.amendment.reason,
        )
        for each in shown(amendments())
        if speaks_of(each, words)
    ][:most]


def speaks_of(one: Shown, words: str) -> bool:
    """Whether an amendment's reference, reason or what it changes holds every word."""
    changed = (change.title for change in one.changes)
    return matches(words, one.amendment.reference, one.amendment.reason, *changed)
