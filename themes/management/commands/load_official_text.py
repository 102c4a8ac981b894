"""Keeps the official wording of the plan beside ours."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.datafiles import DataFault
from themes.official import load_official_text


class Command(BaseCommand):
    help = "Load the official text of the plan from a YAML file (docs/official-text.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("file", type=Path)
        parser.add_argument("--lang", required=True, choices=languages, help="language of the file")
        parser.add_argument("--check", action="store_true", help="say what would change, only")

    def handle(self, *, file: Path, lang: str, check: bool, **options: Any) -> None:
        try:
            with transaction.atomic():
                loaded = load_official_text(path=file, language=lang)
                transaction.set_rollback(check)
        except DataFault as fault:
            self.stderr.write(f"{fault}\n")
            sys.exit(1)
        counts = _("%(new)s new, %(changed)s changed, %(same)s as they were")
        self.stdout.write(
            counts % {"new": loaded.created, "changed": loaded.changed, "same": loaded.unchanged}
        )
        self._tell(_("Places of the file that Jalon does not know:"), loaded.unknown)
        self._tell(_("Places of Jalon for which the file has no text:"), loaded.without_text)

    def _tell(self, title: str, places: Sequence[str]) -> None:
        if places:
            self.stdout.write(f"{title} {len(places)}")
            for place in places:
                self.stdout.write(f"  {place}")
