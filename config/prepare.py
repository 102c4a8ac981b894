"""What a start needs before the first page: schema, reference data, demonstration, static files.

Each step is skipped when nothing it reads has changed since it last succeeded on this database.
"""

import hashlib
import io
import json
import os
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from foundation.archives import Refused
from foundation.health import store_answers

STORE_SECONDS = 5.0
NO_DATABASE = "La base de données indiquée par DATABASE_URL est inaccessible : {reason}"
NOT_SAVED = (
    "La base de données n’a pas pu être sauvegardée avant sa mise à niveau : {reason}\n"
    "Sauvegardez-la par vos moyens, puis : manage.py migrate"
)
KEPT_BACKUPS = 5
NO_STORE = (
    "Le serveur Redis indiqué par REDIS_URL est inaccessible : pas de réponse en {seconds:.0f} s."
)


def main() -> None:
    django.setup()
    refuse_absent_database()
    refuse_absent_store()
    stamps = Stamps(settings.RUN_DIR / "prepared.json")
    with stamps.step("schema", _own_files("migrations/*.py"), _lock_file()) as due:
        if due:
            print("Base de données…", flush=True)
            back_up_before_migrating()
            call_command("migrate", interactive=False, verbosity=0)
    reference = _own_files("data/**/*") + _own_files("loading.py")
    with stamps.step("reference", _own_files("migrations/*.py"), reference) as due:
        if due:
            print("Données de référence…", flush=True)
            call_command("load_reference", stdout=io.StringIO())
    if settings.DEMO:
        # Seeds an empty database; on a later start, keeps the open round open.
        print("Démonstration (chiffres fictifs)…", flush=True)
        call_command("seed_demo")
        tell_accounts()
    with stamps.step("static", _static_files(), _lock_file()) as due:
        if due:
            print("Fichiers statiques…", flush=True)
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def back_up_before_migrating() -> None:
    """Save a database that a migration is about to change, and keep the last of such backups."""
    from foundation import backups

    applied, due = MigrationRecorder(connection).applied_migrations(), backups.unapplied()
    if not (applied and due):
        return
    last = due[-1][0]
    path = backups.default_path(f"before-{last.app_label}-{last.name}")
    try:
        backups.backup(path)
    except (Refused, OSError) as error:
        raise CommandError(NOT_SAVED.format(reason=error)) from error
    print(f"Sauvegarde : {path}", flush=True)
    saved = sorted(path.parent.glob("before-*.tar"), key=lambda each: each.stat().st_mtime)
    for each in saved[:-KEPT_BACKUPS]:
        each.unlink()


def refuse_absent_database() -> None:
    # psycopg waits for minutes where a host swallows what it is sent.
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = next(iter(str(error).splitlines()), "")
        raise CommandError(NO_DATABASE.format(reason=reason)) from error


def refuse_absent_store() -> None:
    """Give a store of somebody else's a moment to answer; the embedded one does already."""
    deadline = time.monotonic() + STORE_SECONDS
    while not settings.STORE_IS_EMBEDDED and not store_answers():
        if time.monotonic() > deadline:
            raise CommandError(NO_STORE.format(seconds=STORE_SECONDS))
        time.sleep(0.2)


def tell_accounts() -> None:
    """Print who can be played, and the password that this machine made for them."""
    from organisations.demo import accounts, kept_password

    print(f"Comptes de démonstration, mot de passe {kept_password()} :")
    people = accounts()
    width = max((len(each.email) for each in people), default=0)
    for each in people:
        print(f"  {each.email:<{width}}  {each.name}", flush=True)


class Stamps:
    """Remembers, per step, a fingerprint of what it read and of the database it worked on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    @contextmanager
    def step(self, name: str, *inputs: Iterable[Path]) -> Iterator[bool]:
        """Whether the step is due; leaving without an error marks it done."""
        files = sorted({path for group in inputs for path in group})
        due = self.known.get(name) != self._fingerprint(files)
        yield due
        if due:
            # Taken anew: the step may have made the database.
            self.known[name] = self._fingerprint(files)
            draft = self.path.with_suffix(".draft")
            draft.write_text(json.dumps(self.known))
            draft.replace(self.path)

    def _fingerprint(self, files: list[Path]) -> str:
        digest = hashlib.sha256(_database_identity().encode())
        for path in files:
            digest.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def _database_identity() -> str:
    """Names this very database, so that a new one is prepared in full.

    A server's databases may be replaced behind our back: nothing is remembered about them.
    """
    if connection.vendor != "sqlite":
        return uuid.uuid4().hex
    path = Path(connection.settings_dict["NAME"])
    return f"{path}:{path.stat().st_ino if path.exists() else 'absent'}"


def _own_files(pattern: str) -> list[Path]:
    own = (Path(app.path) for app in apps.get_app_configs())
    folders = [path for path in own if path.is_relative_to(settings.BASE_DIR / path.name)]
    return [path for folder in folders for path in folder.glob(pattern) if path.is_file()]


def _static_files() -> list[Path]:
    return [path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file()]


def _lock_file() -> list[Path]:
    return [settings.BASE_DIR / "requirements.txt"]


if __name__ == "__main__":
    try:
        main()
    except CommandError as error:
        sys.exit(str(error))
