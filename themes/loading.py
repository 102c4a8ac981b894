"""Loads dimensions, themes, objectives and their steps from ``data/``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from foundation.datafiles import LANGUAGES, Record, read_yaml
from foundation.reference import Count, Row, key_of, load_rows
from plans.models import Plan

from .enums import Basis, Level
from .models import NcsiDimension, Objective, ObjectiveStep, Theme, ThemeDimension

LETTERS = {Level.FEDERAL.value: "F", Level.LOCAL.value: "L"}
# One theme carries its integrated objectives by strand, numbered VIF1, VS1.
CODE = re.compile(r"(?P<theme>[1-9](?:\.[1-9])?)-(?P<series>[A-Z]+)(?P<number>[1-9][0-9]*)")


def load(*, root: Path) -> list[Count]:
    """Load the files of ``root``/themes/data for the one plan there is. Raises DataFault."""
    folder = root / "themes" / "data"
    records = list(chain.from_iterable(map(_themes, sorted(folder.glob("themes-*.yaml")))))
    titles = read_yaml(folder / "titles.yaml")
    titles.only({record.text("code") for record in records})
    dimension_records = _dimensions(folder / "ncsi.yaml")
    _refuse_one_sided_links(records, dimension_records)

    plan = Plan.objects.get()
    dimensions = load_rows(
        NcsiDimension, ["code"], map(_dimension, dimension_records), lasting=True
    )
    rows = [
        _theme(record, plan, position, titles) for position, record in enumerate(records, start=1)
    ]
    themes = load_rows(Theme, ["plan", "code"], rows, lasting=True)
    by_code = {theme.code: theme for theme in themes.rows.values()}
    links = load_rows(
        ThemeDimension,
        ["theme", "dimension"],
        chain.from_iterable(_links(each, by_code, dimensions.rows) for each in records),
        prune=True,
    )
    objectives = load_rows(Objective, ["code"], _objectives(records, by_code), lasting=True)
    steps = load_rows(
        ObjectiveStep, ["objective", "number"], _steps(records, objectives.rows), prune=True
    )
    return [part.count for part in (dimensions, themes, links, objectives, steps)]


def _themes(path: Path) -> list[Record]:
    file = read_yaml(path)
    file.only({"themes"})
    return file.records("themes")


def _dimensions(path: Path) -> list[Record]:
    file = read_yaml(path)
    file.only({"dimensions"})
    return file.records("dimensions")


def _dimension(record: Record) -> Row:
    record.only({"id", "number", "name", "linked_by_themes"})
    values = {
        "code": record.text("id"),
        "number": record.integer("number"),
        **record.translations("name"),
    }
    return Row(record, values, named={"code": "id"})


def _theme(record: Record, plan: Plan, position: int, titles: Record) -> Row:
    record.only({"code", "parent", "number", "title", "place", "description", "ncsi", "objectives"})
    code, parent = record.text("code"), record.text("parent")
    if code != ".".join(filter(None, [parent, str(record.integer("number"))])):
        raise record.fault("code", _("the code is the parent's, then the number"))
    values = {
        "plan": plan,
        "code": code,
        "position": position,
        "place": _place(record),
        **record.translations("title"),
        **record.translations("description"),
        **_working_titles(titles, code),
    }
    return Row(record, values, {"parent": key_of(plan, parent) if parent else ""})


def _working_titles(titles: Record, code: str) -> dict[str, str]:
    """A theme's title in the languages for which the plan has no official one."""
    translated = titles.values.get(code)
    if translated is None:
        return {}
    if not isinstance(translated, Record):
        raise titles.fault(code, _("named values expected"))
    translated.only((), LANGUAGES[1:])
    return {f"title_{language}": translated.text(language) for language in translated.values}


def _place(record: Record) -> str:
    """Where something stands in the plan, without words: ``2 § 1.1, F1``."""
    place = record.record("place")
    if place is None:
        raise record.fault("place", _("missing field"))
    place.only({"chapter", "section"}, {"item"})
    item = place.text("item")
    return f"{place.integer('chapter')} § {place.text('section')}{', ' if item else ''}{item}"


def _links(
    record: Record, themes: Mapping[str, Theme], dimensions: Mapping[str, NcsiDimension]
) -> Iterator[Row]:
    for code in record.texts("ncsi"):
        values = {
            "theme": themes[record.text("code")],
            "dimension": record.find("ncsi", code, dimensions),
            "basis": Basis.STATED,
        }
        yield Row(record, values, named={"dimension": "ncsi"})


def _refuse_one_sided_links(themes: Iterable[Record], dimensions: Iterable[Record]) -> None:
    """Themes name their dimensions and dimensions their themes: both must say the same."""
    of_themes = {(each.text("code"), code) for each in themes for code in each.texts("ncsi")}
    for record in dimensions:
        own = set(record.texts("linked_by_themes"))
        if own != {theme for theme, code in of_themes if code == record.text("id")}:
            raise record.fault("linked_by_themes", _("the themes say otherwise"))


def _objectives(records: Iterable[Record], themes: Mapping[str, Theme]) -> Iterator[Row]:
    pairs = [(theme, record) for theme in records for record in theme.records("objectives")]
    for position, (theme, record) in enumerate(pairs, start=1):
        yield _objective(record, themes[theme.text("code")], position, themes)


def _objective(record: Record, theme: Theme, position: int, themes: Mapping[str, Theme]) -> Row:
    record.only(
        {"code", "level", "strand", "number", "title", "title_is_official", "place"}
        | {"statement", "steps"}
    )
    _refuse_another_code(record, theme, themes)
    values = {
        "theme": theme,
        "code": record.text("code"),
        "level": record.text("level"),
        "strand": record.text("strand"),
        "number": record.integer("number"),
        "position": position,
        "title_is_official": record.flag("title_is_official"),
        "place": _place(record),
        **record.translations("title"),
        **record.translations("statement"),
    }
    return Row(record, values)


def _refuse_another_code(record: Record, theme: Theme, themes: Mapping[str, Theme]) -> None:
    """An objective's code says its theme, its level or strand, and its number."""
    said = CODE.fullmatch(record.text("code"))
    if not said:
        raise record.fault("code", _("a code reads 1.1-F2 or 7-VIF1"))
    if record.find("code", said["theme"], themes) != theme:
        raise record.fault("code", _("the objective stands under another theme"))
    if said["series"] != LETTERS.get(record.text("level"), record.text("strand")):
        field = "strand" if record.text("strand") else "level"
        raise record.fault(field, _("the code says otherwise"))
    if said["number"] != str(record.integer("number")):
        raise record.fault("number", _("the code says otherwise"))


def _steps(records: Iterable[Record], objectives: Mapping[str, Objective]) -> Iterator[Row]:
    for record in chain.from_iterable(theme.records("objectives") for theme in records):
        for number, step in enumerate(record.records("steps"), start=1):
            step.only({"text"})
            owner = objectives[record.text("code")]
            yield Row(step, {"objective": owner, "number": number, **step.translations("text")})
