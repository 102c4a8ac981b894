"""Brings plan, units, objectives, indicators and checks in line with the reference files."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import indicators.loading
import organisations.loading
import plans.loading
import submissions.loading
import themes.loading
from foundation.datafiles import DataFault
from foundation.reference import Count
from foundation.services import record
from plans.models import Plan

#: Lower apps first: each refers to rows of those before it.
LOADERS = (
    organisations.loading,
    plans.loading,
    themes.loading,
    indicators.loading,
    submissions.loading,
)


class Command(BaseCommand):
    help = "Load the reference data, all or nothing. A second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="say what would change, only")
        parser.add_argument(
            "--dir",
            type=Path,
            default=settings.BASE_DIR,
            help="folder that holds <app>/data/ for each app (default: the program's own)",
        )

    def handle(self, *, check: bool, dir: Path, **options: Any) -> None:  # noqa: A002
        try:
            with transaction.atomic():
                counts = load(root=dir)
                transaction.set_rollback(check)
        except DataFault as fault:
            self.stderr.write(f"{fault}\n")
            sys.exit(1)
        for count in counts:
            self.stdout.write(_told(count))
        changes = sum(count.changes for count in counts)
        self.stdout.write(ngettext("%(n)s change", "%(n)s changes", changes) % {"n": changes})


def load(*, root: Path) -> list[Count]:
    """Load every app's files under ``root`` and put what changed on the record."""
    counts = list(chain.from_iterable(loader.load(root=root) for loader in LOADERS))
    changed = {count.model._meta.label: count.changes for count in counts if count.changes}
    if changed:
        record(actor=None, verb="reference.load", subject=Plan.objects.get(), details=changed)
    return counts


def _told(count: Count) -> str:
    return _(
        "%(table)s: %(created)s created, %(changed)s changed, %(removed)s removed, "
        "%(unchanged)s unchanged"
    ) % {
        "table": count.model._meta.label,
        "created": count.created,
        "changed": count.changed,
        "removed": count.removed,
        "unchanged": count.unchanged,
    }
