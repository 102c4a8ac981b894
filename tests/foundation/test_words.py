"""Words of several lines: counted as the browser counts them, in every form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.urls import get_resolver

from foundation.forms import WordsField


def kinds(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def written_in() -> list[tuple[str, forms.Field]]:
    """Every field of several lines of Jalon's own forms."""
    get_resolver().url_patterns  # noqa: B018 - imports every page, and with it its forms
    configs = apps.get_app_configs()
    own = {each.name for each in configs if Path(each.path).parent == settings.BASE_DIR}
    fields = {
        f"{kind.__module__}.{kind.__name__}.{name}": field
        for kind in kinds(forms.BaseForm)
        if kind.__module__.partition(".")[0] in own
        for name, field in kind.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    }
    return sorted(fields.items())


FIELDS = written_in()


def test_they_are_all_looked_at():
    found = {name.partition(".")[0] for name, _field in FIELDS}
    assert found == {"organisations", "plans", "themes", "indicators", "submissions", "progress"}


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[name for name, _field in FIELDS])
def test_the_end_of_a_line_is_one_character(name, field):
    assert isinstance(field, WordsField)
    longest = field.max_length or 1000
    text = "a" * (longest - 40) + "\r\nb" * 20
    assert field.clean(text) == text.replace("\r\n", "\n")
    assert len(field.clean(text)) == longest
    if field.max_length:
        with pytest.raises(forms.ValidationError):
            field.clean(text + "c")
