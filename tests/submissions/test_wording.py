"""What is said in words about when something was saved."""

import datetime as dt

import pytest
from django.utils import translation

from submissions import wording


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Enregistré le 1er août 2026."), ("nl", "Opgeslagen op 1 augustus 2026.")],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(language, said):
    moment = dt.datetime(2026, 8, 1, 12, 2, tzinfo=dt.UTC)
    with translation.override(language):
        assert wording.saved_text(moment) == said
