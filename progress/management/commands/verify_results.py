"""Recompute every result independently, and name what differs."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.models import Indicator, Period
from progress.verification import reports


class Command(BaseCommand):
    help = (
        "Recompute the stored results from the validated figures by a path of its own, and name "
        "each difference. Ends with 0 only where there is none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", default="", help="only this period, such as 2026-Q3")
        parser.add_argument("--indicator", default="", help="only the indicator with this code")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, known in (
            ("period", Period.objects.filter(code=options["period"])),
            ("indicator", Indicator.objects.filter(code=options["indicator"])),
        ):
            if options[name] and not known.exists():
                raise CommandError(f"no {name} is named {options[name]}")
        count = waiting = 0
        for report in reports(period=options["period"], indicator=options["indicator"]):
            for difference in report.differences:
                self.stdout.write(str(difference))
            count += len(report.differences)
            waiting += len(report.waiting)
        if waiting:
            self.stdout.write(f"{waiting} waiting for a recomputation that is owed")
        self.stdout.write(f"{count} difference{'' if count == 1 else 's'}")
        if count:
            sys.exit(1)
