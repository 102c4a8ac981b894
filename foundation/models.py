"""What every app stands on: the audit trail, the outbox, idempotency keys and kept input."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One change, written in the transaction that made it. Rows are never changed or deleted."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"])]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


#: What changed, where it cannot or need not be told apart.
EVERYTHING = "*"


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    def pending(self) -> OutboxQuerySet:
        """Entries with work to do, those set aside left out."""
        return self.filter(generation__gt=F("done_generation"), set_aside_at__isnull=True)

    def set_aside(self) -> OutboxQuerySet:
        return self.filter(set_aside_at__isnull=False)


class OutboxEntry(models.Model):
    """Work owed, one row per topic and key.

    Each change raises ``generation`` in the changing transaction; who has done the work up to a
    generation raises ``done_generation`` to it. Redis only carries the row's id. ``about`` are the
    ids of what changed since the work was last done, "*" for everything (``changed``).
    """

    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    generation = models.PositiveBigIntegerField(default=1)
    done_generation = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    sent_generation = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    set_aside_at = models.DateTimeField(null=True)
    about = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "key"], name="outbox_topic_key"),
            models.CheckConstraint(
                condition=Q(done_generation__lte=F("generation")), name="outbox_done_not_ahead"
            ),
        ]
        indexes = [models.Index(fields=["topic", "done_generation"])]
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")

    def __str__(self) -> str:
        return f"{self.topic} {self.key} {self.done_generation}/{self.generation}"

    @property
    def changed(self) -> frozenset[int] | None:
        """The ids that the work is about; None for everything, as where nothing is told."""
        ids = self.about.split(",")
        return None if {EVERYTHING, ""}.intersection(ids) else frozenset(map(int, ids))


class IdempotencyKey(models.Model):
    """A form's token, so that the same post twice is one change."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_user_key")]

    def __str__(self) -> str:
        return self.key


class KeptInput(models.Model):
    """What somebody posted after their session had expired, kept an hour for the same user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    data = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "path"], name="kept_input_user_path")
        ]

    def __str__(self) -> str:
        return self.path


class ReferenceRow(models.Model):
    """What a reference file said about a row when it was last loaded, as a digest.

    While the file says the same, a correction made in the database since then stands. ``file`` is
    the name of the file; empty where the row was loaded before names were kept.
    """

    table = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    file = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="reference_row_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"


class Notice(models.Model):
    """A mail to somebody, written once per user, kind and occasion (``key``), and sent once.

    It is written in the transaction of what it tells. A worker takes it up (``claimed_at``), hands
    it to the mail server and marks it (``sent_at``); claimed and not sent, nobody knows whether it
    arrived. ``units`` are the ids of those for which the user gets it: who holds the role in them
    no more by then gets nothing.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    units = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(claimed_at__isnull=False),
                name="notice_sent_was_claimed",
            ),
        ]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return self.subject


class UnwantedNotice(models.Model):
    """A kind of mail that somebody does not want."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="unwanted_notice_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
