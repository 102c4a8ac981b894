"""Saving cells of the entry form one by one, as they are left."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.services import AlreadyDone, claim
from organisations import languages
from submissions import presenters, selectors, services
from submissions.checking import MISSING
from submissions.forms import EntryForm, answers, cells_in

from .pages import TOKEN, fingerprint, seen_version
from .report import OfSubmission, unsettled_cells


class SaveCells(OfSubmission):
    """The same reading, saving and words as the form's, answered as JSON and never by a redirect.

    A post has the form's fields of one or several cells, the token of this change, ``user``, for
    whom the page was made, and its ``language``. Nothing is written for anybody else.
    GET gives a token against forged posts that is good now.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Before anything is looked up: another unit's user may not see what the page is about.
        if request.user.is_authenticated and self.is_for_another_user():
            with translation.override(self.language_of_page()):
                words = _("Somebody else signed in on this device. What you typed waits for you.")
                return refusal(409, words, other_user=True)
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            return refusal(403, _("You may read these figures, but not enter them."))
        except Http404:
            return refusal(404, _("This page does not exist or is not open to you."))

    def handle_no_permission(self) -> Any:
        sign_in = f"{resolve_url('account_login')}?{urlencode({'next': self.report_url})}"
        with translation.override(self.language_of_page()):
            return refusal(401, _("Your session has expired."), sign_in=sign_in)

    @property
    def fields(self) -> QueryDict:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    def is_for_another_user(self) -> bool:
        """Whether the page was made for another; who only asks for a token need not say."""
        own = str(self.user.pk)
        return self.fields.get("user", "" if self.request.method == "POST" else own) != own

    def language_of_page(self) -> str:
        """As the page says: with the session, what was chosen for it is gone."""
        spoken = self.fields.get("language", "")
        return spoken if languages.is_known(spoken) else translation.get_language()

    def get(self, request: HttpRequest, **place: str) -> JsonResponse:
        self.require_entering()
        return JsonResponse({"csrf": get_token(request), "user": self.user.pk})

    def post(self, request: HttpRequest, **place: str) -> JsonResponse:
        if self.said is not None:
            return JsonResponse(self.said)
        if isinstance(self.refusal, services.RoundClosed):
            return refusal(409, _("Round locked. Ask for more time; your draft is kept."))
        if isinstance(self.refusal, services.StateChanged):
            return refusal(409, presenters.moved_on_text(self.refusal.submission))
        return refusal(409, _("Another change bears the same mark. Nothing was saved."))

    def answer(self) -> dict[str, Any]:
        posted = self.request.POST
        try:
            return self.save(posted)
        except AlreadyDone:
            # The first answer was lost on its way: saving the same again is harmless.
            return self.process(posted)

    def within(self) -> Q | None:
        """Of many figures, those about the subjects at hand: no check looks across subjects."""
        asked: int = self.submission.asked  # type: ignore[attr-defined]
        if asked <= selectors.LONGEST_FORM:
            return None
        return selectors.about_subjects_of(cells_in(self.request.POST))

    @transaction.atomic
    def save(self, posted: QueryDict) -> dict[str, Any]:
        token = posted.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        claim(actor=self.user, key=token, content=fingerprint(posted))
        return self.process(posted)

    @transaction.atomic
    def process(self, posted: QueryDict) -> dict[str, Any]:
        read, outcome = self.process_entries(posted)
        found = selectors.findings_of(outcome.blocks, self.submission.round.period.code)
        if not posted.get("missing"):
            found = [each for each in found if each.kind != MISSING]
        form = EntryForm(
            outcome.blocks,
            last_day=self.submission.round.period.last_day,
            posted=posted,
            filled=unsettled_cells(read, outcome),
            conflicts=outcome.conflicts,
            versions=outcome.versions,
            findings=found,
        )
        version = outcome.version_for(seen_version(self.request))
        return {"version": version, **answers.of(form, posted, self.whole())}

    def whole(self) -> dict[int, tuple[int, int]] | None:
        """How far each definition is, where not all of its figures were read."""
        if self.within() is None:
            return None
        return selectors.progress_by_definition(self.submission)


def refusal(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"message": message, **more}, status=status)
