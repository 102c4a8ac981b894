"""Fingerprint of what went into a result: METHOD.md 8."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from indicators.calculation.values import Observation

Row = tuple[int, int | None, str, int | None, int | None, int | None]


def fingerprint(
    method_version: str,
    definition: Mapping[str, int | str | None],
    observations: Iterable[Observation],
) -> str:
    """SHA-256 (64 hex digits) of the method, the identifiers and the ordered figures.

    `definition` names what the result belongs to and the versions it used. Rows are
    subject, revision, status, numerator, denominator, population; the order in which
    they arrive does not matter. The same on every database and machine.
    """
    rows = sorted((_row(one) for one in observations), key=lambda row: (row[0], repr(row)))
    canonical = json.dumps(
        [method_version, definition, rows], sort_keys=True, separators=(",", ":")
    )
    return sha256(canonical.encode("ascii")).hexdigest()


def _row(one: Observation) -> Row:
    return (
        one.subject,
        one.revision,
        str(one.status),
        one.numerator,
        one.denominator,
        one.population,
    )
