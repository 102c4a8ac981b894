"""The method page says what the kernel computes, to everybody signed in and in every language."""

import re
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import translation

from indicators.calculation.adding import aggregate, carried, common_set, window
from indicators.calculation.comparing import median
from indicators.calculation.headlines import headline
from indicators.calculation.judging import judge
from indicators.calculation.paths import required
from indicators.calculation.signals import limits, signals
from indicators.calculation.values import Coverage, Observation
from indicators.enums import CellStatus, Headline, Status
from organisations.enums import Role
from progress import method_examples as examples
from progress.method import SECTIONS
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def method_page(client):
    client.force_login(make_user(Role.ADMINISTRATOR))

    def read(language="en"):
        response = client.get(reverse("method"), headers={"accept-language": language})
        assert response.status_code == 200
        return response.content.decode()

    return read


def section(text, anchor):
    found = re.search(rf'<section[^>]* id="{anchor}">(.*?)</section>', text, re.DOTALL)
    return found[1]


def numbers(text):
    """The exact values of the numbers of a piece of the page, in order, with what is shown."""
    found = re.findall(r'<data class="jalon-nowrap" value="([^"]+)">([^<]+)</data>', text)
    return [(Fraction(value), shown.replace("\u00a0", " ")) for value, shown in found]


def cells(*values, denominators=None):
    return [
        Observation(
            place,
            CellStatus.MISSING if value is None else CellStatus.REPORTED,
            value,
            denominators[place] if denominators else None,
        )
        for place, value in enumerate(values)
    ]


def test_figures_that_nearly_reach_a_limit(method_page):
    *_others, shown = numbers(section(method_page(), "figures"))
    assert shown == (Fraction(9_496, 10_000), "0.949")


def test_adding(method_page):
    found = numbers(section(method_page(), "adding"))
    parts = cells(9, 300, denominators=[10, 600])
    both = aggregate(examples.SHARE, parts)
    year = window(
        examples.COUNT, [cells(a, b) for a, b in ((10, 20), (12, None), (11, 22), (13, 21))]
    )
    assert [value for value, _text in found] == [
        *(9, 10, 300, 600),
        *(both.numerator, both.denominator, both.value),
        (Fraction(90) + 50) / 2,
        *(10, 12, 11, 13),
        *(year.value, year.coverage.reported, year.coverage.applicable),
    ]
    assert (both.value, year.value) == (Fraction(30_900, 610), 46)
    assert (found[6][1], found[7][1]) == ("50.7 %", "70.0 %")


def test_coverage_and_change(method_page):
    found = numbers(section(method_page(), "coverage"))
    coverage = Coverage(expected=176, not_applicable=2, reported=169, missing=5)
    before, after = cells(100, 50, 40), cells(110, 60, None)
    then, now, units = common_set(examples.COUNT, before, after)
    assert [value for value, _text in found] == [
        *(176, 2, 169, 169, 174, coverage.by_number * 100),
        *(100, 110, 50, 60, 40, 190, 170),
        *(units, then.value, now.value),
    ]
    assert found[5][1] == "97.1 %"


def test_the_path(method_page):
    found = numbers(section(method_page(), "path"))
    asked = required(examples.PATH, examples.READ_ON)
    assert asked == Fraction(1325, 100)
    assert found[-1] == (asked, "13.25")


def test_status_r_and_materiality(method_page):
    text = section(method_page(), "status")
    found = numbers(text)
    judged = judge(
        examples.SHARE,
        value=examples.VALUE,
        coverage=Coverage(expected=1, reported=1),
        path=examples.PATH,
        period_end=examples.READ_ON,
        window_starts=examples.READ_ON,
    )
    assert judged.status == Status.AT_RISK
    assert judged.ratio == Fraction(62, 75)
    assert (judged.ratio, "0.83") in found
    assert (judged.delta, "0.095") in found
    assert "at risk" in text


def test_the_table_has_every_status_in_the_order_of_the_rules(method_page):
    rows = examples.statuses()
    assert [row.status for row in rows] == [
        Status.NOT_MEASURABLE,
        Status.NOT_APPLICABLE,
        Status.NO_DATA,
        Status.INSUFFICIENT_COVERAGE,
        Status.MONITORING,
        Status.ON_TRACK,
        Status.NO_TARGET,
        Status.NO_BASELINE,
        Status.ACHIEVED,
        Status.ON_TRACK,
        Status.AT_RISK,
        Status.OFF_TRACK,
        Status.MOVING_AWAY,
    ]
    table = section(method_page(), "status")
    assert table.count('<svg class="jalon-swatch"') == len(rows)
    assert table.count('class="jalon-status__icon"') == len(rows)


def test_signals(method_page):
    values = [Fraction(each) for each in examples.SERIES]
    within = limits(values)
    (signal,) = signals(values, within)
    found = numbers(section(method_page(), "signals"))
    assert (signal.first, signal.last) == (11, 11)
    assert [value for value, _text in found] == [
        *values,
        *(within.centre, within.low, within.high, 1),
    ]


def test_the_headline(method_page):
    text = section(method_page(), "objectives")
    found = headline([Status.ON_TRACK, Status.AT_RISK, Status.NO_DATA])
    assert (found.headline, found.judged, found.total) == (Headline.AT_RISK, 2, 3)
    assert [value for value, _text in numbers(text)] == [found.judged, found.total]
    assert "Headline: at risk" in text


def test_fingerprints_differ(method_page):
    one, other = re.findall(r"<code>([0-9a-f]{12})</code>", section(method_page(), "states"))
    assert one != other


def test_a_merger(method_page):
    (unit,) = carried(examples.SHARE, cells(40, 30, denominators=[100, 60]), {0: 9, 1: 9})
    found = numbers(section(method_page(), "mergers"))
    assert [value for value, _text in found[-3:]] == [
        unit.numerator,
        unit.denominator,
        aggregate(examples.SHARE, [unit]).value,
    ]
    assert found[-1][1] == "43.8 %"


def test_comparisons_and_small_numbers(method_page):
    text = section(method_page(), "small-numbers")
    found = numbers(text)
    assert found[-1][0] == median([Fraction(each) for each in examples.OTHERS]) == 8
    shown = re.findall(r'<td class="jalon-num">([^<]+)</td>', text)
    assert shown == ["hidden", "14", "hidden", "31", "56"]


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_every_section_stands_in_every_language(method_page, language):
    text = method_page(language)
    for anchor, title in SECTIONS:
        with translation.override(language):
            assert str(title) in section(text, anchor).replace("&#x27;", "'")
        assert f'href="#{anchor}"' in text
    assert "%(" not in text


def test_nouns_keep_their_capitals_in_german(method_page):
    text = method_page("de")
    assert ", keine Daten" in section(text, "objectives")
    assert "auf Kurs" in section(text, "objectives")


def test_the_help_leads_there_for_who_may_read_it(client, method_page):
    address = f'href="{reverse("method")}"'
    assert address in client.get(reverse("foundation:help")).content.decode()
    client.logout()
    assert address not in client.get(reverse("foundation:help")).content.decode()
    assert client.get(reverse("method")).status_code == 302
