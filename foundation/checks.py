"""System checks of the platform, run at every start."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

# What SQLite answers when the options of config.env.sqlite() are in force. A misplaced option is
# ignored silently, and the default mode loses concurrent writes.
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}


@register(Tags.database)
def sqlite_pragmas(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Errors for each SQLite database that does not run with the pragmas it was given."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        if getattr(connection, "transaction_mode", None) != "IMMEDIATE":
            found.append(
                Error(f"Database {alias!r}: transactions are not immediate", id="jalon.E001")
            )
        with connection.cursor() as cursor:
            for pragma, expected in PRAGMAS.items():
                value = cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
                if value != expected:
                    found.append(
                        Error(
                            f"Database {alias!r}: PRAGMA {pragma} is {value}, not {expected}",
                            id="jalon.E002",
                        )
                    )
    return found
