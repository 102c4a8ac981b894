"""Amending objectives, and bringing adopted wordings into force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from foundation.datafiles import LANGUAGES
from foundation.services import record
from organisations.models import User
from plans.enums import Authority
from plans.models import Amendment, in_force
from plans.services import copy_words, french, next_number, propose, refuse_same_words, reword

from .models import Objective, ObjectiveStep, ObjectiveVersion


@transaction.atomic
def propose_objective_amendment(
    *,
    actor: User,
    objective: Objective,
    title: str,
    statement: str,
    steps: Sequence[str],
    reason: str,
    effective_on: dt.date,
) -> Amendment:
    """Propose another wording of an objective, in French, with its steps in order.

    Raises PermissionDenied, or ValidationError by field.
    """
    versions = ObjectiveVersion.objects.filter(objective=objective)
    before = in_force(versions, effective_on).prefetch_related("steps")[0]
    wanted = [text.strip() for text in steps if text.strip()]
    words = {"title": title, "statement": statement}
    refuse_same_words(before, words, more=wanted != _steps_of(before))
    amendment = propose(
        actor=actor,
        plan=objective.theme.plan,
        authority=Authority.MINISTERS,
        reason=reason,
        effective_on=effective_on,
    )
    version = ObjectiveVersion(
        objective=objective,
        number=next_number(versions),
        valid_from=effective_on,
        amendment=amendment,
    )
    reword(version, before, words)
    version.save()
    _write_steps(version, before, wanted)
    record(
        actor=actor,
        verb="amendment.proposed",
        subject=amendment,
        details={"objective": objective.code},
    )
    return amendment


def _steps_of(version: ObjectiveVersion) -> list[str]:
    return [french(each, "text") for each in version.steps.all()]


def _write_steps(version: ObjectiveVersion, before: ObjectiveVersion, wanted: list[str]) -> None:
    """Steps that stay keep their translations, and as many steps keep their places in the plan."""
    former = list(before.steps.all())
    known = {french(each, "text"): each for each in former}
    for number, text in enumerate(wanted, start=1):
        step, same = ObjectiveStep(version=version, number=number), known.get(text)
        if len(wanted) == len(former) and french(former[number - 1], "text") not in wanted:
            step.place = former[number - 1].place
        if same:
            step.place = same.place
            for code in LANGUAGES:
                setattr(step, f"text_{code}", getattr(same, f"text_{code}"))
        else:
            step.text_fr = text  # type: ignore[attr-defined]
        step.save()


@transaction.atomic
def bring_into_force(*, on: dt.date | None = None) -> int:
    """Copy to each objective the wording in force ``on`` a day (today); how many changed."""
    return copy_words(Objective, ObjectiveVersion, "objective", ("title", "statement"), on)
