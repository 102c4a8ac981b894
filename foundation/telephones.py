"""Telephone numbers as people write them: 02 000 00 00, +32 (0)2 000.00.00, 02/000.00.00."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"\+?[0-9(][0-9 ()/.]*[0-9]", re.ASCII)
#: The shortest call a service, the longest is E.164's.
_FEWEST_DIGITS, _MOST_DIGITS = 3, 15


def is_telephone(text: str) -> bool:
    """Whether ``text`` is one: digits, spaces, +, (, ), / and points, 3 to 15 digits."""
    digits = sum(character.isdigit() for character in text)
    balanced = re.fullmatch(r"[^()]*(\([^()]*\)[^()]*)?", text)
    return bool(_WRITTEN.fullmatch(text) and balanced and _FEWEST_DIGITS <= digits <= _MOST_DIGITS)


def dialled(text: str) -> str:
    """What a telephone dials, for a ``tel:`` link: after an international prefix no (0)."""
    if text.startswith("+"):
        text = text.replace("(0)", "")
    return re.sub(r"[^0-9+]", "", text)
