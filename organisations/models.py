"""Units and their dates, mergers, populations and areas; users and what they may do where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.telephones import is_telephone

from .access import VIEW_PEOPLE, Access
from .enums import AreaKind, CodeStatus, DatePrecision, Language, Reorganised, Role, UnitKind


def in_language(names: dict[str, str], *fallbacks: str) -> str:
    """The name in the language of the page, else the first of ``fallbacks`` that is not empty."""
    return names.get((get_language() or "fr")[:2], "") or next(filter(None, fallbacks), "")


class Area(models.Model):
    """Nation, region, province, arrondissement (of a DCA) or population class."""

    kind = models.CharField(max_length=20, choices=AreaKind.choices)
    code = models.SlugField(max_length=40, unique=True)
    name_fr = models.CharField(max_length=100)
    name_nl = models.CharField(max_length=100)
    name_de = models.CharField(max_length=100, blank=True)
    name_en = models.CharField(max_length=100, blank=True)
    number = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "number", "code"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        names = {"nl": self.name_nl, "de": self.name_de, "en": self.name_en}
        return in_language(names, self.name_fr)


class UnitQuerySet(models.QuerySet["Unit"]):
    def valid_on(self, day: dt.date) -> UnitQuerySet:
        """Units in existence on ``day``; validity is half-open, from included to excluded."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        )

    def zones(self) -> UnitQuerySet:
        return self.filter(kind=UnitKind.ZONE)

    def succeeded_by(self, units: Collection[int]) -> UnitQuerySet:
        """Units that gave way to one of ``units``, or to a predecessor of one of them.

        Meant as a subquery: a split unit has several successors and would stand twice in a join.
        """
        direct, through = "successions__successor", "successions__successor__successions__successor"
        return self.filter(Q(**{f"{direct}__in": units}) | Q(**{f"{through}__in": units}))


class Unit(models.Model):
    """A zone, a federal directorate or a central source.

    One that ends on the day on which it begins never existed: its succession was taken back.
    """

    kind = models.CharField(max_length=10, choices=UnitKind.choices)
    slug = models.SlugField(max_length=60, unique=True)
    code = models.CharField(max_length=12, blank=True)
    code_status = models.CharField(
        max_length=20, choices=CodeStatus.choices, default=CodeStatus.NONE, blank=True
    )
    acronym_fr = models.CharField(max_length=30, blank=True)
    acronym_nl = models.CharField(max_length=30, blank=True)
    name_fr = models.CharField(max_length=160, blank=True)
    name_nl = models.CharField(max_length=160, blank=True)
    name_de = models.CharField(max_length=160, blank=True)
    name_en = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices)
    telephone = models.CharField(_("telephone"), max_length=30, blank=True)
    mailbox = models.EmailField(_("functional mailbox"), blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    controlled_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="controls"
    )
    region = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    province = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    arrondissement = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    has_point_of_entry = models.BooleanField(default=False)
    tile_row = models.PositiveSmallIntegerField(null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField(null=True, blank=True)
    source_fr = models.TextField(blank=True)
    source_nl = models.TextField(blank=True)
    note_fr = models.TextField(blank=True)
    note_nl = models.TextField(blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="unit_validity_ordered",
                violation_error_message=_("A unit does not end before it begins."),
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code="") & Q(valid_to__isnull=True),
                name="unit_code_once",
                violation_error_message=_("Another unit in existence has this code."),
            ),
            models.CheckConstraint(
                condition=~Q(controlled_by=F("id")), name="unit_not_its_own_control"
            ),
        ]
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Raises ValidationError for a telephone number that is none."""
        self.telephone = " ".join(self.telephone.split())
        if self.telephone and not is_telephone(self.telephone):
            text = _("Type a number such as 02 000 00 00, with digits and + ( ) / . only.")
            raise ValidationError({"telephone": text})

    @property
    def languages(self) -> list[str]:
        """Its official languages, in which it is spoken to: one, or French and Dutch."""
        return self.language.split("/")

    @property
    def never_existed(self) -> bool:
        """Whether its succession was taken back, or is only being prepared."""
        return self.valid_to is not None and self.valid_to == self.valid_from

    @property
    def name(self) -> str:
        """The name in the language of the page; where it has none, the unit's own name."""
        names = {
            "fr": self.name_fr,
            "nl": self.name_nl,
            "de": self.name_de,
            "en": self.name_en,
        }
        own = names.get(self.language[:2], "")
        return in_language(names, own, self.name_fr, self.name_nl)

    @property
    def acronym(self) -> str:
        dutch = (get_language() or "fr").startswith("nl")
        return (self.acronym_nl if dutch else self.acronym_fr) or self.acronym_fr

    @property
    def label(self) -> str:
        """What lists show: "ZP Namur", "CGI – Direction …"."""
        if self.kind == UnitKind.ZONE:
            prefix = "PZ" if (get_language() or "fr")[:2] == "nl" else "ZP"
            return f"{prefix} {self.name}"
        acronym = self.acronym
        return self.name if not acronym or acronym == self.name else f"{acronym} – {self.name}"

    @property
    def source(self) -> str:
        return in_language({"nl": self.source_nl}, self.source_fr)

    @property
    def note(self) -> str:
        return in_language({"nl": self.note_nl}, self.note_fr)


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def policed_on(self, day: dt.date) -> models.QuerySet[Any]:
        """Each with ``zone``, the id of the unit that polices it on ``day``."""
        moved = Transfer.objects.filter(
            municipality=OuterRef("pk"), reorganisation__effective_on__lte=day
        ).order_by("-reorganisation__effective_on", "-pk")
        polices = Coalesce(
            Subquery(moved.values("unit")[:1]), F("unit"), output_field=models.BigIntegerField()
        )
        return self.annotate(zone=polices)


class Municipality(models.Model):
    """A municipality of the 2025 map and the zone that polices it, until a ``Transfer``."""

    nis = models.CharField(max_length=5, unique=True)
    name_fr = models.CharField(max_length=100)
    name_nl = models.CharField(max_length=100)
    name_de = models.CharField(max_length=100, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="municipalities")

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        ordering = ["nis"]
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(
            {"fr": self.name_fr, "nl": self.name_nl, "de": self.name_de}, self.name_fr
        )


class Population(models.Model):
    """Inhabitants of a zone on 1 January of a year, with their source."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="populations")
    on = models.DateField()
    inhabitants = models.PositiveIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["unit", "-on"]
        constraints = [models.UniqueConstraint(fields=["unit", "on"], name="population_unit_on")]
        verbose_name = _("population")
        verbose_name_plural = _("populations")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.on}: {self.inhabitants}"


class ReorganisationQuerySet(models.QuerySet["Reorganisation"]):
    def standing(self) -> ReorganisationQuerySet:
        """Those that were not taken back."""
        return self.filter(undone_at__isnull=True)


class Reorganisation(models.Model):
    """A merger or split done here, with the act that decides it; one taken back stays readable."""

    kind = models.CharField(max_length=10, choices=Reorganised.choices)
    effective_on = models.DateField()
    predecessors = models.ManyToManyField(Unit, related_name="+")
    successors = models.ManyToManyField(Unit, related_name="+")
    reason = models.TextField()
    decided_by = models.ForeignKey(
        "User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        "User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.TextField(blank=True)

    objects = ReorganisationQuerySet.as_manager()

    class Meta:
        ordering = ["-effective_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undone_reason="")),
                name="reorganisation_undone_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reorganisation_has_a_reason"),
        ]
        verbose_name = _("reorganisation of zones")
        verbose_name_plural = _("reorganisations of zones")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"


class Transfer(models.Model):
    """A municipality that changes zone on the day of a reorganisation."""

    reorganisation = models.ForeignKey(
        Reorganisation, on_delete=models.CASCADE, related_name="transfers"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="transfers"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["municipality"]
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "municipality"], name="transfer_once")
        ]
        verbose_name = _("transfer of a municipality")
        verbose_name_plural = _("transfers of municipalities")

    def __str__(self) -> str:
        return f"{self.municipality_id} → {self.unit_id}"


class UnitSuccession(models.Model):
    """A recorded merger or split: a predecessor gives way to a successor on a date.

    ``predecessor`` is empty where only the predecessor's name is known.
    """

    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessions")
    predecessor = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="successions"
    )
    predecessor_label = models.CharField(max_length=160)
    effective_on = models.DateField(null=True, blank=True)
    precision = models.CharField(
        max_length=10, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    zones_after = models.PositiveSmallIntegerField(null=True, blank=True)
    source_fr = models.TextField(blank=True)
    source_nl = models.TextField(blank=True)
    reorganisation = models.ForeignKey(
        Reorganisation,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="successions",
    )

    class Meta:
        ordering = ["effective_on", "successor", "predecessor_label"]
        constraints = [
            models.UniqueConstraint(
                fields=["successor", "predecessor_label"], name="succession_once"
            ),
            models.CheckConstraint(
                condition=Q(effective_on__isnull=False) | Q(precision=DatePrecision.UNKNOWN),
                name="succession_dated_or_unknown",
            ),
            models.CheckConstraint(
                condition=~Q(successor=F("predecessor")), name="succession_of_another"
            ),
        ]
        verbose_name = _("succession of units")
        verbose_name_plural = _("successions of units")

    def __str__(self) -> str:
        return f"{self.predecessor_label} → {self.successor}"

    @property
    def source(self) -> str:
        return in_language({"nl": self.source_nl}, self.source_fr)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in by e-mail address. What they may do comes from memberships alone."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=Language.interface(), blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("This address already has an account."),
            )
        ]
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @cached_property
    def held(self) -> list[Membership]:
        """The memberships in force today, the earliest first, with the language of their unit.

        One query, kept for the request; none where they are prefetched with their unit. A closed
        account holds none.
        """
        if not (self.is_active and self.pk):
            return []
        today = timezone.localdate()
        if "memberships" not in getattr(self, "_prefetched_objects_cache", {}):
            return list(self.memberships.in_force(today).as_held())
        found = [each for each in self.memberships.all() if each.holds_on(today)]
        return sorted(found, key=lambda each: (each.start, each.pk))

    @cached_property
    def access(self) -> Access:
        """What this user may do today, and in which units."""
        return Access.of(self.held)

    @property
    def own_languages(self) -> list[str]:
        """The account's language, else those of the unit of the earliest membership; else none.

        They are two where a bilingual unit leaves the choice to the browser.
        """
        if self.language:
            return [self.language]
        units = (each.unit for each in self.held if each.unit)
        return next((unit.languages for unit in units), [])

    @property
    def reading_language(self) -> str:
        """The language to write to this user in: the first of their own, else French."""
        return next(iter(self.own_languages), "fr")

    @property
    def is_staff(self) -> bool:
        """Who may open Django's administration: people and units, or the plan's texts."""
        return self.access.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's administration asks this, by app and model."""
        return self.has_module_perms(perm.partition(".")[0])

    def has_module_perms(self, app_label: str) -> bool:
        return self.access.may_administer(app_label)


def _of_own_units(user: User) -> Q:
    units = user.access.units(VIEW_PEOPLE)
    return Q(unit__in=units, role__in=[Role.REPORTER, Role.APPROVER])


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, day: dt.date | None = None) -> MembershipQuerySet:
        """Memberships that hold on ``day`` (today): start included, end excluded."""
        day = day or timezone.localdate()
        return self.filter(Q(start__lte=day), Q(end__isnull=True) | Q(end__gt=day))

    def as_held(self) -> MembershipQuerySet:
        """With the whole account and the language of the unit, the earliest first."""
        account = (f"user__{field.name}" for field in User._meta.concrete_fields)
        read = ("role", "start", "end", "unit__language", *account)
        return self.select_related("user", "unit").only(*read).order_by("start", "pk")

    def not_ended(self, day: dt.date | None = None) -> MembershipQuerySet:
        """Memberships in force on ``day`` (today) or later."""
        day = day or timezone.localdate()
        return self.filter(Q(end__isnull=True) | (Q(end__gt=day) & Q(end__gt=F("start"))))

    def overlapping(self, start: dt.date, end: dt.date | None) -> MembershipQuerySet:
        """Memberships in force on some day from ``start`` to before ``end`` (None: for good)."""
        later = self.not_ended(start)
        return later.filter(start__lt=end) if end else later

    def visible_to(self, user: User) -> MembershipQuerySet:
        """All of them to an administrator; to an approver those who report in the same unit."""
        return self if user.access.everywhere(VIEW_PEOPLE) else self.filter(_of_own_units(user))


class Membership(models.Model):
    """A role that a user holds, in a unit where the role belongs to one, from start to end.

    ``continues`` is the role in a predecessor of the unit that goes on in this one.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    start = models.DateField(default=timezone.localdate)
    end = models.DateField(null=True, blank=True)
    stand_in = models.BooleanField(default=False)
    granted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    continues = models.OneToOneField(
        "self",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="continued_by",
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["user", "role", "unit", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
                name="membership_dates_ordered",
                violation_error_message=_("A membership ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.of_units(), unit__isnull=False)
                | Q(role__in=Role.without_unit(), unit__isnull=True),
                name="membership_unit_fits_role",
                violation_error_message=_("This role needs a unit, or holds without one."),
            ),
            models.CheckConstraint(
                condition=Q(stand_in=False) | Q(role=Role.APPROVER, end__isnull=False),
                name="membership_stand_in_dated",
                violation_error_message=_("A stand-in is an approver with an end date."),
            ),
        ]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id or ''}"

    def holds_on(self, day: dt.date) -> bool:
        """Whether it is in force on ``day``: start included, end excluded."""
        return self.start <= day and (self.end is None or self.end > day)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: dt.datetime | None = None) -> InvitationQuerySet:
        """Invitations that may still be accepted at ``now``."""
        return self.filter(
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=now or timezone.now(),
        )

    def visible_to(self, user: User) -> InvitationQuerySet:
        """All of them to an administrator; to an approver those to report in the same unit."""
        return self if user.access.everywhere(VIEW_PEOPLE) else self.filter(_of_own_units(user))


class Invitation(models.Model):
    """An invitation to hold a role; its link carries a secret of which only the hash is kept.

    ``instead_of`` is the unit for which it was sent, where that unit has merged into this one.
    """

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    start = models.DateField(default=timezone.localdate)
    end = models.DateField(null=True, blank=True)
    stand_in = models.BooleanField(default=False)
    instead_of = models.ForeignKey(
        Unit, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.of_units(), unit__isnull=False)
                | Q(role__in=Role.without_unit(), unit__isnull=True),
                name="invitation_unit_fits_role",
                violation_error_message=_("This role needs a unit, or holds without one."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_one_end",
            ),
        ]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.email} {self.role}"
