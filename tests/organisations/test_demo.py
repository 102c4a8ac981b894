"""The accounts of the demonstration."""

import stat
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core import mail
from django.urls import reverse

from organisations import demo, services
from organisations.enums import Role
from organisations.models import Membership, Unit, User
from tests import factories

PASSWORD = "made-for-this-test"


@pytest.fixture
def cast(db: None) -> list[demo.Demonstrated]:
    namur, gent = factories.make_dca("dca-namur"), factories.make_dca("dca-flandre-orientale")
    factories.make_zone(demo.FIRST_ZONE, dca=namur)
    factories.make_zone(demo.SECOND_ZONE, dca=gent)
    factories.make_unit(demo.FEDERAL_UNIT, acronym_fr="CGI")
    factories.make_source(demo.SOURCE)
    return demo.create_accounts(password=PASSWORD)


def test_every_role_has_an_account(cast):
    assert {each.role for each in cast} == set(Role.values)
    assert len({each.user.email for each in cast}) == len(cast) == 16
    assert all(each.user.is_demo and each.user.email.endswith("@demo.invalid") for each in cast)
    assert cast[0].user.check_password(PASSWORD)


def test_accounts_are_named_by_what_they_do(cast):
    names = {each.user.name for each in cast if each.unit and each.unit.slug == demo.FEDERAL_UNIT}
    assert {name.split(", ")[1] for name in names} == {"CGI"}
    assert len(names) == 2


def test_both_zones_are_controlled_by_their_own_coordinator(cast):
    controllers = [each.unit for each in cast if each.role == Role.COORDINATOR]
    zones = [Unit.objects.get(slug=slug) for slug in (demo.FIRST_ZONE, demo.SECOND_ZONE)]
    assert controllers == [zone.controlled_by for zone in zones]
    assert controllers[0] != controllers[1]


def test_a_unit_s_mailbox_is_named_in_its_language(db):
    for slug, language in (("dca-namur", "fr"), ("dca-flandre-orientale", "nl")):
        factories.make_unit(
            slug,
            language=language,
            acronym_fr="DCA Flandre orientale",
            acronym_nl="CSD Oost-Vlaanderen",
        )
    demo._give_contacts(Unit.objects.all())
    assert set(Unit.objects.values_list("language", "mailbox")) == {
        ("fr", "dca-flandre-orientale@demo.invalid"),
        ("nl", "csd-oost-vlaanderen@demo.invalid"),
    }


def test_making_them_again_changes_nothing_but_the_password(cast):
    again = demo.create_accounts(password="another-password")
    assert [each.user.pk for each in again] == [each.user.pk for each in cast]
    assert Membership.objects.count() == len(cast)
    assert User.objects.get(pk=cast[0].user.pk).check_password("another-password")


def test_the_tour_knows_who_plays_each_role(cast):
    by_role = {role: demo.account(role) for role in Role.values}
    assert all(by_role.values())
    assert by_role[Role.REPORTER] == cast[0].user
    first_zone = Unit.objects.get(slug=demo.FIRST_ZONE)
    coordinator = by_role[Role.COORDINATOR].memberships.get()
    assert coordinator.unit == first_zone.controlled_by
    assert [each.pk for each in demo.accounts()] == [each.user.pk for each in cast]
    assert all(demo.sentence(each) for each in demo.accounts())


def test_only_demonstration_accounts_are_deleted(cast):
    real = factories.make_user(Role.STEERING)
    assert demo.delete_accounts() == len(cast)
    assert list(User.objects.all()) == [real]


def test_the_password_is_made_once_and_kept_private(tmp_path: Path, settings):
    settings.RUN_DIR = tmp_path
    first = demo.kept_password()
    assert demo.kept_password() == first
    assert len(first) >= 16
    assert stat.S_IMODE((tmp_path / "demo_password").stat().st_mode) == 0o600
    assert tmp_path == configured.RUN_DIR


def test_no_mail_server_hears_of_their_addresses(cast, client):
    address = cast[0].user.email
    client.post(reverse("account_reset_password"), {"email": address})
    administrator = factories.make_user(Role.ADMINISTRATOR)
    invited = {"name": "X", "role": Role.COUNCIL}
    services.invite(actor=administrator, email="other@demo.invalid", **invited)
    assert mail.outbox == []
    services.invite(actor=administrator, email="other@demo.example", **invited)
    assert len(mail.outbox) == 1
