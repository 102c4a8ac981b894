"""The demonstration of how the plan is carried out: fictitious actions and zonal plans."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from organisations import demo as people
from organisations.models import Unit
from plans.models import Plan
from themes.uptake.selectors import zones

from .enums import ActionKind, ActionState, Level, Stance
from .models import Action, ActionMilestone, Objective, Uptake, ZonalPlan

Step = tuple[str, str, str | None]
"""What will be reached, the day it is due, and the day it was reached."""


class Fiction(NamedTuple):
    """An action of the demonstration, by the slugs and codes of what it refers to."""

    title: str
    kind: ActionKind
    state: ActionState
    owner: str
    partners: Sequence[str]
    objectives: Sequence[str]
    starts_on: str
    ends_on: str
    steps: Sequence[Step]
    reason: str = ""


ACTIONS = (
    Fiction(
        "Programme « Image permanente »",
        ActionKind.PROGRAMME,
        ActionState.RUNNING,
        "djsoc",
        ("dgj", "dri"),
        ("1-F1", "1-F2"),
        "2026-02-01",
        "2029-06-30",
        (
            ("Méthode et sources arrêtées", "2026-06-30", "2026-06-24"),
            ("Première image diffusée", "2026-10-31", None),
            ("Mise à jour trimestrielle en place", "2027-06-30", None),
        ),
    ),
    Fiction(
        "Projet « Points d’entrée »",
        ActionKind.PROJECT,
        ActionState.RUNNING,
        "spn",
        ("lpa", "spc"),
        ("1.5-F1", "1.5-L1"),
        "2026-04-01",
        "2028-12-31",
        (
            ("Protocole avec la douane signé", "2026-09-30", "2026-10-05"),
            ("Contrôles conjoints dans chaque port", "2027-12-31", None),
        ),
    ),
    Fiction(
        "Échange accéléré avec les pays partenaires",
        ActionKind.PROJECT,
        ActionState.SUSPENDED,
        "cgi",
        ("djsoc",),
        ("1-F4",),
        "2026-03-01",
        "2027-12-31",
        (("Canal unique en service", "2027-03-31", None),),
        "En attente du cadre européen.",
    ),
    Fiction(
        "Quartiers vigilants contre le recrutement de mineurs",
        ActionKind.INITIATIVE,
        ActionState.RUNNING,
        people.FIRST_ZONE,
        (),
        ("1.2-L1",),
        "2026-01-15",
        "2026-12-31",
        (
            ("Procédure de signalement écrite", "2026-04-30", "2026-04-28"),
            ("Formation des agents de quartier", "2026-09-30", None),
        ),
    ),
    Fiction(
        "Contrôles de vitesse aux lieux à risque",
        ActionKind.INITIATIVE,
        ActionState.DONE,
        people.FIRST_ZONE,
        ("dah",),
        ("5-L1",),
        "2026-03-01",
        "2026-09-30",
        (("Cartographie des lieux à risque", "2026-05-31", "2026-05-20"),),
    ),
    Fiction(
        "Slachtofferbejegening binnen zeven dagen",
        ActionKind.INITIATIVE,
        ActionState.PLANNED,
        people.SECOND_ZONE,
        (),
        ("7-VIF1", "7-VIF4"),
        "2027-01-01",
        "2027-12-31",
        (("Afspraken met het parket", "2027-03-31", None),),
    ),
)

WORDINGS = {
    Stance.ADAPTED: _("Fictitious text: the objective holds for districts that the zone names."),
    Stance.NOT_TAKEN_UP: _("Fictitious reason: the phenomenon is not seen on the territory."),
}
DESCRIPTION = _("Fictitious action, for the demonstration.")
LABEL = _("Zonal security plan 2026-2031 (fictitious)")
SHARE = 3


def seed() -> None:
    """Actions, and the plans of a third of the zones; the two zones of the tour are among them."""
    units = {unit.slug: unit for unit in Unit.objects.all()}
    objectives = {objective.code: objective for objective in Objective.objects.all()}
    for fiction in ACTIONS:
        _begin(fiction, units, objectives)
    _zonal_plans(list(objectives.values()))


def clear() -> None:
    Action.objects.filter(is_demo=True).delete()
    ZonalPlan.objects.filter(is_demo=True).delete()


def counts() -> dict[str, int]:
    return {
        "actions": Action.objects.filter(is_demo=True).count(),
        "zonal plans": ZonalPlan.objects.filter(is_demo=True).count(),
    }


def _begin(fiction: Fiction, units: dict[str, Unit], objectives: dict[str, Objective]) -> None:
    owner = units[fiction.owner]
    action = Action.objects.create(
        title=fiction.title,
        description=people.told(DESCRIPTION, owner.languages[0]),
        kind=fiction.kind,
        state=fiction.state,
        state_reason=fiction.reason,
        owner=owner,
        starts_on=_day(fiction.starts_on),
        ends_on=_day(fiction.ends_on),
        is_demo=True,
    )
    action.partners.set(units[slug] for slug in fiction.partners)
    action.objectives.set(objectives[code] for code in fiction.objectives)
    ActionMilestone.objects.bulk_create(
        ActionMilestone(
            action=action,
            number=number,
            text=text,
            due_on=_day(due),
            originally_due_on=_day(due),
            done_on=_day(done) if done else None,
        )
        for number, (text, due, done) in enumerate(fiction.steps, start=1)
    )


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _zonal_plans(objectives: list[Objective]) -> None:
    plan = Plan.objects.get()
    shown = {people.FIRST_ZONE, people.SECOND_ZONE}
    chosen = [
        zone
        for number, zone in enumerate(zones().order_by("slug"))
        if number % SHARE == 0 or zone.slug in shown
    ]
    plans = ZonalPlan.objects.bulk_create(
        ZonalPlan(
            zone=zone,
            plan=plan,
            label=people.told(LABEL, zone.languages[0]),
            council_on=dt.date(2026, 5, 1) + dt.timedelta(days=_spin(zone.slug) % 90),
            is_demo=True,
        )
        for zone in chosen
    )
    Uptake.objects.bulk_create(
        (row for kept in plans for row in _uptakes(kept, objectives)), batch_size=2_000
    )


def _uptakes(kept: ZonalPlan, objectives: list[Objective]) -> Iterator[Uptake]:
    """Most local objectives are answered, federal ones by some zones."""
    for objective in objectives:
        spin = _spin(f"{kept.zone.slug}|{objective.code}")
        if spin >= (30 if objective.level == Level.FEDERAL else 90):
            continue
        stance = _stance(spin, objective)
        yield Uptake(
            zonal_plan=kept,
            objective=objective,
            stance=stance,
            text=people.told(WORDINGS.get(stance, ""), kept.zone.languages[0]),
        )


def _stance(spin: int, objective: Objective) -> Stance:
    if objective.level == Level.FEDERAL:
        return Stance.NOT_CONCERNED if spin < 20 else Stance.REGULAR
    bounds = (
        (40, Stance.TAKEN_UP),
        (55, Stance.ADAPTED),
        (70, Stance.REGULAR),
        (80, Stance.PREPARING),
        (86, Stance.NOT_CONCERNED),
    )
    return next((stance for bound, stance in bounds if spin < bound), Stance.NOT_TAKEN_UP)


def _spin(text: str) -> int:
    """A number from 0 to 99, always the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 100
