"""Signal or noise, on the page of an indicator."""

import datetime as dt
import re
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import translation

from indicators.calculation.signals import Rule, Signal, limits
from indicators.enums import Kind, Temporal
from indicators.periods import previous
from organisations.enums import Role
from organisations.models import DatePrecision, UnitSuccession
from progress import charts
from progress.services import recompute_all
from progress.signal_chart import signal_text
from tests.factories import make_indicator, make_user, make_version, make_zone

from .figures import ND, given

pytestmark = pytest.mark.django_db
LAST = "2026-Q3"


@pytest.fixture
def read(client, nation):
    """The indicator's page, for the steering group, in English."""

    def page():
        recompute_all()
        client.force_login(make_user(Role.STEERING))
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        answer = client.get(reverse("indicator-detail", args=["checks"]))
        return answer.content.decode(), answer.context

    return page


def quarters(count):
    return [*reversed(previous(LAST, count - 1)), LAST]


def report(version, values, zone):
    for code, value in zip(quarters(len(values)), values, strict=True):
        given(code, version, {zone: value})


def test_twelve_points_have_limits_and_signals(read):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    values = [41, 44, 39, 43, 40, 42, 45, 38, 41, 43, 40, 62]
    report(version, values, make_zone())
    text, context = read()
    signal = context["signal"]
    within = limits([Fraction(value) for value in values])
    assert (signal.points, signal.are_trial) == (12, True)
    assert signal.sentences == ["Q3\u00a02026 is above the limits."]
    assert signal.chart.headline == "1 signal"
    section = text[text.index('id="signal"') :]
    for level in (within.centre, within.high, within.low):
        assert f"{round(level)}</text>" in section
    assert "Trial limits: 12 points" in section
    assert "<li>Q3\u00a02026 is above the limits.</li>" in section


def test_eleven_points_are_too_few(read):
    report(make_indicator("checks", temporal=Temporal.STOCK), range(40, 51), make_zone())
    text, context = read()
    assert context["signal"].chart is None
    assert "Too few points to tell signal from noise: 11 of the 12 needed." in text


def test_without_a_value_nothing_is_said(read):
    report(make_indicator("checks"), [None], make_zone())
    text, context = read()
    assert context["signal"] is None
    assert 'id="signal"' not in text


def test_single_periods_count_and_not_rolling_years(read):
    report(make_indicator("checks"), [10, 30] * 6, make_zone())
    _text, context = read()
    assert context["signal"].chart.headline == "No signal: the ups and downs may be noise"
    assert context["page"].series[-1].judged_value == 80
    assert "mean 20" in context["signal"].chart.wide


def test_a_period_under_the_minimum_is_a_gap(read):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone("one"), make_zone("two")]
    for place, code in enumerate(quarters(13)):
        given(code, version, {zones[0]: 40, zones[1]: ND if place == 5 else 40})
    _text, context = read()
    assert context["signal"].points == 12
    assert context["signal"].sentences == []


def test_values_in_another_unit_of_measure_are_left_out(read):
    version = make_indicator("checks", kind=Kind.RATIO, temporal=Temporal.STOCK, scale=100)
    zone, codes = make_zone(), quarters(14)
    for code in codes[:2]:
        given(code, version, {zone: (1, 2)})
    version.valid_to = dt.date(2023, 9, 1)
    version.save()
    later = make_version(
        version.indicator,
        number=2,
        kind=Kind.RATIO,
        temporal=Temporal.STOCK,
        scale=1_000,
        valid_from=version.valid_to,
    )
    for code in codes[2:]:
        given(code, later, {zone: (1, 2)})
    _text, context = read()
    assert context["signal"].points == 12


@pytest.mark.parametrize(
    ("rule", "is_high", "last", "sentence"),
    [
        (Rule.OUTSIDE, True, 0, "Q1 2026 is above the limits."),
        (Rule.OUTSIDE, False, 0, "Q1 2026 is below the limits."),
        (Rule.OUTSIDE, False, 1, "Q1 2026 to Q2 2026 are below the limits."),
        (Rule.ONE_SIDE, True, 6, "7 periods in a row above the mean: Q1 2026 to Q3 2027."),
        (Rule.ONE_SIDE, False, 6, "7 periods in a row below the mean: Q1 2026 to Q3 2027."),
        (Rule.TREND, True, 6, "7 periods in a row that rise: Q1 2026 to Q3 2027."),
        (Rule.TREND, False, 6, "7 periods in a row that fall: Q1 2026 to Q3 2027."),
        (Rule.NEAR_LIMIT, True, 2, "Near the upper limit, 2 of 3: Q1 2026 to Q3 2026."),
        (Rule.NEAR_LIMIT, False, 2, "Near the lower limit, 2 of 3: Q1 2026 to Q3 2026."),
    ],
)
def test_every_rule_has_its_words(rule, is_high, last, sentence):
    codes = [f"{year}-Q{quarter}" for year in (2026, 2027) for quarter in (1, 2, 3, 4)]
    with translation.override("en"):
        text = signal_text(Signal(rule, 0, last, is_high), codes)
    assert text.replace("\u00a0", " ") == sentence


def test_signals_differ_from_the_others_by_their_shape():
    points = [
        charts.Point(dt.date(2026, month, 28), Fraction(value), value > 5)
        for month, value in ((1, 3), (3, 9), (4, 2))
    ]
    lines = [charts.Line(Fraction(4), "mean 4"), charts.Line(Fraction(8), "limit 8", is_limit=True)]
    image = charts.svg(charts.control(points, lines, "number", charts.WIDE), "Title", "Told")
    assert image.count("stroke-dasharray") == 1
    assert "mean 4</text>" in image
    assert "limit 8</text>" in image
    symbols = image[image.index("mark-symbol") :].partition("</g>")[0]
    drawn = re.findall(r' d="([^"]+)"', symbols)
    assert ["A" in shape for shape in drawn] == [True, False, True]


# --- Unstable counts, former units, the common set ------------------------------------------------


def test_a_count_under_twenty_is_unstable(read):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    report(version, [20, 19], make_zone())
    text, context = read()
    assert [row.is_unstable for row in context["series"]] == [True, False]
    assert context["is_unstable"]
    assert "a count under 20" in text


def test_a_rolling_year_with_former_units_says_so(read):
    version, old, new = make_indicator("checks"), make_zone("old"), make_zone("new")
    UnitSuccession.objects.create(
        predecessor=old,
        predecessor_label="Old",
        successor=new,
        effective_on=dt.date(2026, 7, 1),
        precision=DatePrecision.DAY,
    )
    for code in quarters(4)[:-1]:
        given(code, version, {old: 30})
    given(LAST, version, {new: 30})
    text, context = read()
    assert context["page"].carried == 1
    assert "1 unit with its predecessors’ parts" in text


def test_a_change_stands_on_the_common_set_beside_the_raw_totals(read):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{number}") for number in range(6)]
    given("2025-Q3", version, dict.fromkeys(zones[:5], 30) | {zones[5]: ND})
    given(LAST, version, dict.fromkeys(zones, 40))
    text, context = read()
    compared = context["compared"]
    assert (compared.units, compared.then.exact, compared.now.exact) == (5, 150, 200)
    assert (compared.total_then.exact, compared.total_now.exact) == (150, 240)
    change = text[text.index('id="change"') :]
    assert "The 5 units that reported both" in change
    assert "+50" in change
