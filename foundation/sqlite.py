"""What every new SQLite connection is checked for and given."""

import sqlite3
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

# What SQLite answers when the options of config.env.sqlite() are in force. A misplaced option is
# ignored silently, and the defaults lose concurrent writes.
OPTIONS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}


def assert_options(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Receiver of `connection_created`; raises ImproperlyConfigured rather than lose a write."""
    if connection.vendor != "sqlite":
        return
    mode = getattr(connection, "transaction_mode", None)
    if mode != "IMMEDIATE":
        raise ImproperlyConfigured(f"SQLite: transactions are {mode}, not IMMEDIATE")
    for name, expected in OPTIONS.items():
        found = connection.connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise ImproperlyConfigured(f"SQLite: PRAGMA {name} is {found}, not {expected}")


def use_real_variable_limit(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Receiver of `connection_created`: SQLite's own limit of variables, not Django's guess of 999.

    With 999, a save of 300 figures is cut into statements of 70 rows.
    """
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = limit
