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


class PointKind(models.TextChoices):
    """What a bullet of a theme is."""

    MISSION = "mission", _("How the mission is carried out")
    CROSS_CUTTING = "cross_cutting", _("Cross-cutting points")
    GENERAL = "general", _("General points of attention")


class Part(models.TextChoices):
    """The part that a unit has in an objective."""

    RESPONSIBLE = "responsible", _("responsible")
    CONTRIBUTOR = "contributor", _("contributes")


class Group(models.TextChoices):
    """Units that have a part together."""

    NONE = "", "–"
    ZONES = "zones", _("all police zones")
    POINT_OF_ENTRY = "point_of_entry_zones", _("zones with a point of entry")
    PJF = "pjf", _("the 14 federal judicial police directorates (PJF)")
    DCA = "dca", _("the 14 coordination and support directorates (DCA)")


class ActionKind(models.TextChoices):
    """How an objective is carried out."""

    PROGRAMME = "programme", _("programme (art. 95 LPI)")
    PROJECT = "project", _("project (art. 95 LPI)")
    INITIATIVE = "initiative", _("targeted initiative")


class ActionState(models.TextChoices):
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    SUSPENDED = "suspended", _("suspended")
    DONE = "done", _("done")
    ABANDONED = "abandoned", _("abandoned")


class Stance(models.TextChoices):
    """What a zone says of an objective in its zonal plan. Never a score."""

    PREPARING = "preparing", _("in preparation")
    TAKEN_UP = "taken_up", _("taken up as it is")
    ADAPTED = "adapted", _("adapted")
    REGULAR = "regular", _("regular work")
    NOT_CONCERNED = "not_concerned", _("not concerned")
    NOT_TAKEN_UP = "not_taken_up", _("not taken up")
