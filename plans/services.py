"""Amendments: proposed, adopted or withdrawn on the record, and brought into force on their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from foundation.datafiles import LANGUAGES
from foundation.services import record
from organisations.models import User

from . import rules
from .amendments import field_text
from .enums import AmendmentState, Authority
from .models import Amendment, Condition, ConditionVersion, Plan, in_force
from .registries import amendables

# --- The act ----------------------------------------------------------------------------------


def propose(
    *, actor: User, plan: Plan, authority: Authority, reason: str, effective_on: dt.date
) -> Amendment:
    """A proposal; the caller adds, in the same transaction, the version that points to it.

    Raises PermissionDenied, or ValidationError by field.
    """
    if not (rules.may_propose(actor) or rules.may_record(actor)):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: who reads it later must understand.")})
    rules.check_effective(plan, effective_on)
    return Amendment.objects.create(
        plan=plan,
        authority=authority,
        reason=reason.strip(),
        effective_on=effective_on,
        proposed_by=actor,
    )


@transaction.atomic
def adopt(
    *,
    actor: User,
    amendment: Amendment,
    reference: str,
    adopted_on: dt.date | None,
    effective_on: dt.date | None = None,
) -> Amendment:
    """Put on the record that the authority adopted it. Raises as ``propose``; twice is refused."""
    held = _proposed(actor, amendment)
    rules.check_act(authority=held.authority, reference=reference, adopted_on=adopted_on)
    if effective_on and effective_on != held.effective_on:
        rules.check_effective(held.plan, effective_on)
        held.effective_on = effective_on
    for versions in _versions_of(held):
        for version in versions:
            _refuse_to_undo_another(version, held)
        versions.exclude(valid_from=held.effective_on).update(valid_from=held.effective_on)
    held.state = AmendmentState.ADOPTED
    held.reference, held.adopted_on = reference.strip(), adopted_on
    held.recorded_by, held.recorded_at = actor, timezone.now()
    held.save()
    details = {"reference": held.reference, "effective_on": held.effective_on.isoformat()}
    record(actor=actor, verb="amendment.adopted", subject=held, details=details)
    bring_all_into_force()
    return held


@transaction.atomic
def withdraw(*, actor: User, amendment: Amendment, reason: str) -> Amendment:
    """Take a proposal back; it stays readable. Raises as ``adopt``."""
    held = _proposed(actor, amendment)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the proposal is withdrawn.")})
    held.state = AmendmentState.WITHDRAWN
    held.recorded_by, held.recorded_at = actor, timezone.now()
    held.save()
    details = {"reason": reason.strip()}
    record(actor=actor, verb="amendment.withdrawn", subject=held, details=details)
    return held


def _proposed(actor: User, amendment: Amendment) -> Amendment:
    """The amendment, locked, if it still waits and the actor may decide on it."""
    if not rules.may_record(actor):
        raise PermissionDenied
    held = Amendment.objects.select_for_update().select_related("plan").get(pk=amendment.pk)
    if held.state != AmendmentState.PROPOSED:
        raise ValidationError(_("This amendment was decided on in the meantime."))
    return held


def _versions_of(amendment: Amendment) -> list[models.QuerySet[Any]]:
    """The versions, of every kind that has them, that point to an amendment."""
    related = [
        field.get_accessor_name()
        for field in Amendment._meta.related_objects
        if any(each.name == "valid_from" for each in field.related_model._meta.fields)
    ]
    return [getattr(amendment, name).all() for name in related if name]


#: The texts of a wording, by what it is a wording of.
TEXTS = {"objective": ("title", "statement", "steps"), "condition": ("title", "text")}


def _refuse_to_undo_another(version: Any, amendment: Amendment) -> None:
    """A wording holds the whole text, as it was when it was proposed.

    Refuse one that begins with another; one that would bring back words that were amended since it
    was proposed; and one whose words a wording adopted for later would take back.
    """
    owner = next((name for name in TEXTS if hasattr(version, name)), None)
    if owner is None:
        return
    day = amendment.effective_on
    series = type(version).objects.filter(**{owner: getattr(version, f"{owner}_id")})
    others = in_force(series, dt.date.max).exclude(pk=version.pk).select_related("amendment")
    if others.filter(valid_from=day).exists():
        text = _("Another wording of it takes effect on that day already.")
        raise ValidationError({"effective_on": text})
    before = [each for each in others if each.amendment is None or each.valid_from < day]
    after = [each for each in others if each not in before]
    if _takes_back(version, _written_from(version, others), before[0], TEXTS[owner]):
        text = _(
            "Another amendment was adopted since this one was proposed, which it would undo. "
            "Withdraw it, and propose it again from the words in force by then."
        )
        raise ValidationError({"effective_on": text})
    if after and _takes_back(after[-1], _written_from(after[-1], others), version, TEXTS[owner]):
        text = _("A wording that takes effect later is adopted already, and would undo this one.")
        raise ValidationError({"effective_on": text})


def _written_from(version: Any, others: Iterable[Any]) -> Any:
    """The wording that a proposal started from: the one adopted by then for its day."""
    proposed_at = version.amendment.proposed_at
    return next(
        each
        for each in others
        if each.pk != version.pk
        and (
            each.amendment is None
            or (each.amendment.recorded_at <= proposed_at and each.valid_from <= version.valid_from)
        )
    )


def _takes_back(version: Any, base: Any, former: Any, names: Iterable[str]) -> bool:
    """Whether ``former`` changed a text of ``base`` that ``version``, in its place, did not."""
    return any(
        field_text(version, name) == field_text(base, name) != field_text(former, name)
        for name in names
    )


# --- Wordings ---------------------------------------------------------------------------------


@transaction.atomic
def propose_condition_amendment(
    *,
    actor: User,
    condition: Condition,
    title: str,
    text: str,
    reason: str,
    effective_on: dt.date,
) -> Amendment:
    """Propose another wording of a condition, in French. Raises as ``propose``."""
    versions = ConditionVersion.objects.filter(condition=condition)
    before = in_force(versions, effective_on).first() or versions.order_by("number").first()
    refuse_same_words(before, {"title": title, "text": text})
    amendment = propose(
        actor=actor,
        plan=condition.plan,
        authority=Authority.MINISTERS,
        reason=reason,
        effective_on=effective_on,
    )
    version = ConditionVersion(
        condition=condition,
        number=next_number(versions),
        valid_from=effective_on,
        amendment=amendment,
    )
    reword(version, before, {"title": title, "text": text})
    version.save()
    record(
        actor=actor,
        verb="amendment.proposed",
        subject=amendment,
        details={"condition": condition.code},
    )
    return amendment


def next_number(versions: models.QuerySet[Any]) -> int:
    last = versions.aggregate(last=models.Max("number"))["last"]
    return (last or 0) + 1


def refuse_same_words(before: Any, words: dict[str, str], *, more: bool = False) -> None:
    """Raise ValidationError for an empty text, and where nothing is another."""
    for name, text in words.items():
        if not text.strip():
            raise ValidationError({name: _("This text cannot be empty.")})
    if not more and all(text.strip() == french(before, name) for name, text in words.items()):
        raise ValidationError(_("Nothing is changed: the words are those in force."))


def reword(version: Any, before: Any, words: dict[str, str]) -> None:
    """Give a version its words in French, the text that counts, and the translations of the former.

    A translation of words that changed would say something else than they do: it is left out until
    it is made anew.
    """
    for name, text in words.items():
        unchanged = text.strip() == french(before, name)
        for code in LANGUAGES:
            kept = getattr(before, f"{name}_{code}") if unchanged else None
            setattr(version, f"{name}_{code}", kept)
        setattr(version, f"{name}_fr", text.strip())


def french(row: Any, name: str) -> str:
    """A text in French, whatever the reader's language."""
    return getattr(row, f"{name}_fr") or getattr(row, name) or ""


# --- In force ---------------------------------------------------------------------------------


def bring_all_into_force() -> int:
    """Let pages show what is in force today; how many wordings changed."""
    return sum(each.bring_into_force() for each in amendables if each.bring_into_force)


@transaction.atomic
def bring_into_force(*, on: dt.date | None = None) -> int:
    """Copy to each condition the wording in force ``on`` a day (today); how many changed."""
    return copy_words(Condition, ConditionVersion, "condition", ("title", "text"), on)


def copy_words(
    model: type[models.Model],
    version_model: type[models.Model],
    owner: str,
    fields: Sequence[str],
    on: dt.date | None = None,
) -> int:
    """Copy ``fields``, in every language, from the versions in force; how many rows changed.

    Three queries. Pages read the copy; the versions are the record.
    """
    day = on or timezone.localdate()
    names = [f"{field}_{language}" for field in fields for language in LANGUAGES]
    words: dict[int, dict[str, str | None]] = {}
    standing: models.QuerySet[Any] = in_force(models.QuerySet(version_model), day)
    for row in standing.values(f"{owner}_id", *names):
        words.setdefault(row.pop(f"{owner}_id"), row)
    changed = []
    entities: models.QuerySet[Any] = models.QuerySet(model)
    for entity in entities:
        said = words.get(entity.pk)
        if said and any(getattr(entity, name) != text for name, text in said.items()):
            for name, text in said.items():
                setattr(entity, name, text)
            changed.append(entity)
    # A translated field has a column of its own, which keeps step with the French one.
    with override("fr"):
        entities.bulk_update(changed, [*fields, *names])
    return len(changed)
