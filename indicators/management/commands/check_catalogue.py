"""Says whether every promise of the plan has its measures, and every measure a whole definition."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from indicators.catalogue import MOST_TYPED_NUMBERS, Load, Measured, Report, check


class Command(BaseCommand):
    """In English whatever the language: developers and CI read it, and its last line is fixed."""

    help = "Check the catalogue of indicators as it is loaded; fails where something is missing."

    def handle(self, **options: Any) -> None:
        with translation.override("en"):
            report = check()
        for name, promises in report.promises.items():
            self.stdout.write(f"\n{name.capitalize()}")
            for measured in promises:
                self.stdout.write(_told(measured))
        self.stdout.write("")
        for hint in report.hints:
            self.stdout.write(f"note: {hint}")
        for finding in report.findings:
            self.stderr.write(f"{finding}\n")
        self._sum_up(report)
        if report.findings:
            sys.exit(1)

    def _sum_up(self, report: Report) -> None:
        for name in report.promises:
            if name != "objectives":
                self.stdout.write(report.summary(name))
        self.stdout.write(_load(report.load))
        incomplete = f"{len(report.incomplete)} incomplete definitions"
        beyond = ", too many typed numbers" if report.load.numbers > MOST_TYPED_NUMBERS else ""
        self.stdout.write(f"{report.summary('objectives')}, {incomplete}{beyond}")


def _told(measured: Measured) -> str:
    lines = [f"  {each}" for each in measured.measures] or ["  no measure"]
    return "\n".join([measured.promise.code, *lines])


def _load(load: Load) -> str:
    if not load.zone:
        return "busiest zone: there is no zone"
    others = f" and {load.zones - 1} others" if load.zones > 1 else ""
    return (
        f"busiest zone: {load.zone}{others}, {load.numbers} typed numbers in quarter "
        f"{load.quarter}, at most {MOST_TYPED_NUMBERS}"
    )
