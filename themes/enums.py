"""Fixed vocabularies of themes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Who carries an objective."""

    FEDERAL = "federal", _("Federal Police")
    LOCAL = "local", _("Local Police")
    INTEGRATED = "integrated", _("Integrated Police")


class Strand(models.TextChoices):
    """The two strands of theme 7; objectives of other themes have none."""

    NONE = "", "–"
    VIF = "VIF", _("Domestic violence")
    VS = "VS", _("Sexual violence")


class Basis(models.TextChoices):
    """Whether the plan states a link or it is a working proposal."""

    STATED = "stated", _("stated by the plan")
    PROPOSED = "proposed", _("working proposal")
