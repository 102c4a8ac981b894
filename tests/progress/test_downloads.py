"""What evaluators take away: validated figures only, exact, the same in each format."""

import csv
import io
import shutil
import subprocess
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from foundation.models import AuditEntry
from indicators.calculation.values import Definition
from indicators.enums import Direction, Frequency, Kind, Status, Temporal
from organisations.enums import AreaKind, Role
from progress.closing import close_period
from progress.models import Closing, FrozenResult, Result
from progress.resources import FigureResource, ResultResource, rounded
from progress.services import recompute_all
from tests.factories import (
    attested,
    figure,
    make_area,
    make_indicator,
    make_path,
    make_period,
    make_round,
    make_user,
    make_zone,
    make_zones,
    submission_of,
    validated,
)

from .figures import NA, ND, amend, cell_of, clear, given, lock, say

pytestmark = pytest.mark.django_db
RATIO = {"kind": Kind.RATIO, "decimals": 1}


def people(zone):
    approver = make_user(Role.APPROVER, zone)
    coordinator = make_user(Role.COORDINATOR, zone.controlled_by, name=f"control-{zone.slug}")
    return approver, coordinator


def a_validated_figure(zone=None, **content):
    zone = zone or make_zone()
    make_indicator("rate", **RATIO)
    make_round()
    approver, coordinator = people(zone)
    said = figure(1_000, 3_000, **content)
    return validated(approver, coordinator, submission_of(zone), said)


@pytest.fixture
def evaluator(client):
    user = make_user(Role.EVALUATOR)
    client.force_login(user)
    return user


def as_csv(client, name="figures", **query) -> list[dict[str, str]]:
    answer = client.get(reverse("download-csv", args=[name]), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def as_workbook(client, name="figures", **query) -> CalamineWorkbook:
    answer = client.get(reverse("download-workbook", args=[name]), query)
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))


def column(resource, name) -> str:
    return str(resource.fields[name].column_name)


def test_a_figure_has_its_exact_parts_and_its_value(client, evaluator):
    a_validated_figure()
    (row,) = as_csv(client)
    names = FigureResource()
    assert row[column(names, "numerator")] == "100.0"
    assert row[column(names, "denominator")] == "300.0"
    assert row[column(names, "value")] == "33.333333"
    assert row[column(names, "unit")] == "namur"
    assert row[column(names, "population")] == "100000"
    assert row[column(names, "period")] == "2026-Q3"


def test_a_reason_of_the_definition_is_written_in_its_words(client, evaluator, nation):
    """Of the two absences here only one names it by a code."""
    zones = make_zones(2)
    given("2026-Q3", make_indicator("rate", **RATIO), dict(zip(zones, (NA, ND), strict=True)))
    column_of_reasons = column(FigureResource(), "reason")
    assert [row[column_of_reasons] for row in as_csv(client)] == ["no port", "no port"]


def test_drafts_and_attested_figures_are_left_out(client, evaluator):
    zone, other = make_zones(2)
    make_indicator("rate", **RATIO)
    make_round()
    approver, coordinator = people(zone)
    validated(approver, coordinator, submission_of(zone), figure(1, 2))
    attested(make_user(Role.APPROVER, other), submission_of(other), figure(9, 9))
    rows = as_csv(client)
    assert [row[column(FigureResource(), "unit")] for row in rows] == [zone.slug]


def test_the_workbook_holds_the_same_rows_as_numbers(client, evaluator):
    a_validated_figure(comment="=1+1")
    book = as_workbook(client)
    assert len(book.sheet_names) == 4
    rows = book.get_sheet_by_index(1).to_python()
    headings, values = rows[2], rows[3]
    cell = dict(zip(headings, values, strict=True))
    names = FigureResource()
    assert cell[column(names, "numerator")] == 100.0
    assert cell[column(names, "comment")] == "=1+1"
    control = book.get_sheet_by_index(3).to_python()
    assert control[3][1] == 1.0
    assert len(control[4][1]) == 64


def test_hostile_comments_are_inert_in_csv(client, evaluator):
    a_validated_figure(comment="=1+1")
    (row,) = as_csv(client)
    assert row[column(FigureResource(), "comment")] == "'=1+1"


def test_every_format_comes_from_one_definition_of_columns():
    a_validated_figure()
    resource = FigureResource()
    (streamed,) = resource.rows(resource.get_queryset())
    dataset = resource.export(
        queryset=resource.get_queryset().values_list(*resource.lookups, named=True)
    )
    assert dataset.headers == [str(each.column_name) for each in resource.columns]
    assert list(dataset[0]) == streamed


def test_filters_narrow_figures_and_wrong_ones_are_404(client, evaluator):
    a_validated_figure()
    assert len(as_csv(client, since="2026-Q3", until="2026-Q3", indicator="rate")) == 1
    address = reverse("download-csv", args=["figures"])
    assert client.get(address, {"since": "1999-Q1"}).status_code == 404
    assert client.get(address, {"indicator": "no-such"}).status_code == 404
    assert client.get(reverse("download-csv", args=["users"])).status_code == 404


def test_taking_data_away_is_on_the_record(client, evaluator):
    a_validated_figure()
    as_csv(client, until="2026-Q3")
    entry = AuditEntry.objects.get(verb="data.exported")
    assert entry.actor == evaluator
    assert entry.details == {"content": "figures", "format": "csv", "query": "until=2026-Q3"}


@pytest.mark.parametrize(
    ("role", "status"), [(Role.STEERING, 403), (Role.COUNCIL, 403), (Role.SECRETARIAT, 200)]
)
def test_who_may_take_data_away(client, role, status):
    client.force_login(make_user(role))
    assert client.get(reverse("data-download")).status_code == status
    answer = client.get(reverse("download-csv", args=["figures"]))
    assert answer.status_code == status
    assert answer.streaming == (status == 200)


@pytest.mark.parametrize("count", [1, 176])
def test_the_same_queries_for_one_zone_or_all(count, django_assert_num_queries):
    zones = make_zones(count)
    make_indicator("rate", **RATIO)
    make_round()
    approver, coordinator = people(zones[0])
    validated(approver, coordinator, submission_of(zones[0]), figure(1, 2))
    with django_assert_num_queries(8):
        resource = FigureResource()
        assert len(list(resource.rows(resource.get_queryset()))) == 1


def test_results_have_their_own_columns():
    resource = ResultResource()
    assert [list(resource.rows(each)) for each in resource.querysets()] == [[], []]
    headings = [str(each.column_name) for each in resource.columns]
    assert len(headings) == len(set(headings)) == 42


@pytest.mark.parametrize(
    ("exact", "shown"),
    [("1/3", "0.333333"), ("2/3", "0.666667"), ("100", "100"), ("-1/8", "-0.125")],
)
def test_values_are_rounded_to_six_decimals(exact, shown):
    assert str(rounded(Fraction(exact))) == shown


@pytest.mark.parametrize(
    ("direction", "value", "shown"),
    [
        (Direction.INCREASE, "12.99999996", "12.999999"),
        (Direction.INCREASE, "13", "13"),
        (Direction.INCREASE, "16.9999996", "16.999999"),
        (Direction.DECREASE, "13.00000004", "13.000001"),
        (Direction.MONITOR, "12.99999996", "13"),
    ],
)
def test_a_value_just_short_of_what_is_asked_is_not_written_as_there(direction, value, shown):
    definition = Definition(Kind.RATIO, direction, Temporal.STOCK, Frequency.QUARTER)
    reference = SimpleNamespace(versions={1: SimpleNamespace(definition=definition)})
    row = SimpleNamespace(
        version_id=1,
        status=Status.AT_RISK,
        value=Fraction(value),
        judged_value=Fraction(value),
        baseline=Fraction(9),
        required=Fraction(13),
        target=Fraction(17),
        ratio=Fraction("0.94999996"),
        materiality=Fraction(1),
    )
    fields = ResultResource.fields

    assert str(fields["value"].make(row, reference)) == shown
    assert str(fields["judged_value"].make(row, reference)) == shown
    assert str(fields["ratio"].make(row, reference)) == "0.9499999"


def test_r_is_not_written_where_no_status_rests_on_it(client, evaluator):
    """Within the materiality of the baseline R says nothing: a page shows none either."""
    near, far = (
        make_indicator(code, temporal=Temporal.STOCK, materiality=materiality)
        for code, materiality in (("near", 10), ("far", 1))
    )
    nation = make_area("belgium", AreaKind.NATION)
    zone = make_zone()
    for version in (near, far):
        make_path(version, nation)
        given("2026-Q3", version, {zone: 41})
    recompute_all()
    resource = ResultResource()
    rows = as_csv(client, "results")
    assert {
        row[column(resource, "indicator")]: row[column(resource, "ratio")] for row in rows
        if row[column(resource, "area")] == nation.name
    } == {"near": "", "far": "0.133333"}  # fmt: skip


SOFFICE = shutil.which("soffice")
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,{sheet}"


@pytest.mark.skipif(
    SOFFICE is None, reason="no LibreOffice here: apt-get install libreoffice-calc-nogui"
)
def test_libreoffice_opens_the_workbook_with_the_same_figures(client, evaluator, tmp_path):
    a_validated_figure(comment="=1+1")
    answer = client.get(reverse("download-workbook", args=["figures"]))
    book = tmp_path / "figures.xlsx"
    book.write_bytes(b"".join(answer.streaming_content))
    command = [SOFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", AS_CSV.format(sheet=2), "--outdir", str(tmp_path), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (converted,) = tmp_path.glob("*.csv")
    lines = list(csv.reader(converted.read_text(encoding="utf-8").splitlines()))
    row = dict(zip(lines[2], lines[3], strict=True))
    names = FigureResource()
    assert row[column(names, "numerator")] == "100"
    assert row[column(names, "unit")] == "namur"
    assert row[column(names, "comment")] == "=1+1"


def choices(page, name):
    return [str(label) for _value, label in page.context["form"].fields[name].choices]


def test_the_filters_name_indicators_and_periods(client, evaluator):
    a_validated_figure()
    page = client.get(reverse("data-download"), headers={"accept-language": "fr"})
    assert choices(page, "indicator")[1:] == ["Rate (rate)"]
    assert choices(page, "since")[1:] == ["T3\u00a02026"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "1999-Q1"}, "since"),
        ({"indicator": "no-such"}, "indicator"),
        ({"since": "2026-Q3", "until": "2026-Q2"}, "until"),
    ],
)
def test_a_choice_that_makes_no_sense_is_told_and_gives_nothing(client, evaluator, query, field):
    a_validated_figure()
    make_round("2026-Q2")
    page = client.get(reverse("data-download"), query)
    assert list(page.context["form"].errors) == [field]
    assert page.context["contents"] == []
    html = page.content.decode()
    assert f'href="#id_{field}"' in html
    assert reverse("download-csv", args=["figures"]) not in html
    assert client.get(reverse("download-csv", args=["figures"]), query).status_code == 404


def test_a_reversed_range_says_what_to_do(client, evaluator):
    a_validated_figure()
    make_round("2026-Q2")
    query = {"since": "2026-Q3", "until": "2026-Q2"}
    page = client.get(reverse("data-download"), query, headers={"accept-language": "en"})
    message = "The last period comes before the first. Swap the two."
    assert page.context["form"].errors == {"until": [message]}


@pytest.mark.parametrize("count", [1, 30])
def test_the_choices_take_the_same_queries_for_one_indicator_or_many(
    client, evaluator, count, django_assert_num_queries
):
    for number in range(count):
        make_indicator(f"rate-{number}", **RATIO)
    make_round()
    client.get(reverse("data-download"))
    with django_assert_num_queries(32):
        client.get(reverse("data-download"))


# --- Provisional, final, revised --------------------------------------------------------------


def close(code):
    return close_period(actor=make_user(Role.SECRETARIAT), period=make_period(code))


@pytest.fixture
def closed(db):
    """Two zones report two quarters; the first is closed."""
    make_area("belgium", AreaKind.NATION)
    version = make_indicator("rate", **RATIO)
    zones = make_zones(2)
    for code in ("2026-Q2", "2026-Q3"):
        given(code, version, dict.fromkeys(zones, (1_000, 4_000)))
    lock()
    recompute_all()
    close("2026-Q2")
    return version, zones


def of_belgium(client, *names, **query):
    """These columns of the nation's totals, by period."""
    kept = ResultResource()
    rows = as_csv(client, "results", **query)
    return {
        row[column(kept, "period")]: tuple(row[column(kept, name)] for name in names)
        for row in rows
        if row[column(kept, "area")] == "Belgium"
    }


def test_results_say_which_are_final_and_each_is_there_once(client, evaluator, closed):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    found = of_belgium(client, "state", "value", "revised_value")
    assert found == {"2026-Q2": ("Final", "25", ""), "2026-Q3": ("Provisional", "25", "")}
    assert len(as_csv(client, "results")) == Result.objects.count()
    assert list(of_belgium(client, "state", until="2026-Q2")) == ["2026-Q2"]
    page = client.get(reverse("data-download"), {"until": "2026-Q2"})
    assert page.context["contents"][1]["count"] == FrozenResult.objects.count()


def test_a_revised_result_has_both_values_with_day_and_reason(client, evaluator, closed):
    version, zones = closed
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    say(cell_of(version, zones[0], "2026-Q2"), (3_000, 4_000))
    recompute_all()
    names = ("state", "value", "revised_value", "revised_status", "revised_on", "revised_because")
    later = Result.objects.get(period__code="2026-Q2", area__code="belgium")
    assert of_belgium(client, *names)["2026-Q2"] == (
        "Revised",
        "25",
        "50",
        later.get_status_display(),
        f"{timezone.localdate(later.changed_at)}",
        "",
    )


def test_a_closed_result_is_told_under_a_definition_that_was_cleared(client, evaluator, closed):
    version, zones = closed
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    amended = amend(version, decimals=1)
    given("2026-Q1", amended, dict.fromkeys(zones, (1_000, 4_000)))
    lock()
    recompute_all()
    close_period(actor=Closing.objects.get().closed_by, period=make_period("2026-Q1"))
    clear(amended)
    found = of_belgium(client, "name", "version", "numerator")["2026-Q1"]
    assert found == (version.name, "2", "200.0")


def test_a_figure_says_whether_it_was_there_at_the_closing(client, evaluator, closed):
    version, zones = closed
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    say(cell_of(version, zones[0], "2026-Q2"), (3_000, 4_000))
    kept = FigureResource()
    with translation.override("en"):
        names = [column(kept, each) for each in ("period", "unit", "state")]
    assert sorted(tuple(row[name] for name in names) for row in as_csv(client)) == [
        ("2026-Q2", zones[0].slug, "Revised"),
        ("2026-Q2", zones[1].slug, "Final"),
        ("2026-Q3", zones[0].slug, "Provisional"),
        ("2026-Q3", zones[1].slug, "Provisional"),
    ]


def test_the_workbook_says_how_settled_it_is(client, evaluator, closed):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    notes = dict(as_workbook(client).get_sheet_by_index(0).to_python()[3:])
    assert notes["State of the data"].startswith("Final or revised for 1 closed period")


@pytest.mark.parametrize("count", [1, 30])
def test_revised_results_take_the_same_queries_for_any_number(
    client, evaluator, count, django_assert_num_queries
):
    make_area("belgium", AreaKind.NATION)
    versions = [make_indicator(f"rate-{number}", **RATIO) for number in range(count)]
    zone = make_zone()
    for version in versions:
        given("2026-Q2", version, {zone: (1, 4)})
    lock()
    recompute_all()
    close("2026-Q2")
    for version in versions:
        say(cell_of(version, zone, "2026-Q2"), (3, 4))
    recompute_all()
    with django_assert_num_queries(30):
        as_csv(client, "results")
