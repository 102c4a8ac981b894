"""More time for one unit: asked for, granted, refused, ended."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from foundation import kept
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import KeepsInput
from organisations import languages
from submissions import presenters, rules, selectors, services
from submissions.dates import end_of
from submissions.forms import AskForm, ExtensionForm, RefusalForm
from submissions.models import Extension, ExtensionRequest, Submission

from .pages import TOKEN, SignedIn, fingerprint
from .rounds import RoundsPage, add_errors


def with_related() -> Any:
    return Submission.objects.select_related("round__period", "reporter__controlled_by")


class MoreTime(RoundsPage, View):
    """The more time that a unit has, had or asks for; and giving it some."""

    def get(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        found = get_object_or_404(with_related(), round__period__code=code, reporter__slug=slug)
        return self.show(found)

    def post(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        found = get_object_or_404(with_related(), round__period__code=code, reporter__slug=slug)
        form = ExtensionForm(request.POST)
        if not form.is_valid():
            return self.show(found, form=form)
        try:
            self.grant(found, form)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(found, form=form)
        except OtherContent:
            text = _(
                "This page was sent before, with something else. Look at it, then send it again."
            )
            form.add_error(None, text)
            return self.show(found, form=form, status=409)
        except AlreadyDone:
            pass
        else:
            kept.drop(self.user.pk, request.path)
            text = _("%(unit)s has more time.") % {"unit": found.reporter.label}
            messages.success(request, text)
        return redirect(address_of(found))

    @transaction.atomic
    def grant(self, submission: Submission, form: ExtensionForm) -> None:
        posted = self.request.POST
        token = posted.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        claim(actor=self.user, key=token, content=fingerprint(posted))
        services.grant_extension(
            actor=self.user,
            submission=submission,
            until=end_of(form.cleaned_data["until"]),
            reason=form.cleaned_data["reason"],
        )

    def show(
        self,
        submission: Submission,
        *,
        form: ExtensionForm | None = None,
        refusal: RefusalForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now = timezone.now()
        requests = selectors.extension_requests_of(submission)
        # Each form is sent to an address of its own.
        granting = QueryDict() if form else self.typed(address_of(submission))
        refusing: QueryDict | None = None
        if requests and not refusal:
            refusing = self.typed(reverse("extension-refuse", args=[requests[0].pk]))
        context = {
            "submission": submission,
            "standing": presenters.Standing.of(submission, now),
            "extensions": [
                (each, each.is_in_force(now)) for each in selectors.extensions_of(submission)
            ],
            "requests": requests,
            "waiting": next((each for each in requests if each.answered_at is None), None),
            "form": form or ExtensionForm(initial=granting.dict()),
            "granting": granting,
            "refusal": refusal or RefusalForm(initial=refusing and refusing.dict()),
            "refusing": refusing,
            "token": secrets.token_urlsafe(24),
            "now": now,
        }
        return render(self.request, "submissions/round_more_time.html", context, status=status)


def address_of(submission: Submission) -> str:
    return reverse("more-time", args=[submission.round.period.code, submission.reporter.slug])


class RefuseTime(MoreTime):
    """Refuse a request with a reason."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        asked = get_object_or_404(ExtensionRequest, pk=pk)
        submission = with_related().get(pk=asked.submission_id)
        form = RefusalForm(request.POST)
        if not form.is_valid():
            return self.show(submission, refusal=form)
        reason = form.cleaned_data["refusal"]
        if services.refuse_time(actor=self.user, request=asked, reason=reason):
            messages.success(request, _("The request is refused, with your reason."))
        else:
            messages.info(request, _("This request was answered already."))
            asked.refresh_from_db()
            if (asked.answered_by_id, asked.refusal) != (self.user.pk, reason):
                return self.show(submission, refusal=form, status=409)
        kept.drop(self.user.pk, request.path)
        return redirect(address_of(submission))


class EndExtension(RoundsPage, View):
    """Asks before the time that is left is taken back."""

    @cached_property
    def extension(self) -> Extension:
        related = Extension.objects.select_related(
            "submission__round__period", "submission__reporter"
        )
        return get_object_or_404(related, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.extension.submission
        context = {
            "extension": self.extension,
            "submission": submission,
            "back_url": address_of(submission),
        }
        return render(request, "submissions/round_end_extension.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if services.end_extension(actor=self.user, extension=self.extension):
            messages.success(request, _("The additional time has ended."))
        else:
            messages.info(request, _("This additional time was over already."))
        return redirect(address_of(self.extension.submission))


class AskForTime(SignedIn, KeepsInput, View):
    """A unit asks for more time, and sees what was answered."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.submission = self.found()
        answer = partial(super().dispatch, request, *args, **kwargs)
        return languages.answer_to_unit(request, self.submission.reporter, answer)

    def get(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        typed = self.typed()
        return self.show(self.submission, AskForm(initial=typed.dict()), restored=typed)

    def post(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        submission = self.submission
        form = AskForm(request.POST)
        if not form.is_valid():
            return self.show(submission, form)
        try:
            services.ask_for_time(
                actor=self.user, submission=submission, reason=form.cleaned_data["reason"]
            )
        except services.StateChanged:
            return self.show(self.found(), form, status=409)
        except services.AlreadyAsked:
            return self.show(submission, form, status=409)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("Your request is with the secretariat."))
        return redirect("extension-ask", code, slug)

    def found(self) -> Submission:
        """404 for who may not see it, 403 for who does not enter."""
        submission: Submission = get_object_or_404(
            with_related().visible_to(self.user),
            round__period__code=self.kwargs["code"],
            reporter__slug=self.kwargs["slug"],
        )
        if not rules.may_enter(self.user, submission):
            raise PermissionDenied
        return submission

    def show(
        self, submission: Submission, form: AskForm, *, restored: Any = None, status: int = 200
    ) -> HttpResponse:
        standing = presenters.Standing.of(submission, timezone.now())
        requests = selectors.extension_requests_of(submission)
        is_waiting = any(each.answered_at is None for each in requests)
        context = {
            "submission": submission,
            "standing": standing,
            "requests": requests,
            "form": form if standing.may_ask_for_time and not is_waiting else None,
            "written": form["reason"].value(),
            "restored": restored,
            "was_asked": status == 409 and is_waiting,
            "now": timezone.now(),
        }
        return render(self.request, "submissions/extension_ask.html", context, status=status)
