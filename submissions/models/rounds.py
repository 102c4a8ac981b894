"""Rounds, whom they are about, and their dates."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.enums import Frequency
from indicators.labels import FREQUENCIES
from indicators.models import Period
from organisations.models import Area, Unit
from submissions.dates import Dates
from submissions.enums import RoundState


class Round(models.Model):
    """The collection of one period's figures, for all definitions of the period's frequency.

    Moments: opens (included), due and locks at 23:59:59 in Brussels. ``frozen_at`` is when the
    expected set was frozen, which opens the round; ``locked_at`` when what follows from the lock
    was set going. Whether figures are taken depends on the dates alone.
    """

    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="round")
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    locks_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["-period__last_day", "period__frequency"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("opens_at")) & Q(locks_at__gte=F("due_at")),
                name="round_dates_ordered",
                violation_error_message=_("A round opens, then is due, then locks."),
            ),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True) | Q(frozen_at__isnull=False),
                name="round_locked_was_opened",
            ),
        ]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")

    def __str__(self) -> str:
        return str(self.period)

    def state(self, now: dt.datetime | None = None) -> RoundState:
        """The round's state at ``now``; a round without its expected set is still planned."""
        now = now or timezone.now()
        if self.frozen_at is None or now < self.opens_at:
            return RoundState.PLANNED
        if now > self.locks_at:
            return RoundState.LOCKED
        return RoundState.LATE if now > self.due_at else RoundState.OPEN

    def accepts_figures(self, now: dt.datetime | None = None) -> bool:
        return self.state(now) in (RoundState.OPEN, RoundState.LATE)


#: Days from opening to due, and from due to lock: the longer the period, the more there is to do.
_USUAL = {
    Frequency.MONTH: (15, 5),
    Frequency.QUARTER: (25, 10),
    Frequency.HALF_YEAR: (30, 15),
    Frequency.YEAR: (45, 15),
}


class RoundTiming(models.Model):
    """When the rounds of a frequency open, are due and lock, in days.

    ``opens_after`` counts from the last day of the period (1: the next day), ``due_after`` from the
    opening, ``grace`` from due to lock.
    """

    frequency = models.CharField(max_length=10, choices=FREQUENCIES, unique=True)
    opens_after = models.PositiveSmallIntegerField(default=1)
    due_after = models.PositiveSmallIntegerField(default=25)
    grace = models.PositiveSmallIntegerField(default=10)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_after__gte=1, due_after__gte=1),
                name="round_timing_after_period",
                violation_error_message=_("A round opens after its period and is due later."),
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=[each.value for each in Frequency]),
                name="round_timing_frequency",
            ),
        ]
        verbose_name = _("dates of rounds")
        verbose_name_plural = _("dates of rounds")

    def __str__(self) -> str:
        return self.frequency

    @classmethod
    def of(cls, frequency: str) -> RoundTiming:
        """The dates kept for a frequency; until somebody has kept any, the usual ones, unsaved."""
        due_after, grace = _USUAL[Frequency(frequency)]
        usual = cls(frequency=frequency, due_after=due_after, grace=grace)
        return cls.objects.filter(frequency=frequency).first() or usual

    def dates(self, last_day: dt.date) -> Dates:
        """The dates of the round about a period that ends on ``last_day``."""
        opens = last_day + dt.timedelta(days=self.opens_after)
        due = opens + dt.timedelta(days=self.due_after)
        return Dates(opens, due, due + dt.timedelta(days=self.grace))


class RoundSubject(models.Model):
    """A subject of a round with the areas and population it had when the round was frozen.

    ``population_class`` is the number of its class (METHOD.md 10), which the plan fixes once.

    One withdrawn gave way to its successor: what was said about it stays, and counts nowhere.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="subjects")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    arrondissement = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    population = models.PositiveIntegerField(null=True)
    population_on = models.DateField(null=True)
    population_class = models.PositiveSmallIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="round_subject_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.unit_id}"
