"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

KEPT, REMOVED, ADDED = "kept", "removed", "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that were kept, removed or added."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The words of both texts in order; spaces go with the word before them."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for kind, at, to, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(KEPT, "".join(old[at:to])))
            continue
        if to > at:
            pieces.append(Piece(REMOVED, "".join(old[at:to])))
        if end > start:
            pieces.append(Piece(ADDED, "".join(new[start:end])))
    return pieces


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)
