"""Finding words whatever their accents and case."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """``text`` without accents, in lower case, apostrophes and hyphens as spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(
        letters.casefold()
        .replace("œ", "oe")
        .replace("æ", "ae")
        .replace("’", " ")
        .replace("'", " ")
        .replace("-", " ")
        .split()
    )


def matches(words: str, *texts: str) -> bool:
    """Whether every word of ``words`` stands in one of ``texts``."""
    searched = plain(" ".join(texts))
    return all(word in searched for word in _words(words))


def _words(words: str) -> list[str]:
    """The words that are searched, without the marks that stand around them."""
    return [word for each in plain(words).split() if (word := each.strip('«»“”"()[],;:!?.'))]


def shortened(text: str, most: int = 60) -> str:
    """``text``, cut after a word within about ``most`` characters."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"


def excerpt(text: str, words: str, width: int = 200) -> list[tuple[str, bool]]:
    """About ``width`` characters of ``text`` around the first of ``words``, in pieces.

    A piece is True where it is one of the words, whatever its accents and case. The text is cut
    between words.
    """
    letters, places = _letters(text)
    found = sorted(
        (places[at], places[at + len(word) - 1] + 1)
        for word in set(_words(words))
        for at in _occurrences(letters, word)
    )
    begin, end = _around(text, found[0][0] if found else 0, width)
    pieces: list[tuple[str, bool]] = [("… ", False)] if begin else []
    at = begin
    for first, last in found:
        if first >= at and last <= end:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces += [(text[at:end], False), (" …" if end < len(text) else "", False)]
    return [piece for piece in pieces if piece[0]]


def _around(text: str, place: int, width: int) -> tuple[int, int]:
    """Where a part of ``text`` begins and ends that holds ``place`` and cuts no word."""
    begin = max(place - width // 3, 0)
    if begin:
        begin = text.find(" ", begin, place) + 1 or begin
    end = begin + width
    if end < len(text):
        end = max(text.rfind(" ", place, end), begin + 1)
    return begin, min(end, len(text))


def _letters(text: str) -> tuple[str, list[int]]:
    """``text`` as ``plain`` makes it, spaces kept, and where each of its characters stands."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        made = plain(character) or " "
        letters.append(made)
        places += [place] * len(made)
    return "".join(letters), places


def _occurrences(letters: str, word: str) -> list[int]:
    places, at = [], letters.find(word)
    while at >= 0:
        places.append(at)
        at = letters.find(word, at + len(word))
    return places
