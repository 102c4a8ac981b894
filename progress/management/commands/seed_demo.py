"""Fill an empty database with the demonstration, or keep its last round open."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from organisations.demo import kept_password
from progress import demo
from submissions.models import Round


class Command(BaseCommand):
    help = "Seed the demonstration (fictitious figures) on a database without figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="extend the open round to 30 days from now where the demonstration is there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Round.objects.filter(is_demo=True).exists():
            self._refresh()
        elif options["refresh"] and Round.objects.exists():
            self.stdout.write(_("No demonstration here: nothing to extend."))
        else:
            self._seed()

    def _refresh(self) -> None:
        for round in demo.refresh():
            self.stdout.write(
                _("Round %(period)s extended to %(day)s.")
                % {"period": round.period.code, "day": round.locks_at.date().isoformat()}
            )
        self.stdout.write(_("The demonstration is already there."))

    def _seed(self) -> None:
        started = time.monotonic()
        try:
            counts = demo.seed(password=kept_password())
        except demo.HoldsOtherFigures as error:
            raise CommandError(
                _("This database holds other figures: the demonstration does not mix with them.")
            ) from error
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        self.stdout.write(f"{told} ({time.monotonic() - started:.1f} s)")
