"""Charts: safe under a strict content security policy, the same bytes for the same content."""

import datetime as dt
import re
from fractions import Fraction

import pytest

from foundation.cache import QuietRedisCache
from indicators.calculation.paths import Path
from indicators.enums import Direction
from progress import charts

MARKS = [
    charts.Mark(dt.date(2026, 3, 31), Fraction(41), True),
    charts.Mark(dt.date(2026, 6, 30), None, False),
    charts.Mark(dt.date(2026, 9, 30), Fraction(1_234_567, 10), False),
]
PATHS = {
    "increase": Path(
        Direction.INCREASE,
        baseline=Fraction(40),
        baseline_end=dt.date(2025, 12, 31),
        target=Fraction(80),
    ),
    "band": Path(Direction.MAINTAIN, band_low=Fraction(90), band_high=Fraction(110)),
    "steps": Path.milestones([dt.date(2026, 6, 30), dt.date(2027, 6, 30)], 100),
    "none": None,
}


def drawn(name="increase", width=charts.WIDE, title="Title", description="Description"):
    spec = charts.trend(MARKS, PATHS[name], charts.Labels("%", "123 456,7 %"), width)
    return charts.svg(spec, title, description)


@pytest.mark.parametrize("name", PATHS)
def test_nothing_in_it_is_refused_by_the_policy(name):
    image = drawn(name)
    assert not re.search(r"<style|<script|\sstyle=|\son[a-z]+=|javascript:|href=", image)
    assert "var(--chart-line)" in image


def test_it_is_one_image_with_a_text_alternative():
    image = drawn(title="5 < 6 & more", description='"Told"')
    (opening,) = re.findall("<svg[^>]*>", image)
    title, description = re.search(
        'role="img" aria-labelledby="(t[0-9a-f]+) (d[0-9a-f]+)"', opening
    ).groups()
    assert f'<title id="{title}">5 &lt; 6 &amp; more</title>' in image
    assert f'<desc id="{description}">&quot;Told&quot;</desc>' in image
    assert len(re.findall("role=", image)) == 1


def test_two_charts_of_a_page_share_no_id():
    ids = [
        re.findall(r'\sid="([^"]+)"', drawn(width=width)) for width in (charts.WIDE, charts.NARROW)
    ]
    assert all(len(set(found)) == len(found) for found in ids)
    assert not set(ids[0]) & set(ids[1])


def test_references_lead_to_ids_of_the_same_chart():
    image = drawn("band")
    wanted = set(re.findall(r"url\(#([^)]+)\)", image))
    assert wanted <= set(re.findall(r'\sid="([^"]+)"', image))


def test_the_same_content_is_the_same_bytes_drawn_again():
    first = drawn()
    charts.cache.clear()
    drawn("none")
    assert drawn() == first


def test_with_the_cache_down_it_is_drawn(monkeypatch):
    monkeypatch.setattr(QuietRedisCache, "_away_until", 0.0)
    assert "<svg" in drawn()


def test_historical_figures_stand_apart_with_their_dating():
    bars = [charts.Bar(Fraction(78_000), "2012 · Messages", "about 78 000")]
    image = charts.svg(charts.history(bars, charts.NARROW), "History", "Told")
    assert "2012 · Messages" in image
    assert "about 78 000" in image
