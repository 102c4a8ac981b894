from collections.abc import Iterator

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from tests.access.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """One world for all tests of a module; what a test changes in it is undone by `undone`."""
    with django_db_blocker.unblock(), transaction.atomic():
        ContentType.objects.clear_cache()
        yield build()
        transaction.set_rollback(True)
