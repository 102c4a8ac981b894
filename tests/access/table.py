"""Reading the table of access: `table.txt`, one line per address and method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from django.urls import URLPattern, URLResolver

SOURCE = Path(__file__).with_name("table.txt")
#: The columns of the table, and for whom each stands.
COLUMNS: dict[str, list[str]] = {
    "anon": ["anonymous", "inactive"],
    "rep": ["reporter"],
    "app": ["approver"],
    "coo": ["coordinator"],
    "aut": ["authority"],
    "sec": ["secretariat"],
    "ste": ["steering"],
    "cou": ["council"],
    "eva": ["evaluator"],
    "adm": ["administrator"],
    "REP": ["other reporter"],
    "APP": ["other approver"],
    "COO": ["other coordinator"],
    "AUT": ["other authority"],
    "none": ["without", "ended"],
}

REFUSALS = {"in", "door", "again", "401", "403", "404", "405", "410"}


@dataclass(frozen=True, slots=True)
class Row:
    """An address: what GET and POST answer to each person. ``case`` tells two rows apart."""

    name: str
    case: str
    answers: Mapping[str, Mapping[str, str]]

    @property
    def title(self) -> str:
        return f"{self.name} {self.case}".strip()

    def answer(self, method: str, person: str) -> str:
        return self.answers[method][person]

    def opens_to(self, person: str) -> bool:
        return not REFUSALS.issuperset(answers[person] for answers in self.answers.values())

    def people(self, method: str, *answers: str) -> list[str]:
        return [person for person, answer in self.answers[method].items() if answer in answers]


def rows() -> list[Row]:
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith(("#", " ")):
            continue
        title, cells = re.split(r"  +", line, maxsplit=1)
        method, *answers = cells.split()
        name, _, case = title.partition(" ")
        for each in _spelled_out(name):
            found.setdefault((each, case), {})[method] = _by_person(answers)
    return [Row(name, case, answers) for (name, case), answers in found.items()]


def _spelled_out(name: str) -> Iterator[str]:
    """A name with {a,b} in it stands for two."""
    parts = re.split(r"\{([^}]*)\}", name)
    choices = [part.split(",") if place % 2 else [part] for place, part in enumerate(parts)]
    return map("".join, product(*choices))


def _by_person(answers: Sequence[str]) -> dict[str, str]:
    """``all`` in the place of the columns: one answer for everybody."""
    if answers[0] == "all":
        answers = [answers[1]] * len(COLUMNS)
    return {
        person: answer
        for people, answer in zip(COLUMNS.values(), answers, strict=True)
        for person in people
    }


def names(
    patterns: Sequence[URLPattern | URLResolver], route: str = "/", namespace: str = ""
) -> Iterator[str]:
    """The full name of every address, or its route where it has none."""
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            within = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern.url_patterns, here, within)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else here
