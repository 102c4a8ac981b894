"""Loads dimensions, themes, objectives and their steps from ``data/``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.datafiles import LANGUAGES, Record, read_yaml
from foundation.reference import Count, Loaded, Row, key_of, load_rows
from organisations.models import Unit
from plans.models import Framework, Plan

from .enums import Basis, Group, Level, Part, PointKind
from .models import (
    Footnote,
    NcsiDimension,
    Objective,
    ObjectiveStep,
    ObjectiveVersion,
    Responsibility,
    Theme,
    ThemeDimension,
    ThemeFramework,
    ThemePoint,
)
from .services import bring_into_force

LETTERS = {Level.FEDERAL.value: "F", Level.LOCAL.value: "L"}
# One theme carries its integrated objectives by strand, numbered VIF1, VS1.
CODE = re.compile(r"(?P<theme>[1-9](?:\.[1-9])?)-(?P<series>[A-Z]+)(?P<number>[1-9][0-9]*)")


THEME = {"code", "parent", "number", "title", "place", "description", "ncsi", "objectives"}
THEME_OPTIONAL = {
    "mission", "cross_cutting", "general_points", "frameworks", "footnotes", "ncsi_proposed",
}  # fmt: skip


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
    versions = load_rows(
        ObjectiveVersion,
        ["objective", "number"],
        _originals(records, objectives.rows, plan.first_day),
    )
    by_objective = {version.objective_id: version for version in versions.rows.values()}
    loaded: list[Loaded[Any]] = [
        dimensions,
        themes,
        links,
        load_rows(ThemePoint, ["theme", "kind", "number"], _points(records, by_code), prune=True),
        load_rows(ThemeFramework, ["theme", "number"], _frameworks(records, by_code), prune=True),
        load_rows(Footnote, ["theme", "number"], _footnotes(records, by_code), prune=True),
        objectives,
        versions,
        load_rows(
            ObjectiveStep,
            ["version", "number"],
            _steps(records, objectives.rows, by_objective),
            prune=True,
        ),
        load_rows(
            Responsibility,
            ["objective", "part", "position"],
            _responsibilities(folder / "responsibilities.yaml", objectives.rows),
            prune=True,
        ),
    ]
    bring_into_force()
    return [part.count for part in loaded]


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
    record.only(THEME, THEME_OPTIONAL)
    mission = record.record("mission")
    code, parent = record.text("code"), record.text("parent")
    if code != ".".join(filter(None, [parent, str(record.integer("number"))])):
        raise record.fault("code", _("the code is the parent's, then the number"))
    if "." in parent:
        raise record.fault("parent", _("a sub-theme has no sub-themes"))
    values = {
        "plan": plan,
        "code": code,
        "position": position,
        "place": _place(record),
        **record.translations("title"),
        **record.translations("description"),
        **(mission.translations("lead", "mission") if mission else {"mission_fr": ""}),
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
    for field, basis in (("ncsi", Basis.STATED), ("ncsi_proposed", Basis.PROPOSED)):
        for code in record.texts(field):
            values = {
                "theme": themes[record.text("code")],
                "dimension": record.find(field, code, dimensions),
                "basis": basis,
            }
            yield Row(record, values, named={"dimension": field})


def _points(records: Iterable[Record], themes: Mapping[str, Theme]) -> Iterator[Row]:
    for theme in records:
        mission = theme.record("mission")
        if mission:
            mission.only({"lead"}, {"points"})
        bullets = [
            *((PointKind.MISSION, each) for each in (mission.records("points") if mission else ())),
            *((PointKind.CROSS_CUTTING, each) for each in theme.records("cross_cutting")),
            *((PointKind.GENERAL, each) for each in theme.records("general_points")),
        ]
        for kind, record in bullets:
            record.only({"number", "place", "text"}, {"code", "heading"})
            values = {
                "theme": themes[theme.text("code")],
                "kind": kind,
                "number": record.integer("number"),
                "code": record.text("code"),
                "place": _place(record),
                **record.translations("heading"),
                **record.translations("text"),
            }
            yield Row(record, values)


def _frameworks(records: Iterable[Record], themes: Mapping[str, Theme]) -> Iterator[Row]:
    known = {framework.code: framework for framework in Framework.objects.all()}
    for theme in records:
        for number, record in enumerate(theme.records("frameworks"), start=1):
            record.only({"framework", "place"}, {"as_written"})
            values = {
                "theme": themes[theme.text("code")],
                "framework": record.choice("framework", known),
                "number": number,
                "place": _place(record),
                "as_written": record.text("as_written"),
            }
            yield Row(record, values)


def _footnotes(records: Iterable[Record], themes: Mapping[str, Theme]) -> Iterator[Row]:
    for theme in records:
        for record in theme.records("footnotes"):
            record.only({"number", "place", "on", "text"})
            values = {
                "theme": themes[theme.text("code")],
                "number": record.integer("number"),
                "place": _place(record),
                **record.translations("on"),
                **record.translations("text"),
            }
            yield Row(record, values)


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
    }
    return Row(record, values)


def _originals(
    records: Iterable[Record], objectives: Mapping[str, Objective], first_day: date
) -> Iterator[Row]:
    for record in chain.from_iterable(theme.records("objectives") for theme in records):
        values = {
            "objective": objectives[record.text("code")],
            "number": 1,
            "valid_from": first_day,
            **record.translations("title"),
            **record.translations("statement"),
        }
        yield Row(record, values)


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


def _steps(
    records: Iterable[Record],
    objectives: Mapping[str, Objective],
    versions: Mapping[int, ObjectiveVersion],
) -> Iterator[Row]:
    for record in chain.from_iterable(theme.records("objectives") for theme in records):
        for number, step in enumerate(record.records("steps"), start=1):
            step.only({"text"}, {"place"})
            values = {
                "version": versions[objectives[record.text("code")].pk],
                "number": number,
                "place": _place(step) if "place" in step else "",
                **step.translations("text"),
            }
            yield Row(step, values)


def _responsibilities(path: Path, objectives: Mapping[str, Objective]) -> Iterator[Row]:
    file = read_yaml(path)
    file.only({"objectives"})
    units = {unit.slug: unit for unit in Unit.objects.all()}
    for record in file.records("objectives"):
        record.only({"objective", "responsible", "basis"}, {"contributors"})
        for field, part in (
            ("responsible", Part.RESPONSIBLE),
            ("contributors", Part.CONTRIBUTOR),
        ):
            for position, name in enumerate(record.texts(field), start=1):
                is_group = name in Group.values
                values = {
                    "objective": record.choice("objective", objectives),
                    "part": part,
                    "position": position,
                    "group": name if is_group else "",
                    "unit": None if is_group else record.find(field, name, units),
                    "basis": record.text("basis"),
                }
                yield Row(record, values, named={"unit": field})
