"""Compare the audit trail with its seals, and name what differs."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from foundation import seals


class Command(BaseCommand):
    help = (
        "Compare the audit entries with the seals over them, and name each difference. Ends with 0 "
        "only where there is none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--holding",
            default="",
            help="a digest kept elsewhere, which one of the seals must have",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for difference in seals.differences(holding=options["holding"]):
            self.stdout.write(difference)
            count += 1
        self.stdout.write(f"{seals.unsealed()} entries not sealed yet")
        self.stdout.write(f"{count} difference{'' if count == 1 else 's'}")
        if count:
            sys.exit(1)
