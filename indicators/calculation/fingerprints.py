"""Fingerprint of what went into a result: METHOD.md 8."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from indicators.calculation.values import Observation

Row = tuple[str, int | None, str, int | None, int | None, int | None]


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
    rows = sorted(
        (_row(one, names[one.subject]) for one in observations),
        key=lambda row: (row[0], repr(row)),
    )
    canonical = json.dumps(
        [method_version, definition, rows], sort_keys=True, separators=(",", ":")
    )
    return sha256(canonical.encode("ascii")).hexdigest()


def _row(one: Observation, name: str) -> Row:
    return (
        name,
        one.revision,
        str(one.status),
        one.numerator,
        one.denominator,
        one.population,
    )
