"""Questions about definitions and their answers: atomic, on the record."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from indicators.models import Indicator, Question
from organisations.models import Unit, User

from . import rules


class ChangedMeanwhile(Exception):
    """Question or answer changed since it was read; ``question`` is as it stands now."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.pk)
        self.question = question


@transaction.atomic
def ask(*, actor: User, indicator: Indicator, unit: Unit, text: str) -> Question:
    """Put a question for a unit; the same one again is the one already there.

    Raises PermissionDenied, or ValidationError by field.
    """
    if not rules.may_ask(actor):
        raise PermissionDenied
    if not rules.own_units(actor).filter(pk=unit.pk).exists():
        raise ValidationError({"unit": _("Choose a unit for which you report.")})
    words = _worded("text", text, rules.LONGEST_QUESTION)
    already = Question.objects.filter(
        indicator=indicator, asked_by=actor, asked_for=unit, text=words, answer=""
    ).first()
    if already:
        return already
    if rules.asked_lately(actor) >= rules.MOST_A_DAY:
        message = _("You asked %(most)s questions within a day. Put the next one tomorrow.")
        raise ValidationError({"text": message % {"most": rules.MOST_A_DAY}})
    question = Question.objects.create(
        indicator=indicator, text=words, asked_by=actor, asked_for=unit
    )
    details = {"indicator": indicator.code, "unit": unit.slug, "text": words}
    record(actor=actor, verb=rules.ASKED, subject=question, details=details)
    return question


@transaction.atomic
def reword(*, actor: User, question: Question, text: str) -> Question:
    """Put one's open question in other words. Raises PermissionDenied or ValidationError."""
    held = _own_open(actor, question)
    before, held.text = held.text, _worded("text", text, rules.LONGEST_QUESTION)
    if held.text == before:
        return held
    held.save(update_fields=["text"])
    details = {"changes": {"text": [before, held.text]}}
    record(actor=actor, verb="question.reworded", subject=held, details=details)
    return held


@transaction.atomic
def withdraw(*, actor: User, question: Question) -> None:
    """Take one's open question back. Raises PermissionDenied or ValidationError."""
    held = _own_open(actor, question)
    details = {"indicator_id": held.indicator_id, "text": held.text}
    record(actor=actor, verb="question.withdrawn", subject=held, details=details)
    held.delete()


@transaction.atomic
def answer(*, actor: User, question: Question, text: str, seen: str) -> Question:
    """Answer a question, or put the answer in other words; ``seen`` is the fingerprint read.

    Raises PermissionDenied, ChangedMeanwhile, or ValidationError by field.
    """
    if not rules.may_answer(actor):
        raise PermissionDenied
    held = Question.objects.select_for_update().get(pk=question.pk)
    words = _worded("answer", text, rules.LONGEST_ANSWER)
    if held.answer == words:
        return held
    if rules.fingerprint(held) != seen:
        raise ChangedMeanwhile(held)
    before = held.answer
    held.answer, held.answered_by, held.answered_at = words, actor, timezone.now()
    held.save(update_fields=["answer", "answered_by", "answered_at"])
    verb = "question.answer_changed" if before else "question.answered"
    details = {"changes": {"answer": [before, words]}}
    record(actor=actor, verb=verb, subject=held, details=details)
    return held


def _own_open(actor: User, question: Question) -> Question:
    held = Question.objects.select_for_update().get(pk=question.pk)
    if held.asked_by_id != actor.pk or not rules.may_ask(actor):
        raise PermissionDenied
    if held.answer:
        raise ValidationError({"text": _("This question has been answered in the meantime.")})
    return held


def _worded(field: str, text: str, longest: int) -> str:
    words = text.strip()
    if not words:
        raise ValidationError({field: _("Write something first.")})
    if len(words) > longest:
        message = _("At most %(longest)s characters; there are %(length)s.")
        raise ValidationError({field: message % {"longest": longest, "length": len(words)}})
    return words
