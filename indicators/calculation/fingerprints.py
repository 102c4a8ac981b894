"""Fingerprint of what went into a result: METHOD.md 8."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from indicators.calculation.values import Observation

_as_json = json.JSONEncoder(separators=(",", ":")).encode
_sorted = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def fingerprint(
    method_version: str,
    definition: Mapping[str, int | str | None],
    observations: Iterable[Observation],
    names: Mapping[int, str],
) -> str:
    """SHA-256 (64 hex digits) of the method, the identifiers and the ordered figures.

    `definition` names what the result belongs to and the versions it used; `names` names
    the subjects, so that a database's own numbers do not matter. Digested is the JSON of
    [method, definition, rows], keys sorted, no spaces, ASCII; rows are name, revision,
    status, numerator, denominator, population, sorted by name. The same on every database
    and machine.
    """
    given = sorted(observations, key=lambda one: (names[one.subject], repr(one)))
    return digest(method_version, definition, (row_text(one, names[one.subject]) for one in given))


def digest(
    method_version: str, definition: Mapping[str, int | str | None], rows: Iterable[str]
) -> str:
    """The same from rows that are text already (``row_text``), in order of their names."""
    named = _sorted([method_version, definition])
    return sha256(f"{named[:-1]},[{','.join(rows)}]]".encode("ascii")).hexdigest()


def row_text(one: Observation, name: str) -> str:
    """A row as JSON."""
    row = (name, one.revision, str(one.status), one.numerator, one.denominator, one.population)
    return _as_json(row)
