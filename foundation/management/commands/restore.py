"""Put a backup in the place of what is here, and verify it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation import backups
from foundation.archives import Refused


class Command(BaseCommand):
    help = (
        "Put a backup in the place of what is here, bring it to this version, and verify its audit "
        "trail and its results. Ends with 0 only where all of that succeeds."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="though there is data here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with backups.standing_still():
                self.restore(options["file"], force=options["force"])
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error

    def restore(self, path: Path, *, force: bool) -> None:
        manifest = backups.restore(path, force=force)
        self.stdout.write(f"{sum(manifest['rows'].values())} rows put back")
        call_command("migrate", interactive=False, verbosity=0)
        backups.take_up()
        # Both, whatever the first one finds: who restores must know all that differs.
        differs = [
            *self.differs("audit trail", "verify_audit", holding=manifest["seal"]),
            *self.differs("results", "verify_results"),
        ]
        if differs:
            raise CommandError(f"put back, but not as it was: {' and '.join(differs)}")

    def differs(self, what: str, command: str, **options: str) -> list[str]:
        """``what`` where the command names differences, which it ends with 1 for."""
        try:
            call_command(command, stdout=self.stdout, **options)
        except SystemExit as end:
            return [what] if end.code else []
        return []
