import datetime as dt
import itertools
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from foundation import looks
from foundation.templatetags import jalon, timeline
from indicators.enums import Headline, Status
from submissions.enums import State
from tests.frontend.gallery import DUE, LOCKS, OPENS


def render(source: str, **context: object) -> str:
    return Template("{% load jalon %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "decimals", "language", "expected"),
    [
        (12345, 1, "fr", "12\u202f345,0"),
        (12345, 1, "nl", "12.345,0"),
        (12345, 1, "de", "12.345,0"),
        (12345, 1, "en", "12,345.0"),
        (-5, 0, "fr", "\u22125"),
        (0, 0, "fr", "0"),
        (Fraction(1, 3), 2, "fr", "0,33"),
        (Fraction(1, 2), 0, "fr", "1"),
        (Fraction(-1, 2), 0, "fr", "\u22121"),
        (Decimal("76.949"), 1, "fr", "76,9"),
    ],
)
def test_figure_is_exact_and_in_the_reader_s_notation(value, decimals, language, expected):
    with translation.override(language):
        assert jalon.figure(value, decimals) == expected


def test_number_keeps_its_unit_on_the_same_line():
    with translation.override("fr"):
        assert render("{% number 1234 0 'kg' %}") == (
            '<span class="jalon-nowrap">1\u202f234\u00a0kg</span>'
        )


def test_signed_figure_says_its_sign_except_for_zero():
    with translation.override("en"):
        assert [jalon.figure(n, signed=True) for n in (3, 0, -3)] == ["+3", "0", "\u22123"]


def test_an_absent_figure_is_not_a_zero():
    assert render("{% number value %}{% units value 2 %}{% percent value %}", value=None) == ""


def test_units_are_a_stored_whole_number():
    with translation.override("fr"):
        assert "\u2212123,45" in render("{% units value 2 %}", value=-12345)


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ("2026", "fr", "2026"),
        ("2026-Q3", "en", "Q3\u00a02026"),
        ("2026-09", "en", "September\u00a02026"),
    ],
)
def test_period_names(code, language, expected):
    with translation.override(language):
        assert jalon.period(code) == expected


@pytest.mark.parametrize(
    ("date", "language", "expected"),
    [
        (dt.date(2023, 1, 1), "fr", "1er janvier 2023"),
        (dt.date(2023, 1, 11), "fr", "11 janvier 2023"),
        (dt.date(2023, 1, 1), "nl", "1 januari 2023"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(date, language, expected):
    with translation.override(language):
        assert render("{{ date|day }}", date=date) == expected


@pytest.mark.parametrize("code", ["", "2026-Q5", "2026-13", "T3 2026"])
def test_what_is_not_a_period_is_refused(code):
    with pytest.raises(ValueError, match="not a period"):
        jalon.period(code)


@pytest.mark.parametrize("counts", [[1], [6, 31, 14, 7, 4, 21], [1, 1, 1], [1, 10_000]])
def test_segments_fill_the_bar_exactly(counts):
    spans = [(Decimal(a[:-1]), Decimal(b[:-1])) for a, b in jalon.segments(counts)]
    assert spans[0][0] == 0
    assert sum(width for _, width in spans) == 100
    assert all(a + w == b for (a, w), (b, _) in itertools.pairwise(spans))


def test_no_segments_without_counts():
    assert jalon.segments([]) == []


def test_status_bar_follows_the_order_of_statuses_and_leaves_out_what_has_none():
    html = render("{% status_bar counts %}", counts={"off_track": 2, "achieved": 1, "no_data": 0})
    assert html.count("<li>") == 2
    assert html.index("jalon-fill--achieved") < html.index("jalon-fill--off-track")


def test_an_unknown_status_is_an_error():
    with pytest.raises(KeyError):
        render("{% status_chip 'green' %}")


def test_every_look_has_its_icon_and_every_hollow_or_judged_status_its_pattern():
    sprite = render_to_string("components/sprite.html")
    families = (looks.STATUSES, looks.SUBMISSION_STATES, looks.DATA_STATES)
    icons = {look.icon for family in families for look in family.values()}
    assert [icon for icon in sorted(icons) if f'id="icon-{icon}"' not in sprite] == []
    plain = {"achieved", "no-data"}
    patterned = {look.icon for look in looks.STATUSES.values()} - plain
    assert [name for name in sorted(patterned) if f'id="pattern-{name}"' not in sprite] == []


@pytest.mark.parametrize(
    ("reported", "expected", "population", "text"),
    [
        (169, 176, None, "169 of 176 zones, 96%"),
        (1999, 2000, None, "1999 of 2000 zones, 99%"),
        (169, 176, Fraction(9799, 10_000), "169 of 176 zones, 97% of the population"),
        (0, 0, None, "0 of 0 zones"),
    ],
)
def test_coverage_is_rounded_down(reported, expected, population, text):
    with translation.override("en"):
        html = render(
            "{% coverage reported expected population 'zones' %}",
            reported=reported,
            expected=expected,
            population=population,
        )
    assert html.replace("</span>", "").split(">")[1].strip() == text


@pytest.mark.parametrize(
    ("now", "standing", "days"),
    [
        (DUE - timedelta(days=2), "open", 2),
        (DUE, "open", 0),
        (DUE + timedelta(seconds=1), "late", 1),
        (LOCKS, "late", 15),
        (LOCKS + timedelta(seconds=1), "locked", 0),
    ],
)
def test_time_axis_at_the_boundaries(now, standing, days):
    shown = jalon.time_axis(OPENS, DUE, LOCKS, now)
    assert (shown["standing"], shown["days"]) == (standing, days)


def test_time_axis_never_leaves_its_pole():
    early = jalon.time_axis(OPENS, DUE, LOCKS, OPENS - timedelta(days=9))["places"]
    late = jalon.time_axis(OPENS, DUE, LOCKS, LOCKS + timedelta(days=9))["places"]
    assert (early["today"], early["elapsed"]) == ("0.00%", "0.00%")
    assert (late["today"], late["elapsed"]) == ("100.00%", "100.00%")


def test_looks_name_exactly_the_codes_of_the_model_and_the_calculation():
    assert list(looks.STATUSES) == [*Status, Headline.UNDETERMINED]
    assert set(looks.SUBMISSION_STATES) == {
        *State,
        "maintained",
        "withdrawn",
        "late",
        "locked",
        "extended",
    }


@pytest.mark.parametrize(
    ("language", "day", "shown"),
    [
        ("fr", 1, "1er janvier 2026"),
        ("fr", 2, "2 janvier 2026"),
        ("fr", 11, "11 janvier 2026"),
        ("nl", 1, "1 januari 2026"),
        ("en", 1, "1 January 2026"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french_in_every_template(language, day, shown):
    template = Template('{{ day|date:"j F Y" }}')
    with translation.override(language):
        assert template.render(Context({"day": dt.date(2026, 1, day)})) == shown


def test_the_last_month_of_a_scale_has_no_name_where_there_is_no_room():
    scale = timeline.Scale(OPENS, OPENS + timedelta(days=100))
    named = [is_named for _place, _day, is_named in timeline.time_scale_head(scale, OPENS)["ticks"]]
    assert named == [float(place[:-1]) < 88 for place, _day in scale.ticks]
    assert (named[0], named[-1]) == (True, False)
