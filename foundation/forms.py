"""Words of several lines."""

from __future__ import annotations

from typing import Any

from django import forms


def words(text: str) -> str:
    """As it is kept: a browser counts the end of a line as one character and sends two.

    PostgreSQL keeps no NUL: the sign for what cannot be shown stands for it.
    """
    return text.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()


class WordsField(forms.CharField):
    """Counted as the browser counts it."""

    def to_python(self, value: Any) -> Any:
        return words(super().to_python(value) or "")
