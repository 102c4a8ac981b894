"""Finding words whatever their accents and case."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """``text`` without accents, in lower case, apostrophes and hyphens as spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(
        letters.casefold().replace("’", " ").replace("'", " ").replace("-", " ").split()
    )


def matches(words: str, *texts: str) -> bool:
    """Whether every word of ``words`` stands in one of ``texts``."""
    searched = plain(" ".join(texts))
    return all(word in searched for word in plain(words).split())
