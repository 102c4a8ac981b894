"""Deterministic, fictitious answers of the demonstration: the same on every machine.

No random source: a value depends on the indicator, the unit and the period by a hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from indicators.enums import CellStatus, Kind
from organisations.demo import told
from submissions.demo import Answer

NOT_COUNTED = _("Recording system out of order (fictitious example)")
TEXT = _(
    "Fictitious text of the demonstration: two meetings held, one barrier described and passed on"
    " to the services concerned."
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How an indicator's figures look. Shares and changes are per thousand, sizes per 10,000
    inhabitants (or per unit that has none) and period; ``complete``: no unit is ever without."""

    size: int
    share: int = 500
    yearly: int = 0
    spread: int = 80
    whole_unit: bool = False
    complete: bool = False


SHAPES: dict[str, Shape] = {
    "1-f6-plan-enquete": Shape(240, 610, 40, whole_unit=True),
    "1-7-f1-avoirs-saisis": Shape(38_000_000, whole_unit=True),
    "1-7-f1-calcul-avantage": Shape(60, 420, 50, whole_unit=True),
    "4-f3-controles-analyse": Shape(900, 550, 30, whole_unit=True),
    "1-f4-messages": Shape(52_000, whole_unit=True),
    "1-f4-echanges": Shape(71_000, whole_unit=True),
    "1-f4-signalements": Shape(2_200, whole_unit=True),
    "1-f4-hits-belges": Shape(2_400, whole_unit=True),
    "1-f4-hits-etrangers": Shape(1_500, whole_unit=True),
    "1-f4-traductions-urgentes": Shape(3_900, 330, whole_unit=True),
    "1-f4-screening": Shape(3_400, 2, spread=1, whole_unit=True),
    "1-1-f4-officiers-liaison": Shape(4, whole_unit=True),
    "1-l3-protocole-ciear": Shape(3, 400, 120, 200, whole_unit=True),
    "1-1-l1-lieux-plan": Shape(1, 500, 60, 200),
    "1-1-l1-plaintes": Shape(11),
    "1-2-l1-recrutement": Shape(1, 480, 60, 420),
    "1-5-l1-controles-conjoints": Shape(24, 985, 0, 30, whole_unit=True),
    "1-5-l1-signalements": Shape(30, 640, 40, whole_unit=True),
    "2-l1-delai-premier-devoir": Shape(9, 12_400, -300, 3_000),
    "2-l1-qualite-plaintes": Shape(30, 620, 30, whole_unit=True),
    "3-l1-personne-reference": Shape(1, 640, 90, 300),
    "5-l1-heures-ciblees": Shape(180, 560, 35),
    "5-l1-tests-positifs": Shape(300, 28, -1, 8),
    "6-1-l1-controles-domicile": Shape(60, 790, 30),
    "7-vif1-recontact-7-jours": Shape(14, 715, 25),
    "7-vif1-personnel-forme": Shape(22, 450, 60),
    "1-4-l1-tracage": Shape(3, 540, 20, complete=True),
    "5-l2-accidents-lesions": Shape(9, complete=True),
    "7-vif1-violence-couple": Shape(5, complete=True),
    # What lies in another figure of the form stays under it, whatever the noise of both.
    "1-l2-delai-rapports": Shape(14),
    "7-vif2-risque-evalue": Shape(14),
    "3-c2-effectif": Shape(12_500, whole_unit=True),
    "c8-plaintes-violence": Shape(14),
    "1-3-l1-victimes-reperees": Shape(4),
    "1-3-l1-victimes-orientees": Shape(2),
    "1-7-l1-signaux": Shape(10),
    "1-7-l1-biens-decrits": Shape(7),
    "1-5-f2-debriefing-commun": Shape(14),
    "5-f1-heures-risque": Shape(14),
    # What there is little of stays inside the definition's bounds.
    "1-1-f1-image-a-jour": Shape(5, 610, whole_unit=True),
    "1-4-l1-signaux-armes": Shape(10),
    "1-6-f1-enquetes-closes": Shape(1),
    "2-f2-interventions": Shape(8),
    "3-f2-conformite": Shape(25, 820, whole_unit=True),
    "3-p1-renforts": Shape(12),
    "4-f1-ppf-smart-borders": Shape(5),
    "6-1-f1-organisations": Shape(3),
    "6-1-f2-motem-complets": Shape(4),
    "6-2-f1-enquetes-remises": Shape(2),
    "6-2-f2-agents-detaches": Shape(10),
    "6-2-l1-indices": Shape(10),
    "7-vs3-transmission": Shape(10),
    "7-vs4-faits-en-ligne": Shape(5),
}
DEFAULT = Shape(20)


def spin(*parts: object) -> int:
    """A number from 0 to 999 that depends on ``parts`` alone."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big") % 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose answer it is, and of which period: ``years`` in quarters since the first one."""

    unit: str
    language: str
    population: int | None
    period: str
    period_end: dt.date
    quarters: int


def answer(
    code: str, kind: str, subject: Subject, steps: list[tuple[int, dt.date]], option: str = ""
) -> Answer:
    """A reported answer of the kind, or "not available" now and then."""
    shape = SHAPES.get(code, DEFAULT)
    counted = shape.complete or kind in (Kind.MILESTONES, Kind.NARRATIVE)
    if not counted and spin(code, subject.unit, subject.period, "absent") < 12:
        return Answer(CellStatus.NOT_AVAILABLE, reason=told(NOT_COUNTED, subject.language))
    if kind == Kind.NARRATIVE:
        return Answer(text=told(TEXT, subject.language))
    if kind == Kind.MILESTONES:
        done = {str(n): due.isoformat() for n, due in steps if due <= subject.period_end}
        return Answer(numerator=len(done), denominator=len(steps), steps_done=done)
    if kind == Kind.YES_NO:
        return Answer(numerator=int(_share(code, shape, subject) >= spin(code, subject.unit)))
    if kind == Kind.SCALE:
        return Answer(numerator=min(4, _share(code, shape, subject) * 5 // 1000))
    size = _size(code, shape, subject, option)
    if kind == Kind.RATIO:
        return Answer(numerator=size * _share(code, shape, subject) // 1000, denominator=size)
    if kind == Kind.MEAN:
        return Answer(numerator=size * _drift(code, shape, subject) // 1000, denominator=size)
    return Answer(numerator=size)


def _size(code: str, shape: Shape, subject: Subject, option: str) -> int:
    """A size around the shape's, 15 % up or down, and a third of it for an option."""
    people = 10_000 if shape.whole_unit else subject.population or 60_000
    noise = 850 + spin(code, subject.unit, subject.period, option) * 300 // 1000
    return shape.size * people * noise // 10_000 // 1000


def _drift(code: str, shape: Shape, subject: Subject) -> int:
    own = (spin(code, subject.unit, "own") - 500) * shape.spread // 500
    noise = (spin(code, subject.unit, subject.period, "noise") - 500) * shape.spread // 2000
    return shape.share + shape.yearly * subject.quarters // 4 + own + noise


def _share(code: str, shape: Shape, subject: Subject) -> int:
    return min(1000, max(0, _drift(code, shape, subject)))
