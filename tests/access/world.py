"""The people and things that the table of access speaks of.

There are two zones with their neighbours and coordinators. Everybody in the table looks at things
of the *own* zone; the people of the *other* zone must not learn of them, nor the other way round.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from foundation.models import Notice, OutboxEntry
from indicators.codebook.rules import fingerprint
from indicators.codebook.services import ask
from indicators.enums import CellStatus
from indicators.models import Indicator, Period, Question
from indicators.periods import last_day
from organisations.editing import Texts
from organisations.enums import AreaKind, DatePrecision, Role
from organisations.models import (
    Invitation,
    Membership,
    Municipality,
    Reorganisation,
    Unit,
    UnitSuccession,
    User,
)
from organisations.selectors import hashed
from organisations.succession import Succession, succeed
from plans.models import Amendment, Framework
from plans.services import propose_condition_amendment
from progress.closing import close_period
from progress.demo_closing import settle
from progress.services import recompute_all
from submissions.content import Content
from submissions.enums import Entrance
from submissions.models import (
    CalendarFeed,
    Cell,
    Correction,
    Evidence,
    Expectation,
    Extension,
    ExtensionRequest,
    Remark,
    Round,
    RoundTiming,
    Submission,
    Upload,
)
from submissions.selectors import calendar_token
from submissions.services import (
    Entry,
    Planned,
    add_evidence,
    attest_correction,
    conclude_upload,
    make_remark,
    plan_rounds,
    propose_correction,
    receive_upload,
    send_back,
)
from tests import factories as make
from themes.actions.services import Milestone, Wanted, begin_action
from themes.enums import ActionKind
from themes.models import Action, NcsiDimension

VALIDATED, SUBMITTED, OPEN = "2026-Q1", "2026-Q2", "2026-Q3"
PLANNED = "2030-Q4"
TOKEN, CLOSED_TOKEN = "secret-of-an-open-link", "secret-of-an-expired-link"

#: What stands in each zone's figures and nowhere else: a figure and a comment per period, and the
#: reason for which the open round's submission was returned.
FIGURES = {
    "own": {VALIDATED: 3_141_592, SUBMITTED: 2_718_281, OPEN: 1_618_033},
    "other": {VALIDATED: 8_675_309, SUBMITTED: 6_022_140, OPEN: 9_192_631},
}
COMMENTS = {
    zone: {code: f"comment-of-{zone}-{code}" for code in codes} for zone, codes in FIGURES.items()
}
RETURN_REASONS = {zone: f"reason-of-the-return-to-{zone}" for zone in FIGURES}
#: What each zone asks to replace its validated figure by, and why.
CORRECTED = {"own": 1_414_213, "other": 1_732_050}
CORRECTION_REASONS = {zone: f"reason-of-the-correction-of-{zone}" for zone in FIGURES}


@dataclass(frozen=True, slots=True)
class Side:
    """A zone with its people, and its submissions by period."""

    zone: Unit
    people: Mapping[str, User]
    submissions: dict[str, Submission]

    @property
    def reporter(self) -> Membership:
        return self.people[Role.REPORTER].memberships.get()


@dataclass(frozen=True, slots=True)
class World:
    """``people`` by their column in the table; ``args`` and ``posted`` by the row's first cell."""

    own: Side
    other: Side
    people: Mapping[str, User | None]
    args: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    posted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def build() -> World:
    make.make_area("belgium", AreaKind.NATION)
    make.make_checks()
    make.make_indicator("checks")
    make.make_indicator("hits", reporter=make.make_source())
    sides = {name: _side_of(name) for name in FIGURES}
    for code in (VALIDATED, SUBMITTED, OPEN):
        make.make_round(code)
    for side in sides.values():
        for code in side.submissions:
            side.submissions[code] = make.submission_of(side.zone, code)
        _report(side)
        _report_next_door(side)
    _report_from_the_source()
    recompute_all()
    own, other = sides["own"], sides["other"]
    people = _people(own, other)
    _close(people["secretariat"])
    return World(own, other, people, _args(own), _posted(own))


def _close(secretariat: User | None) -> None:
    """The first period, as if its round were locked: the Council reads it."""
    period = Period.objects.get(code=VALIDATED)
    round = Round.objects.get(period=period)
    locked = dict.fromkeys(("due_at", "locks_at"), timezone.now())
    Round.objects.filter(pk=round.pk).update(**locked, opens_at=timezone.now() - dt.timedelta(1))
    settle()
    close_period(actor=secretariat, period=period, undecided=2)
    round.save()


def _side_of(name: str) -> Side:
    dca = make.make_dca(f"dca-{name}")
    zone = make.make_zone(name, dca=dca)
    make.make_zone(f"{name}-neighbour", dca=dca)
    people = {
        Role.REPORTER: make.make_user(Role.REPORTER, zone),
        Role.APPROVER: make.make_user(Role.APPROVER, zone),
        Role.AUTHORITY: make.make_user(Role.AUTHORITY, zone),
        Role.COORDINATOR: make.make_user(Role.COORDINATOR, dca),
    }
    return Side(zone, people, dict.fromkeys(FIGURES[name], Submission()))


def _report(side: Side) -> None:
    """The first period validated, the second sent, the third returned and changed since."""
    name = side.zone.slug
    approver, coordinator = side.people[Role.APPROVER], side.people[Role.COORDINATOR]
    content = {
        code: make.figure(figure, comment=COMMENTS[name][code])
        for code, figure in FIGURES[name].items()
    }
    submissions = side.submissions
    make.validated(approver, coordinator, submissions[VALIDATED], content[VALIDATED])
    make.attested(approver, submissions[SUBMITTED], content[SUBMITTED])
    unsaid = Content(CellStatus.NOT_AVAILABLE, reason="not counted yet")
    sent = make.attested(approver, submissions[OPEN], unsaid)
    send_back(actor=coordinator, submission=sent, version=sent.version, reason=RETURN_REASONS[name])
    make.enter(side.people[Role.REPORTER], submissions[OPEN], content[OPEN])
    for submission in submissions.values():
        submission.refresh_from_db()
    _ask_correction(side)


def _ask_correction(side: Side) -> None:
    """Of the validated figure: the reporter asks, the approver attests, nobody has decided."""
    name, submission = side.zone.slug, side.submissions[VALIDATED]
    [cell] = make.cells_of(submission)
    [asked] = propose_correction(
        actor=side.people[Role.REPORTER],
        submission=submission,
        entries=[Entry(cell.pk, cell.version, make.figure(CORRECTED[name]))],
        reason=CORRECTION_REASONS[name],
        entrance=Entrance.FORM,
    )
    attest_correction(actor=side.people[Role.APPROVER], correction=asked, version=asked.version)


def _report_next_door(side: Side) -> None:
    """So that no total of an arrondissement is the figure of one zone."""
    neighbour = Unit.objects.get(slug=f"{side.zone.slug}-neighbour")
    approver = make.make_user(Role.APPROVER, neighbour)
    submission = make.submission_of(neighbour, VALIDATED)
    make.validated(approver, side.people[Role.COORDINATOR], submission, make.figure(1_000))


def _report_from_the_source() -> None:
    """A central source attests a figure about every zone."""
    source = Unit.objects.get(slug="central-source")
    keeper = make.make_user(Role.APPROVER, source)
    make.attested(keeper, make.submission_of(source, OPEN), make.figure(12))


def _evidence(own: Side) -> Evidence:
    """A file beside the own zone's open figure."""
    (cell,) = make.cells_of(own.submissions[OPEN])
    known = Evidence.objects.first()
    user = own.reporter.user
    return known or add_evidence(actor=user, cell=cell, name="own.txt", content=b"Own")


def _about(own: Side) -> Expectation:
    return Expectation.objects.get(
        subject__unit=own.zone, version__indicator__code="hits", period__code=OPEN
    )


def _remark(own: Side) -> Remark:
    """The own zone's remark on the source's figure."""
    user = own.reporter.user
    known = Remark.objects.first()
    return known or make_remark(actor=user, expectation=_about(own), text="A remark of own")


class Again(SimpleUploadedFile):
    """A file that is sent anew at every visit."""

    def read(self, *args: int) -> bytes:
        content: bytes = super().read(*args)
        self.seek(0)
        return content


def _people(own: Side, other: Side) -> dict[str, User | None]:
    ended = make.make_user(Role.REPORTER, own.zone, name="ended")
    ended.memberships.update(end=timezone.localdate() - dt.timedelta(days=1))
    return {
        "anonymous": None,
        "inactive": make.make_user(Role.REPORTER, own.zone, name="inactive", is_active=False),
        **{str(role): user for role, user in own.people.items()},
        **{role: make.make_user(Role(role)) for role in Role.without_unit()},
        **{f"other {role}": user for role, user in other.people.items()},
        "without": User.objects.create_user("without@belgium.example", make.PASSWORD),
        "ended": ended,
    }


def _invitation(unit: Unit, token: str, *, days: int) -> Invitation:
    return Invitation.objects.create(
        email=f"invited-{days}@own.example",
        name="Invited",
        role=Role.REPORTER,
        unit=unit,
        token_hash=hashed(token),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )


def _administered(own: Side) -> dict[str, tuple[int]]:
    """The object that the administration's pages are about, by model."""
    municipality = Municipality.objects.create(
        nis="92094", name_fr="Own", name_nl="Own", unit=own.zone
    )
    succession = UnitSuccession.objects.create(
        predecessor_label="Former own", successor=own.zone, precision=DatePrecision.UNKNOWN
    )
    objects = (
        own.zone,
        municipality,
        own.zone.populations.get(),
        own.zone.arrondissement,
        succession,
        own.reporter.user,
        own.reporter,
    )
    return {
        f"admin:organisations_{each._meta.model_name}_{page}": (each.pk,)
        for each in objects
        for page in ("change", "delete", "history")
    }


def _texts() -> dict[str, tuple[int]]:
    """The row that a page of the plan's texts is about; no such row for 0."""
    kept = [model for model, held in admin.site._registry.items() if isinstance(held, Texts)]
    return {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}": (row.pk if row else 0,)
        for model in kept
        for row in [model._default_manager.first()]
        for page in ("change", "delete", "history")
    }


def _question(own: Side) -> Question:
    """An open question of the own zone's reporter."""
    known = Question.objects.first()
    indicator = Indicator.objects.get(code="checks")
    user = own.reporter.user
    return known or ask(actor=user, indicator=indicator, unit=own.zone, text="A question")


def _mail(own: Side) -> Notice:
    """A mail to the own zone's reporter."""
    user = own.reporter.user
    return Notice.objects.get_or_create(
        user=user, kind="opening", key="0", defaults={"language": "fr", "subject": "A mail"}
    )[0]


def _upload(own: Side) -> Upload:
    """A refused file of the own zone's open form, given back with its errors marked."""
    known = Upload.objects.first()
    if known is not None:
        return known
    upload = receive_upload(
        actor=own.reporter.user,
        submission=own.submissions[OPEN],
        version=None,
        name="figures.csv",
        content=b"key;first",
        language="fr",
    )
    fault = {"message": "Nothing to read", "row": 0}
    conclude_upload(upload=upload, changes={}, faults=[fault], marked=b"key;first")
    return upload


def _reorganisation() -> Reorganisation:
    """A merger that may still be taken back, of two zones that are nobody's."""
    known = Reorganisation.objects.first()
    if known is not None:
        return known
    day = timezone.localdate() + dt.timedelta(days=30)
    dca = make.make_dca("dca-merging")
    parts = make.make_zone("merging-east", dca=dca), make.make_zone("merging-west", dca=dca)
    whole = make.make_zone("merged", dca=dca, population=None, valid_from=day)
    secretariat = User.objects.get(memberships__role=Role.SECRETARIAT)
    return succeed(
        actor=secretariat, succession=Succession(parts, (whole,), day), reason="Royal decree"
    )


def _action(own: Side) -> Action:
    """A planned action of the own zone, with a milestone."""
    known = Action.objects.first()
    if known is not None:
        return known
    return begin_action(
        actor=own.reporter.user,
        wanted=Wanted(
            title="Action of own",
            description="",
            kind=ActionKind.INITIATIVE,
            owner=own.zone,
            partners=(),
            other_partners="",
            objectives=(make.make_objective("1-F1"),),
            starts_on=dt.date(2026, 1, 1),
            ends_on=None,
            milestones=(Milestone(None, "Step", dt.date(2026, 6, 30)),),
        ),
    )


def _correction(cell: Cell) -> Correction:
    return Correction.objects.get(cell=cell)


def _proposal() -> Amendment:
    known = Amendment.objects.first()
    if known is not None:
        return known
    return propose_condition_amendment(
        actor=User.objects.get(memberships__role=Role.STEERING),
        condition=make.make_condition("C1"),
        title="Other title",
        text="Other text",
        reason="A reason",
        effective_on=dt.date(2027, 1, 1),
    )


def _of_the_plan(own: Side) -> dict[str, tuple[Any, ...]]:
    """What the pages about the plan and how it is carried out are about."""
    Framework.objects.get_or_create(
        code="plan-drogues", defaults={"title": "Plan", "reach": "belgian", "kind": "plan"}
    )
    NcsiDimension.objects.get_or_create(code="personne", defaults={"number": 1, "name": "Personne"})
    proposal, action = _proposal(), _action(own)
    return {
        "condition-detail": ("C1",),
        "condition-amend": ("C1",),
        "framework-detail": ("plan-drogues",),
        "dimension-detail": ("personne",),
        "objective-amend": ("1-F1",),
        "objective-uptake": ("1-F1",),
        **{f"amendment-{page}": (proposal.pk,) for page in ("detail", "adopt", "withdraw")},
        **{f"action-{page}": (action.pk,) for page in ("detail", "change", "state", "delete")},
        "milestone-reached": (action.pk, action.milestones.get().pk),
        **{f"zonal-plan-{page}": (own.zone.slug,) for page in ("detail", "change")},
    }


def _decided_of_indicators() -> dict[str, dict[str, Any]]:
    """What the steering group decides of a definition and of a path."""
    decision = {
        "reason": "A reason",
        "reference": "GPI 1",
        "adopted_on": "2026-11-01",
        "effective_on": "2027-01-01",
    }
    definition = {
        **dict.fromkeys(("name", "definition", "unit", "numerator_label"), "Another"),
        "source_system": "Register",
        "direction": "increase",
        "temporal": "flow",
        "frequency": "quarter",
        "decimals": "0",
        "display_decimals": "0",
        "scale": "1",
        "minimum_coverage": "80",
    }
    return {
        "definition-amend": {**decision, **definition},
        "path-amend": {**decision, "target": "9"},
    }


def _said_of_the_plan(own: Side) -> dict[str, dict[str, Any]]:
    action = _action(own)
    act = {"reason": "A reason", "effective_on": "2027-01-01"}
    typed = {
        "version": "1",
        "title": "Action",
        "kind": "project",
        "owner": str(own.zone.pk),
        "objectives": [str(make.make_objective("1-F1").pk)],
        "starts_on": "2026-01-01",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    }
    return {
        "objective-amend": {**act, "title": "Other", "statement": "Other statement"},
        "condition-amend": {**act, "title": "A third", "text": "A third text"},
        "amendment-adopt": {
            "reference": "AR 1",
            "adopted_on": "2026-11-01",
            "effective_on": "2027-01-01",
        },
        "amendment-withdraw": {"reason": "Not needed"},
        "action-create": typed,
        "action-change": typed,
        "action-state": {"version": "1", "state": "running"},
        "action-delete": {"version": "1"},
        "milestone-reached": {"done_on": str(action.starts_on)},
        "zonal-plan-change": {"version": "0"},
    }


def _of_rounds(own: Side) -> dict[str, tuple[Any, ...]]:
    """A round that is planned, more time that is over in the open one, and a request for some."""
    if not Round.objects.filter(period__code=PLANNED).exists():
        dates = RoundTiming.of("quarter").dates(last_day(PLANNED))
        plan_rounds(actor=None, planned=[Planned(PLANNED, dates)])
    now = timezone.now()
    secretariat = User.objects.get(memberships__role=Role.SECRETARIAT)
    opened = own.submissions[OPEN]
    given, _made = Extension.objects.get_or_create(
        submission=opened,
        defaults={
            "until": now - dt.timedelta(days=1),
            "granted_at": now - dt.timedelta(days=2),
            "granted_by": secretariat,
            "reason": "More time of own",
        },
    )
    asked, _made = ExtensionRequest.objects.get_or_create(
        submission=opened,
        defaults={"reason": "Request of own", "asked_by": own.reporter.user},
    )
    feed, _made = CalendarFeed.objects.get_or_create(user=own.reporter.user)
    return {
        "round-detail": (OPEN,),
        **dict.fromkeys(("round-change", "round-remove"), (PLANNED,)),
        **dict.fromkeys(("more-time", "extension-ask"), (OPEN, own.zone.slug)),
        "extension-end": (given.pk,),
        "extension-refuse": (asked.pk,),
        "calendar": (calendar_token(feed),),
        "calendar unknown": (calendar_token(feed)[:-1],),
    }


def _said_of_rounds(own: Side) -> dict[str, dict[str, Any]]:
    later = timezone.localdate() + dt.timedelta(days=50)
    return {
        "round-plan": {
            "action": "plan",
            "end": "2030-Q3",
            "code": "2030-Q3",
            "seen": "2030-Q3:2030-10-01/2030-10-26/2030-11-05",
            "token": "a-token-of-the-plan",
            "quarter-opens_after": "1",
            "quarter-due_after": "25",
            "quarter-grace": "10",
        },
        "round-change": {"opens": "2031-01-02", "due": "2031-02-01", "locks": "2031-02-10"},
        "more-time": {"until": later.isoformat(), "reason": "Floods"},
        "extension-refuse": {"refusal": "Too late"},
        "extension-ask": {"reason": "We moved"},
    }


def _args(own: Side) -> dict[str, tuple[Any, ...]]:
    open_link = _invitation(own.zone, TOKEN, days=7)
    _invitation(own.zone, CLOSED_TOKEN, days=-1)
    entry = OutboxEntry.objects.create(topic="results", key="0:0", set_aside_at=timezone.now())
    approver = own.people[Role.APPROVER].memberships.get()
    cell = make.cells_of(own.submissions[VALIDATED])[0]
    sent = own.submissions[SUBMITTED].pk
    return {
        "state-try-again": (entry.pk,),
        "membership-end of a reporter": (own.reporter.pk,),
        "membership-end of an approver": (approver.pk,),
        "user-deactivate": (own.reporter.user_id,),
        "invitation-withdraw": (open_link.pk,),
        "invitation-accept": (TOKEN,),
        "invitation-accept expired": (CLOSED_TOKEN,),
        "invitation-accept unknown": ("no-such-secret",),
        "unit-detail": (own.zone.slug,),
        "unit-contacts": (own.zone.slug,),
        "reorganisation-detail": (_reorganisation().pk,),
        "reorganisation-undo": (_reorganisation().pk,),
        **_of_the_plan(own),
        **_of_rounds(own),
        "theme-detail": ("1",),
        "objective-detail": ("1-F1",),
        "cell-history": (cell.pk,),
        "correction-ask": (cell.pk,),
        **dict.fromkeys(
            ("correction-attest", "correction-withdraw", "correction-review"),
            (_correction(cell).pk,),
        ),
        "report-withdraw": (SUBMITTED, own.zone.slug),
        "cell-files": (_evidence(own).cell_id,),
        **dict.fromkeys(("evidence-file", "evidence-remove"), (_evidence(own).key,)),
        "about-us-figure": (_about(own).pk,),
        "remark-answer": (_remark(own).pk,),
        "coverage-file": ("csv",),
        "report open": (OPEN, own.zone.slug),
        "report validated": (VALIDATED, own.zone.slug),
        "report unknown": ("2031-Q1", own.zone.slug),
        "report-cells open": (OPEN, own.zone.slug),
        "report-cells validated": (VALIDATED, own.zone.slug),
        "report-grid open": (OPEN, own.zone.slug, "checks"),
        "report-grid unknown": (OPEN, own.zone.slug, "nothing"),
        "report-row open": (OPEN, own.zone.slug, "checks", own.zone.slug),
        "report-row unknown": (OPEN, own.zone.slug, "checks", "nowhere"),
        "report-workbook": (OPEN, own.zone.slug),
        "report-upload": (OPEN, own.zone.slug),
        "indicator-workbook": (OPEN, own.zone.slug, "checks"),
        "indicator-upload": (OPEN, own.zone.slug, "checks"),
        **dict.fromkeys(("upload", "upload-marked"), (_upload(own).key,)),
        "review": (sent,),
        "review-definition": (sent, "checks"),
        "review-validate": (sent,),
        "review-return": (sent,),
        "period-close": (SUBMITTED,),
        "period-reopen": (VALIDATED,),
        "indicator-detail": ("checks",),
        "indicator-detail unknown": ("no-such-indicator",),
        "explanation": ("checks",),
        "explanation-json": ("checks",),
        "explanation unknown": ("no-such-indicator",),
        "download-workbook": ("figures",),
        "download-csv": ("results",),
        "download-csv unknown": ("passwords",),
        "demo-enter": (own.reporter.user_id,),
        "foundation:inbox-mail": (_mail(own).pk,),
        "foundation:inbox-html": (_mail(own).pk,),
        "account_reset_password_from_key": ("1", "no-such-key"),
        "admin:view_on_site": (1, 1),
        "admin:app_list": ("organisations",),
        **_administered(own),
        **_texts(),
        "codebook-detail": ("checks",),
        "codebook-ask": ("checks",),
        "definition-amend": ("checks",),
        "path-amend": ("checks",),
        **dict.fromkeys(
            ("question-change", "question-withdraw", "question-answer"), (_question(own).pk,)
        ),
    }


def _posted(own: Side) -> dict[str, dict[str, Any]]:
    """What a person who may do it would send."""
    (cell,) = make.cells_of(own.submissions[OPEN])
    (validated,) = make.cells_of(own.submissions[VALIDATED])
    sent = {"version": str(own.submissions[SUBMITTED].version)}
    asked = {"version": str(_correction(validated).version)}
    invited = {"name": "Somebody new", "email": "new@own.example", "role": Role.REPORTER}
    today = timezone.localdate().isoformat()
    typed = {
        "action": "save",
        "token": "a-token-of-the-form",
        "version": str(own.submissions[OPEN].version),
        f"c{cell.pk}-version": str(cell.version),
        f"c{cell.pk}-numerator": "42",
    }
    return {
        **_said_of_the_plan(own),
        **_said_of_rounds(own),
        "set-language": {"language": "nl"},
        "codebook-ask": {"unit": own.zone.pk, "text": "Another question"},
        **_decided_of_indicators(),
        "question-change": {"text": "In other words"},
        "question-answer": {"answer": "An answer", "seen": fingerprint(_question(own))},
        "account": {"name": "Somebody", "language": "fr"},
        "unit-contacts": {"telephone": "02 000 00 00", "mailbox": "cel@own.example"},
        "membership-end of a reporter": {"end": today},
        "membership-end of an approver": {"end": today},
        "reorganisation-undo": {"reason": "Annulled"},
        "invitation-create": {**invited, "unit": own.zone.pk},
        "cell-files": {"file": Again("more.txt", b"More of own")},
        "about-us-figure": {"text": "Another remark", "token": "a-token-of-the-remark"},
        "remark-answer": {"answer": "An answer"},
        "coverage-remind": {"submission": own.submissions[OPEN].pk},
        "report open": typed,
        "report-grid open": typed,
        "report-row open": typed,
        "report-cells": {**typed, "user": str(own.reporter.user_id)},
        "report-withdraw": sent,
        "correction-ask": {
            "step": "show",
            "reason": "A reason",
            f"c{validated.pk}-version": str(validated.version),
            f"c{validated.pk}-numerator": "42",
        },
        "correction-attest": asked,
        "correction-withdraw": asked,
        "correction-review": {**asked, "decision": "accept"},
        "review-selection": {
            "pick": f"{own.submissions[SUBMITTED].pk}:{own.submissions[SUBMITTED].version}"
        },
        "upload": {"action": "again"},
        "review-validate": sent,
        "period-close": {"undecided": "0"},
        "period-reopen": {"reason": "A reason"},
        "snapshot-list": {"period": OPEN, "reason": "A reason"},
        "review-return": {**sent, "reason": "Please look again."},
        "account_reset_password": {"email": own.reporter.user.email},
    }
