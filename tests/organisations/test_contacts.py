"""How units and the secretariat are reached: who keeps it, what is refused, where it shows."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from foundation.models import AuditEntry
from foundation.telephones import dialled, is_telephone
from organisations import demo, services
from organisations.enums import Role
from organisations.models import Unit, User
from tests import factories

SignIn = Callable[[User], Client]
PHONE, MAILBOX = "081 00 00 00", "cel@namur.example"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def address(unit: Unit) -> str:
    return reverse("unit-contacts", args=[unit.slug])


def typed(telephone: str = PHONE, mailbox: str = MAILBOX, **seen: str) -> dict[str, str]:
    return {"telephone": telephone, "mailbox": mailbox, **seen}


def contacts(unit: Unit) -> tuple[str, str]:
    unit.refresh_from_db()
    return unit.telephone, unit.mailbox


# --- Who keeps them ---------------------------------------------------------------------------


def test_an_approver_keeps_those_of_the_own_unit_on_the_record(approver, zone, signed_in: SignIn):
    client = signed_in(approver)
    unit_page = reverse("unit-detail", args=[zone.slug])
    assert address(zone) in client.get(unit_page).content.decode()
    answer = client.post(address(zone), typed())
    assert (answer.status_code, answer["Location"]) == (302, unit_page)
    assert contacts(zone) == (PHONE, MAILBOX)
    entry = AuditEntry.objects.get(verb="unit.contacts_changed")
    assert (entry.actor, entry.subject_id) == (approver, zone.pk)
    assert entry.details == {"before": ["", ""], "after": [PHONE, MAILBOX]}
    page = client.get(unit_page).content.decode()
    assert f'<a class="jalon-nowrap" href="tel:081000000">{PHONE}</a>' in page
    assert f'<a href="mailto:{MAILBOX}">{MAILBOX}</a>' in page


def test_a_coordinator_keeps_those_of_the_own_dca(zone: Unit, signed_in: SignIn):
    dca = zone.controlled_by
    client = signed_in(factories.make_user(Role.COORDINATOR, dca))
    assert client.post(address(dca), typed()).status_code == 302
    assert contacts(dca) == (PHONE, MAILBOX)
    assert client.post(address(zone), typed()).status_code == 403


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.ADMINISTRATOR])
def test_secretariat_and_administrators_keep_those_of_every_unit(role, zone, signed_in):
    client = signed_in(factories.make_user(role))
    assert client.post(address(zone), typed()).status_code == 302
    assert contacts(zone) == (PHONE, MAILBOX)


def test_nobody_else_does(zone: Unit, other_zone: Unit, signed_in: SignIn):
    for role, unit in ((Role.REPORTER, zone), (Role.APPROVER, other_zone), (Role.STEERING, None)):
        client = signed_in(factories.make_user(role, unit))
        assert client.post(address(zone), typed()).status_code == 403
        page = client.get(reverse("unit-detail", args=[zone.slug])).content.decode()
        assert address(zone) not in page
    assert contacts(zone) == ("", "")


def test_the_service_asks_by_itself(zone: Unit):
    reporter = factories.make_user(Role.REPORTER, zone)
    with pytest.raises(PermissionDenied):
        services.change_contacts(
            actor=reporter, unit=zone, telephone=PHONE, mailbox=MAILBOX, seen=("", "")
        )


def test_who_comes_second_compares_and_decides(approver, zone, signed_in: SignIn):
    client = signed_in(approver)
    shown = client.get(address(zone)).context["form"].initial
    seen = {name: shown[name] for name in ("seen_telephone", "seen_mailbox")}
    Unit.objects.filter(pk=zone.pk).update(telephone="02 111 11 11")
    answer = client.post(address(zone), typed(**seen))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "02 111 11 11" in text
    assert f'value="{PHONE}"' in text
    assert contacts(zone) == ("02 111 11 11", "")
    again = typed(seen_telephone="02 111 11 11", seen_mailbox="")
    assert 'name="seen_telephone" value="02 111 11 11"' in text
    assert client.post(address(zone), again).status_code == 302
    assert contacts(zone) == (PHONE, MAILBOX)


def test_saving_the_same_leaves_no_record(approver, zone, signed_in: SignIn):
    signed_in(approver).post(address(zone), typed("", ""))
    assert not AuditEntry.objects.filter(verb="unit.contacts_changed").exists()


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["02 000 00 00", "+32 2 000 00 00", "+32 (0)2 000.00.00", "02/000.00.00", "(02) 000 00 00",
     "101"],
)  # fmt: skip
def test_telephones_as_people_write_them(text):
    assert is_telephone(text)


@pytest.mark.parametrize(
    "text",
    ["", "12", "call me", "02 000 00 00 x", "02-000", "1" * 16, "((02) 1)", "02) 000 (1",
     "+", "02 000\n00", "٠٢٠٠٠", "tel:02", "02 000 00 00;ext=1"],
)  # fmt: skip
def test_what_is_no_telephone(text):
    assert not is_telephone(text)


def test_what_is_dialled():
    assert dialled("+32 (0)2 000.00.00") == "+3220000000"
    assert dialled("02/000.00.00") == "020000000"
    assert dialled("(02) 000 00 00") == "020000000"


@pytest.mark.parametrize(
    ("fields", "field"),
    [(typed(telephone="call me"), "telephone"), (typed(mailbox="namur"), "mailbox")],
)
def test_what_is_refused_stands_at_its_field_and_stays_typed(
    fields, field, approver, zone, signed_in
):
    answer = signed_in(approver).post(address(zone), fields)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert f'value="{fields[field]}"' in answer.content.decode()
    assert contacts(zone) == ("", "")


def test_the_administration_refuses_the_same(zone: Unit, signed_in: SignIn):
    client = signed_in(factories.make_user(Role.ADMINISTRATOR))
    Unit.objects.filter(pk=zone.pk).update(language="fr")
    page = reverse("admin:organisations_unit_change", args=[zone.pk])
    form = client.get(page).context["adminform"].form
    values = {name: form[name].value() or "" for name in form.fields}
    values["has_point_of_entry"] = ""
    answer = client.post(page, {**values, "telephone": "call me"})
    assert list(answer.context["adminform"].form.errors) == ["telephone"]
    assert client.post(page, {**values, "telephone": PHONE}).status_code == 302
    assert contacts(zone)[0] == PHONE
    assert AuditEntry.objects.get(verb="unit.changed").details == {"fields": ["telephone"]}


def test_the_demonstration_s_are_fictitious_and_go_with_it(db: None):
    for slug in (demo.FIRST_ZONE, demo.SECOND_ZONE):
        factories.make_zone(slug, dca=factories.make_dca(f"dca-of-{slug}"))
    factories.make_unit(demo.FEDERAL_UNIT)
    source = factories.make_source(demo.SOURCE)
    other = factories.make_zone("autre")
    Unit.objects.filter(pk=source.pk).update(telephone=PHONE)
    demo.create_accounts(password="made-for-this-test")
    gent = Unit.objects.get(slug=demo.SECOND_ZONE)
    assert contacts(gent) == ("02 000 00 00", "zp-zp-gent@demo.invalid")
    assert contacts(gent.controlled_by)[1] == "dca@demo.invalid"
    assert contacts(source) == (PHONE, "")
    assert contacts(other) == ("", "")
    demo.delete_accounts()
    assert contacts(gent) == ("", "")
    assert contacts(source) == (PHONE, "")


# --- Where they show --------------------------------------------------------------------------


def test_refusals_name_the_secretariat_to_who_is_signed_in(signed_in, approver, settings, zone):
    settings.CONTACT_EMAIL, settings.SECRETARIAT_TELEPHONE = "desk@jalon.example", "02 222 22 22"
    client = signed_in(approver)
    missing = client.get("/no-such-page/")
    refused = client.get(reverse("reorganisation-list"))
    for page, status in ((missing, 404), (refused, 403)):
        assert page.status_code == status
        assert "mailto:desk@jalon.example" in page.content.decode()
        assert "tel:022222222" in page.content.decode()
    assert "mailto:desk@jalon.example" not in Client().get("/no-such-page/").content.decode()


def test_a_fault_names_the_secretariat_without_asking_the_database(
    db: None, settings, django_assert_num_queries
):
    settings.CONTACT_EMAIL, settings.SECRETARIAT_TELEPHONE = "desk@jalon.example", "02 222 22 22"
    with django_assert_num_queries(0):
        text = render_to_string("500.html")
    assert "mailto:desk@jalon.example" in text
    assert "tel:022222222" in text


def test_what_is_not_known_says_who_can_add_it(zone: Unit):
    text = render_to_string("organisations/contacts.html", {"unit": zone})
    assert "Telephone and mailbox are not known yet. Its coordinator can add them" in text


def test_the_demonstration_says_that_its_contacts_are_fictitious(zone: Unit, settings):
    zone.controlled_by.telephone = PHONE
    request = RequestFactory().get("/")
    for demonstrates in (True, False):
        settings.DEMO = demonstrates
        text = render_to_string("organisations/contacts.html", {"unit": zone}, request=request)
        assert ("(fictitious)" in text) == demonstrates
