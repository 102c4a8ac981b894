"""What several pages share: who is signed in, and what they show alike."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import kept
from organisations.models import User
from submissions import presenters, selectors
from submissions.forms import EntryForm
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
) -> HttpResponse:
    """409: who changed what, when, and that nothing is lost."""
    edit = selectors.last_edit(submission, reader=cast(User, request.user))
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, timezone.now()),
        "events": presenters.last_change(selectors.transitions_of(submission), edit),
        "typed": typed,
        "reason": reason,
        "closed": closed,
        "back_to_review": request.path.startswith(reverse("review-queue")),
    }
    return render(request, "submissions/changed.html", context, status=409)


def show_figures(
    request: HttpRequest, submission: Submission, template: str, **more: Any
) -> HttpResponse:
    """The figures without fields, with what was said before and the history."""
    blocks = selectors.blocks_of(submission)
    codes = selectors.compared_codes(submission.round.period.code)
    form = EntryForm(
        blocks,
        last_day=submission.round.period.last_day,
        past=selectors.past_texts(blocks, codes),
        periods=codes,
    )
    now = timezone.now()
    by_one = selectors.is_by_one_person(submission)
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, now),
        "now": now,
        "figures": form,
        "beside": selectors.beside(submission),
        "by_one_person": by_one,
        "events": presenters.transition_events(selectors.transitions_of(submission), by_one),
        **more,
    }
    return render(request, template, context, status=more.get("status", 200))
