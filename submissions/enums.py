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


class CorrectionState(models.TextChoices):
    """Where a request to replace a validated figure stands."""

    PROPOSED = "proposed", _("Proposed")
    ATTESTED = "attested", _("Attested")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    @classmethod
    def open(cls) -> list[str]:
        return [cls.PROPOSED, cls.ATTESTED]


class Severity(models.TextChoices):
    """A blocking check stops the attestation, a warning wants a comment."""

    BLOCKING = "blocking", _("blocking")
    WARNING = "warning", _("warning")


class CheckKind(models.TextChoices):
    """What a check looks at."""

    BOUNDS = "bounds", _("plausibility bounds")
    BREAKDOWN = "breakdown", _("sum of a breakdown")
    CROSS = "cross", _("two figures against each other")
    HISTORY = "history", _("change against one’s own history")
    LAST_YEAR = "last_year", _("change against last year")
    FACTOR = "factor", _("mistake of unit (10, 100 or 1000 times)")


class Part(models.TextChoices):
    """A part of a figure."""

    NUMERATOR = "numerator", _("numerator")
    DENOMINATOR = "denominator", _("denominator")


class PeerGroup(models.TextChoices):
    """With whom a zone compares itself (METHOD.md 10)."""

    NATION = "nation", _("all zones")
    PROVINCE = "province", _("zones of the province")
    CLASS = "class", _("zones of the same population class")


class UploadState(models.TextChoices):
    """Where a file of figures stands."""

    QUEUED = "queued", _("Waiting to be read")
    READING = "reading", _("Being read")
    READY = "ready", _("Ready to be applied")
    REFUSED = "refused", _("Refused")
    APPLIED = "applied", _("Applied")
    ABANDONED = "abandoned", _("Abandoned")
    FAILED = "failed", _("Could not be read")

    @classmethod
    def unread(cls) -> list[str]:
        return [cls.QUEUED, cls.READING]
