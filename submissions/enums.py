"""Fixed vocabularies of submissions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a submission stands. Late and locked are facts of its round, not states.

    Replaced: the reporter merged or split, and its successor reports in its place.
    """

    TODO = "todo", _("To fill in")
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Attested")
    RETURNED = "returned", _("Returned")
    VALIDATED = "validated", _("Validated")
    REPLACED = "replaced", _("Replaced")

    @classmethod
    def editable(cls) -> list[str]:
        return [cls.TODO, cls.DRAFT, cls.RETURNED]


class Entrance(models.TextChoices):
    """The way by which a measurement came in."""

    FORM = "form", _("form")
    FILE = "file", _("file")
    API = "api", _("API")
    SEED = "seed", _("demonstration")


class RoundState(models.TextChoices):
    """Computed from a round's dates and a given now."""

    PLANNED = "planned", _("planned")
    OPEN = "open", _("open")
    LATE = "late", _("past due")
    LOCKED = "locked", _("locked")
