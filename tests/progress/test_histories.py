"""The first half of fifty random histories; in two files, so that two processes share them."""

import pytest

from .histories import assert_followed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(25))
def test_step_by_step_equals_everything_at_once(seed: int) -> None:
    assert_followed(seed)
