"""Show how much the demonstration holds, then remove it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from progress import demo


class Command(BaseCommand):
    help = "Remove the demonstration's figures, paths and accounts, after showing their counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in demo.counts().items():
            self.stdout.write(f"{name:>14} {count}")
        question = _("Remove all of this? Type “yes”: ")
        if not options["yes"] and input(question).strip().lower() not in ("yes", "oui"):
            self.stdout.write(_("Nothing was removed."))
            return
        removed = demo.clear()
        self.stdout.write(_("Removed: %(counts)s.") % {"counts": removed})
