"""What several pages share: who is signed in, and what they show alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import kept
from organisations import languages
from organisations.models import User
from submissions import presenters, rules, selectors
from submissions.checking import MISSING, Finding
from submissions.completeness import Completeness
from submissions.correction_lines import RequestLine
from submissions.enums import State
from submissions.figures import Block, Figure
from submissions.forms import EntryForm, WithdrawForm
from submissions.index import Index
from submissions.models import Submission
from submissions.selectors import Attached

#: The field that carries a form's token.
TOKEN = "token"  # noqa: S105
#: Fields of the page itself, that are not part of what was typed.
_OF_THE_PAGE = ("csrfmiddlewaretoken", kept.FIELD)


class SignedIn:
    """Whoever is signed in: the pages of this module are for nobody else."""

    request: HttpRequest

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


def answer_to_its_people(
    request: HttpRequest, submission: Submission, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """A page that a unit's people and others meet: theirs is in the language of the unit."""
    if not rules.may_enter(cast(User, request.user), submission):
        return answer()
    return languages.answer_to_unit(request, submission.reporter, answer)


def fingerprint(posted: QueryDict) -> str:
    """What a form said, whatever page it was said on."""
    said = {name: values for name, values in posted.lists() if name not in _OF_THE_PAGE}
    return urlencode(sorted(said.items()), doseq=True)


def seen_version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def done_already(request: HttpRequest, to: str) -> HttpResponse:
    """The same step asked for again, from this page or another, leads where it led at first."""
    messages.info(request, _("You have done this already."))
    return redirect(to)


def changed_page(
    request: HttpRequest,
    submission: Submission,
    *,
    typed: Any = (),
    keeps: bool = True,
    reason: str = "",
    closed: bool = False,
    closed_because: str = "",
    saved: Collection[int] = (),
) -> HttpResponse:
    """409: who changed what, when, and that nothing is lost; or what to do where it is closed.

    ``keeps``: whether what was ``typed`` fills its form again. ``saved``: the cells that this very
    post has saved.
    """
    user = cast(User, request.user)
    edit = selectors.last_edit(submission, reader=user, but=saved)
    steps = selectors.transitions_of(submission)
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, timezone.now()),
        "events": presenters.last_change(steps, edit),
        "own_edit": edit is not None and edit.is_own,
        "own_step": edit is None and any(step.actor_id == user.pk for step in steps[:1]),
        "typed": typed,
        "keeps": keeps,
        "reason": reason,
        "saved": saved,
        "closed": closed or bool(closed_because),
        "closed_because": closed_because,
        "back_to_review": request.path.startswith(reverse("review-queue")),
    }
    return render(request, "submissions/changed.html", context, status=409)


def show_figures(
    request: HttpRequest, submission: Submission, template: str, **more: Any
) -> HttpResponse:
    """The figures without fields, with what was said before and the history.

    Where they are too many for one page, ``index`` has a line per definition instead.
    """
    blocks = selectors.blocks_of(submission)
    attached = selectors.attached(submission)
    found = _found(blocks, submission)
    index = Index.of(blocks, found, attached) if selectors.is_long(blocks) else None
    now, user = timezone.now(), cast(User, request.user)
    by_one = selectors.is_by_one_person(submission)
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, now),
        "now": now,
        "index": index,
        "figures": index or _read_form(blocks, found, submission),
        "completeness": Completeness.of(figure for block in blocks for figure in block.figures),
        "corrections": [
            RequestLine.of(each, user) for each in selectors.corrections_of(submission)
        ],
        "may_correct": presenters.may_correct(submission, user),
        "attached": attached,
        "by_one_person": by_one,
        "events": presenters.history(submission, selectors.transitions_of(submission), by_one),
        **_withdrawal(submission, user),
        **more,
    }
    return render(request, template, context, status=more.get("status", 200))


def show_definition(
    request: HttpRequest, submission: Submission, indicator: str, subject: str = "", **more: Any
) -> HttpResponse:
    """The figures of one definition without fields; with ``?remarks`` those with something to say.

    Of one subject where it is named. Raises Http404 where nothing of it is asked for.
    """
    read = selectors.blocks_of(submission, selectors.under_definition(indicator, subject))
    blocks = [each for each in read if each.version.indicator.code == indicator]
    if not blocks:
        raise Http404
    attached = selectors.attached(submission)
    found = _found(read, submission)
    remarked = _remarked(blocks[0], found, attached)
    only_remarked = "remarks" in request.GET
    shown = remarked if only_remarked else blocks
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, timezone.now()),
        "version": blocks[0].version,
        "subject": blocks[0].figures[0].subject if subject else None,
        "total": len(blocks[0].figures),
        "remarked": sum(len(block.figures) for block in remarked),
        "only_remarked": only_remarked,
        "figures": _read_form(shown, found, submission),
        "attached": attached,
        "may_correct": presenters.may_correct(submission, cast(User, request.user)),
        **more,
    }
    return render(request, "submissions/definition_figures.html", context)


def _found(blocks: list[Block], submission: Submission) -> list[Finding]:
    """What the checks say; what is missing shows itself."""
    found = selectors.findings_of(blocks, submission.round.period.code)
    return [each for each in found if each.kind != MISSING]


def _remarked(block: Block, found: list[Finding], attached: Attached) -> list[Block]:
    """The figures beside which something stands: a list of one block, or of none."""
    odd = {each.figure.cell.pk for each in found}

    def has_remarks(figure: Figure) -> bool:
        said, cell = figure.content, figure.cell
        of_subject = figure.option is None and cell.expectation_id in attached.remarks
        beside = (said.reason, said.comment, said.is_flagged, of_subject)
        return any(beside) or cell.pk in odd or cell.pk in attached.files

    figures = [each for each in block.figures if has_remarks(each)]
    return [replace(block, figures=figures)] if figures else []


def _read_form(blocks: list[Block], found: list[Finding], submission: Submission) -> EntryForm:
    codes = selectors.compared_codes(submission.round.period.code)
    return EntryForm(
        blocks,
        last_day=submission.round.period.last_day,
        findings=found,
        past=selectors.past_texts(blocks, codes),
        peers=selectors.peers_beside(blocks, codes),
        periods=codes,
    )


def _withdrawal(submission: Submission, user: User) -> dict[str, Any]:
    """Whether a unit may take back what it attested, and whether it is in time to."""
    if not rules.may_attest(user, submission):
        return {}
    place = [submission.round.period.code, submission.reporter.slug]
    typed = kept.found(user.pk, reverse("report-withdraw", args=place)) or QueryDict()
    if submission.state != State.SUBMITTED:
        return {"restored": typed}
    return {
        "withdrawal": WithdrawForm(initial=typed.dict()),
        "in_time": submission.accepts_figures(),
        "restored": typed,
    }
