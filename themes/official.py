"""The official wording of the plan, read from a structured copy of it and kept by place.

The file has the shape that docs/official-text.md describes; what it says beyond the texts (pages,
editorial remarks, glossary) is left aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from foundation.datafiles import Record, read_yaml
from foundation.services import record
from plans.models import (
    Commitment,
    CommitmentPoint,
    Condition,
    ConditionPoint,
    OfficialText,
    Passage,
    Plan,
)

from .models import Footnote, Objective, ObjectiveStep, Theme, ThemeFramework, ThemePoint

#: What stands at a place of the plan, and where to find the places.
PLACED: tuple[type[models.Model], ...] = (
    Passage, Condition, ConditionPoint, Commitment, CommitmentPoint, Theme, ThemePoint,
    ThemeFramework, Footnote, Objective, ObjectiveStep,
)  # fmt: skip
#: What a theme and an objective may hold; a misspelt name is a fault, not a text that is dropped.
THEME_FIELDS = {
    "title", "pages", "description", "description_list", "mission", "objectives", "cross_cutting",
    "cross_cutting_closing", "general_attention_points", "frameworks", "frameworks_note", "ncsi",
    "footnotes", "subthemes",
}  # fmt: skip
ITEM_FIELDS = {
    "id", "number_in_source", "heading", "heading_style", "text", "sub_items", "closing",
}  # fmt: skip
LEVELS = {"federal": "F", "local": "L"}
STRANDS = {"violence_intrafamiliale": "VIF", "violence_sexuelle": "VS"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file brought: places with a new, another or the same text; those that do not meet."""

    created: int
    changed: int
    unchanged: int
    unknown: tuple[str, ...]
    without_text: tuple[str, ...]


@transaction.atomic
def load_official_text(*, path: Path, language: str) -> Loaded:
    """Keep the official wording of each known place; on a fault, DataFault and nothing is kept.

    ``unknown`` are places of the file at which nothing of ours stands, ``without_text`` places of
    ours that the file does not word.
    """
    file = read_yaml(path)
    texts = _by_place(file)
    if not texts:
        raise file.fault("themes", _("no text of the plan was found"))
    known = set(places())
    meant = {place: text for place, text in texts.items() if place in known}
    present = {each.place: each for each in OfficialText.objects.filter(language=language)}
    fresh = [
        OfficialText(place=place, language=language, text=text)
        for place, text in meant.items()
        if place not in present
    ]
    changed = [each for place, each in present.items() if meant.get(place, each.text) != each.text]
    for each in changed:
        each.text = meant[each.place]
    OfficialText.objects.bulk_create(fresh)
    OfficialText.objects.bulk_update(changed, ["text"])
    loaded = Loaded(
        created=len(fresh),
        changed=len(changed),
        unchanged=len(meant) - len(fresh) - len(changed),
        unknown=tuple(place for place in texts if place not in known),
        without_text=tuple(sorted(known - set(texts))),
    )
    if fresh or changed:
        record(
            actor=None,
            verb="plan.official_text",
            subject=Plan.objects.get(),
            details={"language": language, "created": len(fresh), "changed": len(changed)},
        )
    return loaded


def places() -> Iterator[str]:
    """Every place of the plan at which something of ours stands."""
    for model in PLACED:
        yield from model._default_manager.exclude(place="").values_list("place", flat=True)
    for theme in Theme.objects.all():
        if theme.mission:
            yield f"{theme.place}, M"


def _by_place(file: Record) -> dict[str, str]:
    texts: dict[str, str] = {}
    for owner, place, paragraphs in _read(file):
        text = "\n\n".join(filter(None, paragraphs))
        if not text:
            continue
        if place in texts:
            raise owner.fault("–", _("%(place)s stands twice") % {"place": place})
        texts[place] = text
    return texts


Placed = tuple[Record, str, list[str]]


def _read(file: Record) -> Iterator[Placed]:
    for field, read in PARTS.items():
        if part := file.record(field):
            yield from read(part)
    for theme in file.records("themes"):
        yield from _theme(theme)
        for subtheme in theme.records("subthemes"):
            yield from _theme(subtheme)


def _themes_chapter(chapter: Record) -> Iterator[Placed]:
    yield chapter, "2", chapter.texts("introduction")
    yield from _numbered(chapter, "2, L", chapter.texts("theme_elements"))
    yield from _numbered(chapter, "2, S", chapter.texts("closing"))


def _follow_up(part: Record, place: str) -> Iterator[Placed]:
    yield from _numbered(part, f"{place}, ", part.texts("paragraphs"))
    for number, role in enumerate(part.records("roles"), start=1):
        yield role, f"{place}, A{number}", [_worded(role, "actor", "task")]


def _introductions(plan: Record) -> Iterator[Placed]:
    if preamble := plan.record("preamble"):
        yield from _numbered(preamble, "0, ", preamble.texts("paragraphs"))
    if introduction := plan.record("introduction"):
        yield from _numbered(introduction, "1, ", introduction.texts("paragraphs"))
        after = introduction.texts("paragraphs_after_emphasis")
        yield from _numbered(introduction, "1, S", after)
    for number, point in enumerate(plan.records("emphasis_points"), start=1):
        yield point, f"1, E{number}", [_worded(point)]
    if regular := plan.record("regular_functioning_themes"):
        yield from _numbered(regular, "1, M", regular.texts("items"))
        yield regular, "1, M", [regular.text("open_ended")]


def _theme(theme: Record) -> Iterator[Placed]:
    theme.only({"code"}, THEME_FIELDS)
    here = f"2 § {theme.text('code')}"
    listed = theme.record("description_list")
    bullets = [f"• {each}" for each in listed.texts("items")] if listed else []
    yield theme, here, [*theme.texts("description"), *bullets]
    if mission := theme.record("mission"):
        yield mission, f"{here}, M", [mission.text("lead")]
        yield from _numbered(mission, f"{here}, M", mission.texts("items"))
    if objectives := theme.record("objectives"):
        yield from _objectives(objectives, here)
    crossing = theme.records("cross_cutting")
    for number, point in enumerate(crossing, start=1):
        closing = theme.text("cross_cutting_closing") if number == len(crossing) else ""
        yield point, f"{here}, T{number}", [_worded(point), closing]
    for number, point in enumerate(theme.records("general_attention_points"), start=1):
        yield point, f"{here}, G{number}", [_worded(point)]
    yield from _numbered(theme, f"{here}, D", theme.texts("frameworks"))
    for footnote in theme.records("footnotes"):
        yield footnote, f"{here}, N{footnote.integer('number')}", [footnote.text("text")]


def _objectives(objectives: Record, here: str) -> Iterator[Placed]:
    series = [
        (letter, owner.records("items"))
        for level, letter in LEVELS.items()
        if (owner := objectives.record(level))
    ]
    if integrated := objectives.record("integrated"):
        series += [
            (strand.choice("strand", STRANDS), strand.records("items"))
            for strand in integrated.records("strands")
        ]
    for letter, items in series:
        for item in items:
            item.only({"number"}, ITEM_FIELDS)
            place = f"{here}, {letter}{item.integer('number')}"
            steps = item.texts("sub_items")
            yield (
                item,
                place,
                [_worded(item), *(f"• {each}" for each in steps), item.text("closing")],
            )
            yield from _numbered(item, f"{place}.", steps)


def _conditions(conditions: Record) -> Iterator[Placed]:
    yield conditions, "2 § 8", conditions.texts("introduction")
    for item in conditions.records("items"):
        place = f"2 § 8, C{item.integer('number')}"
        yield (
            item,
            place,
            [
                item.text("heading"),
                *item.texts("paragraphs"),
                item.text("sub_points_lead"),
                *item.texts("paragraphs_after"),
            ],
        )
        for point in item.records("sub_points"):
            yield point, f"{place}.{point.integer('number')}", [_worded(point)]


def _resources(resources: Record) -> Iterator[Placed]:
    if orientation := resources.record("orientation"):
        yield from _numbered(orientation, "3 § 1, ", orientation.texts("paragraphs"))
        yield from _numbered(orientation, "3 § 1, R", orientation.texts("reforms"))
        yield from _numbered(orientation, "3 § 1, S", orientation.texts("closing"))
    if capacity := resources.record("capacity"):
        yield from _numbered(capacity, "3 § 2, ", capacity.texts("paragraphs"))
        for pillar in capacity.records("pillars"):
            yield pillar, f"3 § 2, P{pillar.integer('number')}", [_worded(pillar)]
        after = capacity.texts("paragraphs_after_pillars")
        yield from _numbered(capacity, "3 § 2, S", after)
        if targets := capacity.record("reinforcement_targets"):
            yield from _reinforcements(targets, "government_agreement", "3 § 2, G")
            yield from _reinforcements(targets, "outside_government_agreement", "3 § 2, H")


def _reinforcements(targets: Record, field: str, place: str) -> Iterator[Placed]:
    """The services to be reinforced, together and one by one."""
    owner = targets.record(field)
    if owner is None:
        return
    items = owner.records("items")
    named = [
        ", ".join(filter(None, (each.text("directorate"), each.text("unit")))) for each in items
    ]
    yield owner, place, [owner.text("horizon"), owner.text("reason"), *named]
    for number, (item, name) in enumerate(zip(items, named, strict=True), start=1):
        said = filter(None, (name, *(item.text(each) for each in ("action", "reason", "degree"))))
        yield item, f"{place}{number}", [", ".join(said)]


def _numbered(owner: Record, place: str, texts: Iterable[str]) -> Iterator[Placed]:
    for number, text in enumerate(texts, start=1):
        yield owner, f"{place}{number}", [text]


def _worded(item: Record, heading: str = "heading", text: str = "text") -> str:
    return " : ".join(filter(None, (item.text(heading), item.text(text).strip())))


PARTS: Mapping[str, Callable[[Record], Iterator[Placed]]] = {
    "plan": _introductions,
    "chapter_2": _themes_chapter,
    "conditions": _conditions,
    "resources": _resources,
    "follow_up": partial(_follow_up, place="4 § 1"),
    "evaluation": partial(_follow_up, place="4 § 2"),
}
