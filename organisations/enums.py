"""Fixed vocabularies of organisations."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AreaKind(models.TextChoices):
    NATION = "nation", _("Nation")
    REGION = "region", _("Region")
    PROVINCE = "province", _("Province")
    ARRONDISSEMENT = "arrondissement", _("Arrondissement")
    CLASS = "class", _("Population class")


class UnitKind(models.TextChoices):
    ZONE = "zone", _("Police zone")
    FEDERAL = "federal", _("Federal unit")
    SOURCE = "source", _("Central source")


class CodeStatus(models.TextChoices):
    """How sure a zone's code is; everything but CONFIRMED is shown as "to be confirmed"."""

    CONFIRMED = "confirmed", _("confirmed")
    DERIVED = "derived-by-rank", _("to be confirmed (derived)")
    GUESS = "guess-within-range", _("to be confirmed (presumed)")
    NONE = "", _("no code known")


class Language(models.TextChoices):
    FR = "fr", "Français"
    NL = "nl", "Nederlands"
    DE = "de", "Deutsch"
    EN = "en", "English"
    FR_NL = "fr/nl", _("Français and Nederlands")

    @classmethod
    def interface(cls) -> list[tuple[str, str | Promise]]:
        """The languages of the pages, each named in itself."""
        return [choice for choice in cls.choices if choice[0] != cls.FR_NL]


class DatePrecision(models.TextChoices):
    DAY = "day", _("to the day")
    YEAR = "year", _("to the year")
    UNKNOWN = "unknown", _("unknown")


class Reorganised(models.TextChoices):
    MERGER = "merger", _("Merger")
    SPLIT = "split", _("Split")


class Role(models.TextChoices):
    """Who somebody is to Jalon; what a role may do stands in ``access.BUNDLES``."""

    REPORTER = "reporter", _("Reporter")
    APPROVER = "approver", _("Approver")
    COORDINATOR = "coordinator", _("Coordinator")
    AUTHORITY = "authority", _("Authority of a zone")
    SECRETARIAT = "secretariat", _("Secretariat")
    STEERING = "steering", _("Steering group")
    COUNCIL = "council", _("Federal Police Council")
    EVALUATOR = "evaluator", _("Evaluator")
    ADMINISTRATOR = "administrator", _("Administrator")

    @classmethod
    def of_units(cls) -> list[str]:
        return [cls.REPORTER, cls.APPROVER, cls.COORDINATOR, cls.AUTHORITY]

    @classmethod
    def without_unit(cls) -> list[str]:
        return [role for role in cls.values if role not in cls.of_units()]
