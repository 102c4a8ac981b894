"""Show how much the demonstration holds, then remove it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from progress import demo


class Command(BaseCommand):
    help = "Remove the demonstration's figures, paths and accounts, after showing their counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in demo.counts().items():
            self.stdout.write(f"{name:>14} {count}")
        if not options["yes"] and not self._agreed():
            self.stdout.write(_("Nothing was removed."))
            return
        removed = demo.clear()
        self.stdout.write(_("Removed: %(counts)s.") % {"counts": removed})

    def _agreed(self) -> bool:
        try:
            answer = input(_("Remove all of this? Type “yes”: "))
        except EOFError as error:
            raise CommandError(_("Nobody is here to answer: use --yes.")) from error
        return answer.strip().lower() in ("yes", "oui")
