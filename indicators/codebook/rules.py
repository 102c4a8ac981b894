"""Who asks and answers about definitions, and how a question is told apart from its rewording."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db.models import Q, QuerySet
from django.utils import timezone

from foundation.models import AuditEntry
from indicators.models import Question
from indicators.permissions import ANSWER, ASK
from organisations.models import Unit, User

LONGEST_QUESTION = 2_000
LONGEST_ANSWER = 4_000
MOST_A_DAY = 10
ASKED = "question.asked"


def may_ask(user: User) -> bool:
    return bool(user.access.may(ASK.name))


def may_answer(user: User) -> bool:
    return bool(user.access.may(ANSWER.name))


def may_change(user: User, question: Question) -> bool:
    """The asker's own, as long as nobody answered."""
    return bool(may_ask(user) and question.asked_by_id == user.pk and not question.answer)


def visible_to(user: User) -> QuerySet[Question]:
    """Answered ones to every reader; open ones to who asked and to who answers."""
    if may_answer(user):
        return Question.objects.all()
    return Question.objects.filter(Q(asked_by=user) | ~Q(answer=""))


def own_units(user: User) -> QuerySet[Unit]:
    """The units for which somebody asks."""
    return Unit.objects.filter(pk__in=user.access.units(ASK.name)).order_by("slug")


def asked_lately(user: User, now: dt.datetime | None = None) -> int:
    """How many questions somebody put within a day, those withdrawn included."""
    since = (now or timezone.now()) - dt.timedelta(days=1)
    return AuditEntry.objects.filter(actor=user, verb=ASKED, at__gte=since).count()


def fingerprint(question: Question) -> str:
    """Changes with the question's words and its answer's."""
    said = f"{question.text}\x1f{question.answer}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]
