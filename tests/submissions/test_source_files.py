"""Files of a central source: one indicator over all subjects."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from foundation.grids import reference
from indicators.models import IndicatorVersion
from organisations.enums import Role
from submissions.enums import State
from submissions.models import Measurement, Submission, Upload
from submissions.resources.columns import Column
from tests import factories as make
from tests.submissions.sheets import Sheet, messages, read_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db):
    for number in range(1, 4):
        make.make_zone(f"zone-{number}", code=f"530{number}")
    unit = make.make_source()
    make.make_indicator("deaths", reporter=unit)
    make.make_indicator("other", reporter=unit)
    make.make_round()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(make.make_user(Role.REPORTER, unit))
    return unit, client


def source_send(client, content, name, indicator="deaths"):
    url = reverse("indicator-upload", args=[make.QUARTER, "central-source", indicator])
    answer = client.post(url, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    read_everything()
    return Upload.objects.latest("pk")


def source_sheet(client, indicator="deaths"):
    url = reverse("indicator-workbook", args=[make.QUARTER, "central-source", indicator])
    return Sheet.of(client.get(url, {"language": "en"}).content)


def test_a_source_fills_one_definition_over_all_subjects(source):
    _unit, client = source
    sheet = source_sheet(client)
    assert list(sheet.rows) == [f"deaths/1/zone-{number}" for number in (1, 2, 3)]
    for number, key in enumerate(sheet.rows):
        sheet.set(key, Column.FIRST, number)
    upload = source_send(client, sheet.xlsx(), "f.xlsx")
    assert upload.version.indicator.code == "deaths"
    client.post(reverse("upload", args=[upload.key]), {"action": "apply"})
    rows = Measurement.objects.order_by("cell__expectation__subject__unit__slug")
    assert [row.numerator for row in rows] == [0, 1, 2]


def test_a_file_of_one_definition_is_held_against_the_others(source):
    _unit, client = source
    make.make_cross_check(*IndicatorVersion.objects.order_by("indicator__code"))
    content = b"subject_code;first\n5301;5\n"
    for indicator in ("other", "deaths"):
        upload = source_send(client, content, "f.csv", indicator)
        client.post(reverse("upload", args=[upload.key]), {"action": "apply"})
    for indicator, number, place in (("deaths", b"7", "remarks"), ("other", b"3", "notes")):
        upload = source_send(client, content.replace(b";5", b";" + number), "f.csv", indicator)
        (change,) = upload.changes["changes"]
        said = change["remarks"] if place == "remarks" else upload.changes["notes"]
        assert len(said) == 1, place


def test_a_source_may_name_the_units_by_their_codes_alone(source):
    _unit, client = source
    upload = source_send(client, b"subject_code;first\n5301;7\nzone-3;9\n", "from-the-register.csv")
    changes = {each["label"]: each["after"] for each in upload.changes["changes"]}
    assert changes == {"Deaths – ZP Zone 1": "7", "Deaths – ZP Zone 3": "9"}
    assert upload.changes["left_out"] == 1


@pytest.mark.parametrize(("name", "make_file"), [("f.xlsx", Sheet.xlsx), ("f.csv", Sheet.csv)])
def test_a_sort_of_some_columns_is_refused_row_by_row(source, name, make_file):
    """The readable columns and the answers go down together, the keys stay."""
    _unit, client = source
    sheet = source_sheet(client)
    for number, key in enumerate(sheet.rows):
        sheet.set(key, Column.FIRST, number)
    sorted_ = [{**row} for row in reversed(sheet.rows.values())]
    for row, other in zip(sheet.rows.values(), sorted_, strict=True):
        row |= {column: other[column] for column in (Column.SUBJECT, Column.FIRST)}
    upload = source_send(client, make_file(sheet), name)
    place = sheet.header.index("About")
    assert [(fault["place"], fault["column"], fault["value"]) for fault in upload.faults] == [
        (reference(place, 2), "About", "ZP Zone 3"),
        (reference(place, 4), "About", "ZP Zone 1"),
    ]
    assert messages(upload)[0].startswith(
        "The row says “Deaths – ZP Zone 3”, its column “Key” stands for “Deaths – ZP Zone 1”."
    )
    assert (upload.state, Measurement.objects.count()) == ("refused", 0)


def test_a_code_that_contradicts_the_name_beside_it_is_refused(source):
    _unit, client = source
    upload = source_send(client, b"subject_code;subject;first\n5301;ZP Zone 2;7\n", "f.csv")
    (message,) = messages(upload)
    assert message.startswith(
        "The row says “ZP Zone 2”, its column “Code of the unit it is about” stands for"
        " “ZP Zone 1”."
    )


@pytest.mark.parametrize("name", ["ZP Zone 1", "pz  zone 1", "\u00a0ZP ZONE 1 ", ""])
def test_a_unit_may_be_named_in_any_language_or_not_at_all(source, name):
    _unit, client = source
    sheet = source_sheet(client).set("deaths/1/zone-1", Column.SUBJECT, name)
    assert source_send(client, sheet.xlsx(), "f.xlsx").faults == []


def test_a_unit_that_is_not_asked_about_and_another_definition_are_refused(source):
    _unit, client = source
    upload = source_send(client, b"subject_code,first\nnowhere,7\n", "f.csv")
    assert messages(upload) == ["The unit “nowhere” is not asked about in this form."]
    sheet = source_sheet(client, "other")
    upload = source_send(client, sheet.xlsx(), "f.xlsx")
    assert messages(upload) == [
        f"“other/1/zone-{number}” is no figure of this form." for number in (1, 2, 3)
    ]
    assert Submission.objects.filter(reporter__slug="central-source").get().state == State.TODO
