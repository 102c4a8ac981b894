"""Save the database and its files to one file, while Jalon goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation import backups
from foundation.archives import Refused


class Command(BaseCommand):
    help = "Save the database at one moment, with its files, to a new file; Jalon may go on."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="by default in backups/ of JALON_VAR"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"] or backups.default_path()
        try:
            manifest = backups.backup(path)
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        rows, files = sum(manifest["rows"].values()), len(manifest["members"]) - 1
        self.stdout.write(f"{path}: {rows} rows, {files} files, {path.stat().st_size} bytes")
        self.stdout.write(f"audit trail sealed: {manifest['seal'] or '–'}")
