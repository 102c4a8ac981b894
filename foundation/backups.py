"""Backups: the database at one moment with its files, and putting both back.

Nothing is in one beyond the data: no key of the application, no password of a server, no session.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from . import dumps, seals
from .archives import MEDIA, Archive, Refused, unpack
from .models import AuditSeal, OutboxEntry
from .outbox import MAX_ATTEMPTS, send
from .registries import OutboxTopic, kept_files, outbox_topics

_ATTEMPTS = 3
_HELD = ".backup-"
_DAY = 24 * 3600
#: What a database holds that was prepared and never used.
_MADE_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}


class _Vanished(Exception):
    """A file that a row keeps went while it was being saved."""


def default_path(prefix: str = "jalon") -> Path:
    return folder() / f"{prefix}-{timezone.localtime():%Y%m%d-%H%M%S}.tar"


def folder() -> Path:
    return Path(settings.VAR_DIR) / "backups"


# --- Backup -----------------------------------------------------------------------------------


def backup(path: Path) -> dict[str, Any]:
    """Save everything to a new file, which appears once it is whole; returns its manifest.

    Others go on working meanwhile. Raises Refused or OSError.
    """
    if path.exists():
        raise Refused(_("%(file)s is there already.") % {"file": path})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_current := not unapplied():
        seals.seal()
    for attempt in range(_ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as beside:
            draft = Path(beside) / "draft.tar"
            try:
                manifest = _write(draft, Path(beside) / dumps.name(), is_current=is_current)
            except _Vanished as vanished:
                if attempt == _ATTEMPTS - 1:
                    raise Refused(
                        _("A file is missing that the database names: %(file)s.")
                        % {"file": vanished}
                    ) from vanished
            else:
                # A link, unlike a rename, never replaces another file.
                os.link(draft, path)
                _sync(path.parent)
                return manifest
    raise AssertionError


def unapplied() -> list[Any]:
    """The migrations that this version has and the database has not."""
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def _write(draft: Path, database: Path, *, is_current: bool) -> dict[str, Any]:
    draft.touch(mode=0o600)
    database.touch(mode=0o600)
    with _held_files() as held, draft.open("wb") as stream, dumps.moment() as save:
        archive = Archive(stream)
        # What rows of an older version keep is not known: all there is.
        _add_files(archive, held, _kept() if is_current else _files(held))
        facts = _facts(is_current=is_current)
        save(database)
        archive.add(database.name, database)
        archive.finish(facts)
        stream.flush()
        os.fsync(stream.fileno())
    return {**facts, "members": archive.members}


def _facts(*, is_current: bool) -> dict[str, Any]:
    last = AuditSeal.objects.last() if is_current else None
    return {
        "made_at": timezone.now().isoformat(),
        "database": connection.vendor,
        "migrations": sorted(map(list, MigrationRecorder(connection).applied_migrations())),
        "rows": row_counts(),
        "seal": last.digest if last else "",
    }


def row_counts() -> dict[str, int]:
    """How many rows each table holds, those left out of backups apart."""
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in dumps.LEFT_OUT:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
                counts[table] = cursor.fetchone()[0]
    return counts


def _kept() -> set[str]:
    return {name for each in kept_files for name in each.names()}


@contextmanager
def _held_files() -> Iterator[Path]:
    """A folder with links to all files, so that one that is deleted meanwhile can still be read."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = _files(root)
    for left in root.glob(f"{_HELD}*"):
        # Of a backup that was killed: no file outlives its row by more than a day.
        if time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_HELD, dir=root) as folder:
        held = Path(folder)
        for name in names:
            (held / name).parent.mkdir(parents=True, exist_ok=True)
            # Deleted just now; or a file system without links, where a lost file is tried again.
            with suppress(OSError):
                (held / name).hardlink_to(root / name)
        yield held


def _add_files(archive: Archive, held: Path, names: set[str]) -> None:
    """A row's file was whole before its row was."""
    for name in sorted(names):
        path = held / name
        if not path.exists():
            path = Path(settings.MEDIA_ROOT) / name
        try:
            archive.add(f"{MEDIA}/{name}", path)
        except FileNotFoundError as error:
            raise _Vanished(name) from error


def _files(root: Path) -> set[str]:
    names = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(_HELD)}


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- Restore ----------------------------------------------------------------------------------


def restore(path: Path, *, force: bool = False) -> dict[str, Any]:
    """Put a backup in the place of what is here; returns its manifest.

    Everything in it is checked before anything is touched. ``force``: though there is data here.
    Call it ``standing_still``. Raises Refused or OSError.
    """
    beside = Path(settings.VAR_DIR) / "restoring"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    try:
        manifest = unpack(path, beside)
        _refuse_other(manifest)
        dumps.check(beside / dumps.name())
        if not (force or _is_empty()):
            raise Refused(_("There is data here: --force puts the backup in its place."))
        _replace(beside, manifest)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


@contextmanager
def standing_still() -> Iterator[None]:
    """No supervisor of this folder runs, nor starts meanwhile; raises Refused where one does."""
    with ExitStack() as locks:
        # Those of config.supervisor.
        for name in ("supervisor.lock", "processes.lock"):
            path = Path(settings.RUN_DIR) / name
            lock = locks.enter_context(path.open("ab"))
            path.chmod(0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refused(_("Jalon is running here: stop it first.")) from error
        yield


def _refuse_other(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        raise Refused(
            _("This is a backup of %(theirs)s, and the database here is %(ours)s.")
            % {"theirs": manifest["database"], "ours": connection.vendor}
        )
    known = MigrationLoader(None).disk_migrations
    later = [".".join(each) for each in manifest["migrations"] if tuple(each) not in known]
    if later:
        raise Refused(
            _("This is a backup of a later version of Jalon (%(migration)s).")
            % {"migration": later[0]}
        )


def _is_empty() -> bool:
    used = {table for table, count in row_counts().items() if count}
    return not (used - _MADE_BY_MIGRATIONS or _files(Path(settings.MEDIA_ROOT)))


def _replace(beside: Path, manifest: dict[str, Any]) -> None:
    """Files first and those too many last: each file that a row keeps is there at any moment."""
    root, saved = Path(settings.MEDIA_ROOT), beside / MEDIA
    names = _files(saved)
    for name in names:
        (root / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(saved / name, root / name)
    dumps.load(beside / dumps.name())
    found = row_counts()
    differing = [table for table, count in manifest["rows"].items() if found.get(table) != count]
    if differing:
        raise Refused(_("Not everything was put back: %(tables)s.") % {"tables": differing})
    for name in _files(root) - names:
        (root / name).unlink()


def take_up() -> None:
    """Take up the work that the restored database owed, once its schema is this version's.

    What was under way on the way to the workers is not any more. What is derived from other rows
    is done here and now, so that it can be verified.
    """
    _forget_the_former()
    OutboxEntry.objects.filter(sent_generation__gt=F("done_generation")).update(
        sent_generation=F("done_generation")
    )
    was_eager, current_app.conf.task_always_eager = current_app.conf.task_always_eager, True
    try:
        for topic in outbox_topics:
            if topic.is_derived:
                if topic.reconcile is not None:
                    # What nobody had come to owe yet when it was saved.
                    topic.reconcile()
                _perform(topic)
    finally:
        current_app.conf.task_always_eager = was_eager


def _perform(topic: OutboxTopic) -> None:
    """Until nothing is pending: what fails is set aside after some attempts."""
    pending = OutboxEntry.objects.pending().filter(topic=topic.name)
    for _attempt in range(2 * MAX_ATTEMPTS):
        ids = list(pending.values_list("pk", flat=True))
        for first in range(0, len(ids), topic.most):
            send(topic, ids[first : first + topic.most])


def _forget_the_former() -> None:
    """The store's queue and cache, and what a start remembers, are of the former database."""
    (Path(settings.RUN_DIR) / "prepared.json").unlink(missing_ok=True)
    if settings.STORE_IS_EMBEDDED:
        shutil.rmtree(Path(settings.VAR_DIR) / "store", ignore_errors=True)
    else:
        cache.clear()
