"""What several pages share: who is signed in, and what they show alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import kept
from organisations import languages
from organisations.models import User
from submissions import presenters, rules, selectors
from submissions.checking import MISSING
from submissions.completeness import Completeness
from submissions.correction_lines import RequestLine
from submissions.enums import State
from submissions.forms import EntryForm, WithdrawForm
from submissions.models import Submission

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


class KeepsInput(SignedIn, LoginRequiredMixin):
    """A post without a session is kept for an hour, and the sign-in page says so."""

    request: HttpRequest

    def handle_no_permission(self) -> HttpResponseRedirect:
        request = self.request
        if request.method == "POST" and kept.keep(request.path, request.POST):
            messages.info(
                request, _("Your session expired. Sign in: what you typed is kept for an hour.")
            )
        query = urlencode({"next": request.path})
        return redirect(f"{resolve_url('account_login')}?{query}")


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


def changed_page(
    request: HttpRequest,
    submission: Submission,
    *,
    typed: Any = (),
    reason: str = "",
    closed: bool = False,
    closed_because: str = "",
) -> HttpResponse:
    """409: who changed what, when, and that nothing is lost; or what to do where it is closed."""
    edit = selectors.last_edit(submission, reader=cast(User, request.user))
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, timezone.now()),
        "events": presenters.last_change(selectors.transitions_of(submission), edit),
        "typed": typed,
        "reason": reason,
        "closed": closed or bool(closed_because),
        "closed_because": closed_because,
        "back_to_review": request.path.startswith(reverse("review-queue")),
    }
    return render(request, "submissions/changed.html", context, status=409)


def show_figures(
    request: HttpRequest, submission: Submission, template: str, **more: Any
) -> HttpResponse:
    """The figures without fields, with what was said before and the history."""
    blocks = selectors.blocks_of(submission)
    code = submission.round.period.code
    codes = selectors.compared_codes(code)
    found = selectors.findings_of(blocks, code)
    form = EntryForm(
        blocks,
        last_day=submission.round.period.last_day,
        findings=[each for each in found if each.kind != MISSING],
        past=selectors.past_texts(blocks, codes),
        peers=selectors.peers_beside(blocks, codes),
        periods=codes,
    )
    now, user = timezone.now(), cast(User, request.user)
    by_one = selectors.is_by_one_person(submission)
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, now),
        "now": now,
        "figures": form,
        "completeness": Completeness.of(row.figure for row in form.rows.values()),
        "corrections": [
            RequestLine.of(each, user) for each in selectors.corrections_of(submission)
        ],
        "may_correct": presenters.may_correct(submission, user),
        "attached": selectors.attached(submission),
        "by_one_person": by_one,
        "events": presenters.history(submission, selectors.transitions_of(submission), by_one),
        **_withdrawal(submission, user),
        **more,
    }
    return render(request, template, context, status=more.get("status", 200))


def _withdrawal(submission: Submission, user: User) -> dict[str, Any]:
    """Whether a unit may take back what it attested, and whether it is in time to."""
    if submission.state != State.SUBMITTED or not rules.may_attest(user, submission):
        return {}
    return {"withdrawal": WithdrawForm(), "in_time": submission.accepts_figures()}
