"""The whole database as it is at one moment, into a file and back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from .archives import Refused

#: Who holds a session's key is signed in: none is saved, and nobody is signed in after a restore.
LEFT_OUT = ("django_session",)
_FORMER = "jalon_former_"
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""


def name() -> str:
    """What the file is called, by the kind of database."""
    return "database.sqlite3" if connection.vendor == "sqlite" else "database.dump"


@contextmanager
def moment() -> Iterator[Callable[[Path], None]]:
    """A moment of the database: until the end, everything read is of it, whatever others write.

    Yields what saves it to a file. Call it outside of a transaction, and write nothing inside.
    """
    with _sqlite_moment() if connection.vendor == "sqlite" else _postgresql_moment() as save:
        yield save


def check(path: Path) -> None:
    """Raises Refused where a saved database cannot be read here, or others use this one."""
    if connection.vendor == "sqlite":
        with _sqlite_errors(), closing(sqlite3.connect(path)) as copy:
            copy.execute("SELECT count(*) FROM sqlite_master")
        return
    _run("pg_restore", f"--file={os.devnull}", str(path), connected=False)
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        if cursor.fetchone()[0]:
            raise Refused(_("Other programs use this database: stop them first."))


def load(path: Path) -> None:
    """Put a saved database that was checked in the place of this one, all of it or nothing."""
    if connection.vendor == "sqlite":
        _load_sqlite(path)
    else:
        _load_postgresql(path)


# --- SQLite -----------------------------------------------------------------------------------


@contextmanager
def _sqlite_moment() -> Iterator[Callable[[Path], None]]:
    with connection.cursor() as cursor:
        # Deferred, it takes no lock that a save waits for; the first reading fixes the moment.
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM sqlite_master")
        try:
            yield _save_sqlite
        finally:
            cursor.execute("ROLLBACK")


def _save_sqlite(path: Path) -> None:
    with _sqlite_errors(), closing(sqlite3.connect(path, isolation_level=None)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
        for table in tables.intersection(LEFT_OUT):
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 (a name of ours)
        # Nothing stays of what was deleted, sessions among it.
        copy.execute("VACUUM")


def _load_sqlite(path: Path) -> None:
    """In one transaction of the database itself, so that processes that hold it open see it."""
    connection.ensure_connection()
    with _sqlite_errors(), closing(sqlite3.connect(path)) as copy:
        copy.backup(connection.connection)
    connection.close()


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    """A full disk, a damaged file."""
    try:
        yield
    except sqlite3.Error as error:
        raise Refused(f"SQLite: {error}") from error


# --- PostgreSQL -------------------------------------------------------------------------------


@contextmanager
def _postgresql_moment() -> Iterator[Callable[[Path], None]]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
        # What a restore that was killed has left is no part of it.
        left_out.append(f"--exclude-schema={_FORMER}*")
        options = ["--format=custom", f"--snapshot={snapshot}", *left_out]
        yield lambda path: _run("pg_dump", *options, f"--file={path}")


def _load_postgresql(path: Path) -> None:
    """Beside what is there, which goes once the new one is whole."""
    former = f"{_FORMER}{int(time.time())}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        [schema] = cursor.fetchone()
        cursor.execute(f"ALTER SCHEMA {schema} RENAME TO {former}")
        cursor.execute(f"CREATE SCHEMA {schema}")
    try:
        _run("pg_restore", "--single-transaction", "--exit-on-error", str(path))
    except Refused:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {schema} CASCADE")
            cursor.execute(f"ALTER SCHEMA {former} RENAME TO {schema}")
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {former} CASCADE")
    # Statements prepared on the former tables end with it.
    connection.close()


def _run(program: str, *arguments: str, connected: bool = True) -> None:
    """Run one of PostgreSQL's own programs on this database; the password stays out of sight."""
    address, password = _address()
    command = [program, "--no-owner", "--no-privileges", *arguments]
    if connected:
        command.append(f"--dbname={address}")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        done = subprocess.run(  # noqa: S603 (built here)
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise Refused(
            _("%(program)s is missing: install PostgreSQL’s client programs.")
            % {"program": program}
        ) from error
    if done.returncode:
        raise Refused(done.stderr.strip())


def _address() -> tuple[str, str]:
    """How PostgreSQL's programs reach this database, and the password."""
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in known and value
    }
    password = str(given.pop("password", ""))
    return make_conninfo(**given), password
