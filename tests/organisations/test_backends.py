"""The account that asks is read together with its roles."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from organisations.backends import AccountBackend
from organisations.enums import Role
from organisations.models import Membership
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_the_account_and_what_it_may_do_are_one_query(django_assert_num_queries):
    namur, ghent = make.make_zone("namur"), make.make_zone("ghent", language="nl")
    pk = make.make_user(Role.REPORTER, ghent).pk
    Membership.objects.create(user_id=pk, role=Role.APPROVER, unit=namur)
    over = timezone.localdate() - dt.timedelta(days=1)
    Membership.objects.create(
        user_id=pk, role=Role.ADMINISTRATOR, start=over - dt.timedelta(days=9), end=over
    )
    with django_assert_num_queries(1):
        user = AccountBackend().get_user(pk)
        assert (user.pk, user.password != "", user.own_languages) == (pk, True, ["nl"])
        assert user.access.may("submissions.enter", ghent.pk)
        assert user.access.may("submissions.attest", namur.pk)
        assert user.access.roles == {Role.REPORTER, Role.APPROVER}


def test_who_holds_no_role_is_still_somebody(django_assert_num_queries):
    user = make.make_user(Role.EVALUATOR)
    user.memberships.all().delete()
    with django_assert_num_queries(2):
        found = AccountBackend().get_user(user.pk)
    assert (found, found.access.roles) == (user, frozenset())


def test_a_closed_account_and_none_are_nobody():
    user = make.make_user(Role.EVALUATOR)
    user.is_active = False
    user.save()
    assert AccountBackend().get_user(user.pk) is None
    assert AccountBackend().get_user(user.pk + 1) is None


def test_the_address_and_the_password_sign_in():
    user = make.make_user(Role.EVALUATOR)
    user.set_password("a long enough sentence")
    user.save()
    assert authenticate(None, email=user.email, password="a long enough sentence") == user
    assert authenticate(None, email=user.email, password="another sentence") is None
