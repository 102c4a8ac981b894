"""Charts: one Vega-Lite specification each, drawn to SVG on the server and kept by content.

Figures are exact until here; a chart's coordinates are the one place where they become floats.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import vl_convert
from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from foundation.templatetags.jalon import figure
from indicators.calculation.paths import PLAN_END, Path, required
from indicators.enums import Direction

Spec = dict[str, Any]

VEGA_LITE = "5.20"
KEPT_SECONDS = 30 * 24 * 3600
WIDE, NARROW = 640, 270
HEIGHT = 260
ROW_HEIGHT = 44

CONFIG: Spec = {
    "aria": False,
    "background": None,
    "font": "IBM Plex Sans, system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--chart-text)",
        "titleColor": "var(--chart-text)",
        "gridColor": "var(--chart-grid)",
        "domainColor": "var(--control)",
        "tickColor": "var(--control)",
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    },
    "text": {"fill": "var(--chart-text)", "fontSize": 13},
}


class Mark(NamedTuple):
    """A value at the end of a period. ``is_judged``: its coverage allows a status."""

    day: dt.date
    value: Fraction | None
    is_judged: bool


class Bar(NamedTuple):
    """A historical figure: its value, its label with the dating, the value in words."""

    value: Fraction
    label: str
    text: str


class Point(NamedTuple):
    """A single period's value at its end; ``is_signal``: more than noise."""

    day: dt.date
    value: Fraction | None
    is_signal: bool


class Line(NamedTuple):
    """A level across a chart, with its label: the mean, or a limit."""

    value: Fraction
    label: str
    is_limit: bool = False


# --- Specifications -----------------------------------------------------------------------------


class Labels(NamedTuple):
    """What is written at the axis, at the last value and at the end of the path."""

    unit: str
    latest: str
    target: str = ""


def trend(marks: Sequence[Mark], path: Path | None, labels: Labels, width: int) -> Spec:
    """The values period by period, with the path asked."""
    asked = list(_asked(path)) if path else []
    asking = _path_layers(asked, path, labels.target) if path and asked else []
    layers = [*_band(path), *asking, *_series(marks, labels.latest)]
    end = PLAN_END if path else max((mark.day for mark in marks), default=PLAN_END)
    start = min((*(mark.day for mark in marks), *(day for day, _value in asked)), default=end)
    return _over_time(layers, start, end, labels.unit, width)


def _over_time(layers: list[Spec], start: dt.date, end: dt.date, unit: str, width: int) -> Spec:
    """Layers with a ``day`` and a ``value``, on years and the unit."""
    axis = {"format": "%Y", "tickCount": "year", "title": None, "grid": False, "labelOverlap": True}
    scale = {"type": "utc", "domain": [start.isoformat(), end.isoformat()]}
    x = {"field": "day", "type": "temporal", "scale": scale, "axis": axis}
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {
            "title": unit,
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleX": 0,
            "titleY": -12,
            "tickCount": 5,
        },
    }
    return {
        "width": width,
        "height": HEIGHT,
        "padding": {"left": 4, "top": 4, "right": 4, "bottom": 4},
        "config": CONFIG,
        "encoding": {"x": x, "y": y},
        "layer": layers,
    }


def control(points: Sequence[Point], lines: Sequence[Line], unit: str, width: int) -> Spec:
    """Single periods between their limits: the mean in full, limits dashed, signals as squares."""
    start, end = points[0].day, points[-1].day
    rows = [
        {"day": one.day.isoformat(), "value": _drawn(one.value), "signal": one.is_signal}
        for one in points
    ]
    known = [row for row in rows if row["value"] is not None]
    shape = {"field": "signal", "type": "nominal", "legend": None}
    shapes = {**shape, "scale": {"domain": [False, True], "range": ["circle", "square"]}}
    sizes = {**shape, "scale": {"domain": [False, True], "range": [45, 130]}}
    point = {"type": "point", "stroke": "var(--chart-line)", "fill": "var(--chart-line)"}
    return _over_time(
        [
            *(layer for line in lines for layer in _level(line, start, end)),
            {
                "data": {"values": rows},
                "mark": {"type": "line", "stroke": "var(--chart-line)", "strokeWidth": 2.5},
            },
            {
                "data": {"values": known},
                "mark": {**point, "opacity": 1},
                "encoding": {"shape": shapes, "size": sizes},
            },
        ],
        start,
        end,
        unit,
        width,
    )


def _level(line: Line, start: dt.date, end: dt.date) -> Iterator[Spec]:
    ends = [{"day": day.isoformat(), "value": _drawn(line.value)} for day in (start, end)]
    dashed = {"strokeDash": [6, 5]} if line.is_limit else {}
    stroke = {"type": "line", "stroke": "var(--chart-comparison)", "strokeWidth": 1.5, **dashed}
    label = {"type": "text", "align": "left", "dx": 12}
    yield {"data": {"values": ends}, "mark": stroke}
    yield {
        "data": {"values": ends[1:]},
        "mark": label,
        "encoding": {"text": {"value": line.label}},
    }


def _series(marks: Sequence[Mark], latest: str) -> list[Spec]:
    """The line, its points (hollow where no status was possible) and the last value's label."""
    rows = [
        {"day": mark.day.isoformat(), "value": _drawn(mark.value), "fill": _fill(mark)}
        for mark in marks
    ]
    known = [row for row in rows if row["value"] is not None]
    line = {"type": "line", "stroke": "var(--chart-line)", "strokeWidth": 2.5}
    point = {"type": "point", "stroke": "var(--chart-line)", "size": 45, "opacity": 1}
    label = {"type": "text", "align": "left", "dx": 9, "fontWeight": "bold"}
    return [
        {"data": {"values": rows}, "mark": line},
        {
            "data": {"values": known},
            "mark": point,
            "encoding": {"fill": {"field": "fill", "type": "nominal", "scale": None}},
        },
        {
            "data": {"values": known[-1:]},
            "mark": label,
            "encoding": {"text": {"value": latest}},
        },
    ]


def _fill(mark: Mark) -> str:
    return "var(--chart-line)" if mark.is_judged else "var(--surface)"


def _path_layers(asked: Sequence[tuple[dt.date, Fraction]], path: Path, target: str) -> list[Spec]:
    """The banded pole: ochre with ink bands, a mark at the end of each year, the target's label."""
    shape = {"interpolate": "step-after"} if path.due_dates else {}
    rows = [{"day": day.isoformat(), "value": _drawn(value)} for day, value in asked]
    poles = [row for (day, _value), row in zip(asked, rows, strict=True) if day.month == 12]
    base = {"type": "line", "stroke": "var(--chart-path)", "strokeWidth": 5, **shape}
    bands = {**base, "stroke": "var(--ink)", "strokeDash": [9, 9]}
    pole = {"type": "tick", "stroke": "var(--chart-pole)", "orient": "vertical", "thickness": 2}
    return [
        {"data": {"values": rows}, "mark": base},
        {"data": {"values": rows}, "mark": bands},
        {"data": {"values": poles}, "mark": {**pole, "size": 16}},
        {
            "data": {"values": rows[-1:]},
            "mark": {"type": "text", "align": "right", "dy": -16},
            "encoding": {"text": {"value": target}},
        },
    ]


def _asked(path: Path) -> Iterator[tuple[dt.date, Fraction]]:
    """What the path asks for at its start and at the end of each month after it."""
    day = path.start
    while day <= PLAN_END:
        value = required(path, day)
        if value is not None:
            yield day, value
        following = (day + dt.timedelta(days=1)).replace(day=28) + dt.timedelta(days=4)
        day = following - dt.timedelta(days=following.day)


def _band(path: Path | None) -> list[Spec]:
    if path is None or path.direction != Direction.MAINTAIN or path.band_low is None:
        return []
    row = {
        "day": path.start.isoformat(),
        "until": PLAN_END.isoformat(),
        "value": _drawn(path.band_low),
        "high": _drawn(path.band_high),
    }
    mark = {"type": "rect", "fill": "var(--chart-band)", "stroke": "var(--chart-pole)"}
    ends = {"x2": {"field": "until"}, "y2": {"field": "high"}}
    return [{"data": {"values": [row]}, "mark": mark, "encoding": ends}]


def history(bars: Sequence[Bar], width: int) -> Spec:
    """Historical figures of one unit, each with its dating over it; never joined by a line."""
    rows = [
        {"place": place, "value": _drawn(bar.value), "label": bar.label, "text": bar.text}
        for place, bar in enumerate(bars)
    ]
    y = {"field": "place", "type": "ordinal", "axis": None}
    measured = {"type": "quantitative", "axis": None, "scale": {"domainMin": 0}}
    x, zero = {"field": "value", **measured}, {"datum": 0, **measured}
    label = {"type": "text", "align": "left", "dy": -12, "limit": width + 60}
    value = {"type": "text", "align": "left", "dx": 6, "dy": 6, "fontWeight": "bold"}
    bar = {"type": "bar", "height": 8, "yOffset": 6, "fill": "var(--chart-comparison)"}
    return {
        "width": width - 60,
        "height": ROW_HEIGHT * len(rows),
        "padding": {"left": 2, "top": 2, "right": 70, "bottom": 2},
        "config": CONFIG,
        "data": {"values": rows},
        "encoding": {"y": y},
        "layer": [
            {"mark": bar, "encoding": {"x": x}},
            {"mark": label, "encoding": {"x": zero, "text": {"field": "label"}}},
            {"mark": value, "encoding": {"x": x, "text": {"field": "text"}}},
        ],
    }


def _drawn(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


# --- Drawing ------------------------------------------------------------------------------------

_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_IDS = re.compile(r'(id="|url\(#)([A-Za-z_]+[0-9_]*)')


def svg(spec: Spec, title: str, description: str) -> SafeString:
    """The chart as inline SVG: one image with a text alternative, and no style of its own."""
    sample = figure(Fraction(10_000_001, 10), 1)
    separators = (sample[1], sample[-2])
    canonical = json.dumps([VEGA_LITE, separators, spec], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    key = f"chart:{digest}"
    drawn: str | None = cache.get(key)
    if drawn is None:
        drawn = _draw(spec, separators, digest)
        cache.set(key, drawn, KEPT_SECONDS)
    attributes, _tag, inside = drawn.removeprefix("<svg ").partition(">")
    return mark_safe(  # noqa: S308 (drawn here; texts are escaped by the renderer and below)
        f'<svg role="img" aria-labelledby="t{digest} d{digest}" {attributes}>'
        f'<title id="t{digest}">{escape(title)}</title>'
        f'<desc id="d{digest}">{escape(description)}</desc>{inside}'
    )


def _draw(spec: Spec, separators: tuple[str, str], digest: str) -> str:
    group, decimal = separators
    raw = vl_convert.vegalite_to_svg(
        json.dumps(spec),
        vl_version=VEGA_LITE,
        format_locale={
            "decimal": decimal,
            "thousands": group,
            "grouping": [3],
            "currency": ["", ""],
        },
    )
    return _own_ids(_ROLES.sub("", raw), digest)


def _own_ids(drawn: str, digest: str) -> str:
    """Ids numbered in order under the content's hash: the renderer counts across charts."""
    numbers: dict[str, int] = {}

    def own(found: re.Match[str]) -> str:
        number = numbers.setdefault(found[2], len(numbers))
        return f"{found[1]}c{digest}-{number}"

    return _IDS.sub(own, drawn)
