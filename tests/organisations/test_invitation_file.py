"""Inviting everybody whom a file names, or nobody."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from organisations.enums import Role
from organisations.models import Invitation, Unit, User

HEADER = "email,name,role,unit,start,end\n"


@pytest.fixture
def upload(signed_in: Callable[[User], Client]) -> Callable[..., HttpResponse]:
    def send(actor: User, content: str | bytes) -> HttpResponse:
        data = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile("people.csv", data, content_type="text/csv")
        return signed_in(actor).post(reverse("invitation-upload"), {"file": file})

    return send


def errors(response: HttpResponse) -> list[tuple[int, str]]:
    assert response.status_code == 422
    return [(error.number, error.column) for error in response.context["errors"]]


def test_everybody_in_the_file_is_invited(administrator: User, zone: Unit, upload):
    zone.code = "5303"
    zone.save()
    response = upload(
        administrator,
        HEADER
        + "a@x.example,Rapporteur A,reporter,namur,,\n"
        + "b@x.example,Approbateur B,approver,5303,2027-01-01,2027-02-01\n"
        + "\n"
        + "c@x.example,Évaluateur,evaluator,,,01/06/2031\n",
    )

    assert response.url == reverse("invitation-list")
    found = Invitation.objects.order_by("email").values_list("email", "role", "unit__slug")
    assert list(found) == [
        ("a@x.example", "reporter", "namur"),
        ("b@x.example", "approver", "namur"),
        ("c@x.example", "evaluator", None),
    ]
    assert [message.to for message in mail.outbox] == [
        ["a@x.example"],
        ["b@x.example"],
        ["c@x.example"],
    ]


def test_one_wrong_row_and_nobody_is_invited(administrator: User, zone: Unit, upload):
    response = upload(
        administrator,
        HEADER
        + "a@x.example,Rapporteur A,reporter,namur,,\n"
        + "not-an-address,Rapporteur B,reporter,namur,,\n"
        + "c@x.example,Rapporteur C,king,nowhere,31/31/2026,\n"
        + "d@x.example,Rapporteur D,reporter,namur,2027-01-02,2027-01-01\n"
        + "a@x.example,Rapporteur A,reporter,namur,,\n"
        + "f@x.example,Rapporteur F,reporter,namur,,,more\n",
    )

    assert errors(response) == [
        (3, "email"),
        (4, "role"),
        (4, "unit"),
        (4, "start"),
        (5, "end"),
        (6, "email"),
        (7, ""),
    ]
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_rows_that_can_be_read_are_then_checked(administrator: User, zone: Unit, upload):
    response = upload(
        administrator,
        HEADER
        + "a@x.example,Rapporteur A,reporter,namur,,\n"
        + "not-an-address,Rapporteur B,reporter,namur,,\n"
        + "d@x.example,Rapporteur D,reporter,namur,2027-01-02,2027-01-01\n"
        + "e@x.example,=HYPERLINK(1),reporter,namur,,\n"
        + "A@x.example,Rapporteur A,reporter,namur,,\n"
        + "f@x.example,Coordinateur,coordinator,namur,,\n",
    )

    assert errors(response) == [(3, "email"), (4, "end"), (5, "name"), (6, "email"), (7, "unit")]
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_an_approver_cannot_name_another_unit_or_role(
    approver: User, zone: Unit, other_zone: Unit, upload
):
    response = upload(
        approver,
        HEADER
        + "a@x.example,Rapporteur A,reporter,namur,,\n"
        + "b@x.example,Rapporteur B,reporter,liege,,\n"
        + "c@x.example,Administrateur,administrator,,,\n",
    )
    assert errors(response) == [(3, "role"), (4, "role")]
    assert not Invitation.objects.exists()


def test_an_approvers_approver_is_a_stand_in(approver: User, zone: Unit, upload):
    assert errors(upload(approver, HEADER + "a@x.example,Délégué,approver,namur,,\n")) == [
        (2, "end")
    ]

    upload(approver, HEADER + "a@x.example,Délégué,approver,namur,,2031-01-01\n")
    assert Invitation.objects.get().stand_in is True


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>"])
def test_hostile_cells_stay_text(administrator: User, zone: Unit, upload, cell: str):
    for row in (f"{cell},Name,reporter,namur,,", f"a@x.example,Name,{cell},{cell},{cell},{cell}"):
        response = upload(administrator, HEADER + row + "\n")
        assert response.status_code == 422
        assert b"<script>alert" not in response.content
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"email,name,role\n",
        b"email,name\na@x.example,Name\n",
        b"email,name,role,is_staff\na@x.example,Name,administrator,1\n",
        b"email,name,role,role\na@x.example,Name,reporter,administrator\n",
        b"PK\x03\x04 a workbook",
        b"email,name,role\n\x00",
        b'email,name,role\n"a@x.example,Name,reporter\n',
        b"email,name,role\na@x.example,Name,reporter,more\n",
        b"email,name,role\n" + b"a@x.example,Name,evaluator\n" * 501,
        b"email,name,role\n" + b"x" * 200_000,
    ],
)
def test_what_is_no_such_file_is_refused(administrator: User, upload, content: bytes):
    response = upload(administrator, content)
    assert response.status_code in (200, 422)
    assert response.context["form"].errors
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEADER + "a@x.example,Élise,reporter,namur,,\n",
        HEADER.replace(",", ";") + "a@x.example;Élise;Reporter;namur;;\r\n",
        (HEADER + "a@x.example,Élise,reporter,namur,,\n").encode("cp1252"),
    ],
)
def test_the_encodings_of_spreadsheets_are_read(administrator: User, zone: Unit, upload, content):
    if isinstance(content, str):
        content = content.replace("Reporter", str(Role.REPORTER.label))
    upload(administrator, content)
    assert Invitation.objects.get().name == "Élise"
