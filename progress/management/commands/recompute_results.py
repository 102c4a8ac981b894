"""Recompute every result from the validated figures."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from progress.services import recompute_all


class Command(BaseCommand):
    help = "Recompute every result from the validated figures, in one pass."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{recompute_all()} results recomputed")
