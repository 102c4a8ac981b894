"""Validating a selection: a preview of each submission, then what happened to each."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from foundation.views import RequiresPermission
from submissions import bulk_lines, rules, selectors, services
from submissions.permissions import CONTROL

from .pages import SignedIn

#: As many as a page of the queue shows.
MOST = 50


class Selection(SignedIn, RequiresPermission, View):
    """GET shows what was picked in the queue, POST validates what is picked here.

    A pick is "submission:version", the version being the one that was seen: in the preview's post,
    that of the preview. Posted again, it says the same again.
    """

    permission = CONTROL.name

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        seen = picks_of(request.GET.getlist("pick"))
        found = selectors.picked(self.user, seen)
        changed = selectors.changed_since_return([each for each in found if each.return_reason])
        lines = [
            bulk_lines.PreviewLine.of(
                each,
                now,
                seen=seen[each.pk],
                may_control=rules.may_control(self.user, each),
                changed=changed[each.pk],
            )
            for each in found
        ]
        context = {"lines": lines, "back": back_to(request)}
        return render(request, "submissions/selection.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        seen = picks_of(request.POST.getlist("pick"))
        picks = [services.Pick(each, seen[each.pk]) for each in selectors.picked(self.user, seen)]
        treated = services.validate_each(actor=self.user, picks=picks)
        results = bulk_lines.Results.of(treated)
        context = {"results": results, "back": back_to(request)}
        return render(request, "submissions/selection_result.html", context)


def picks_of(texts: Iterable[str]) -> dict[int, int]:
    """Version seen by submission; what is no pick is left out, and so is what exceeds a page."""
    found: dict[int, int] = {}
    for text in texts:
        pk, _colon, version = text.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (pk, version)):
            found[int(pk)] = int(version)
    return dict(list(found.items())[:MOST])


def back_to(request: HttpRequest) -> str:
    """The filter of the queue that one came from."""
    known = selectors.QUEUE_FILTERS
    code = request.POST.get("state") or request.GET.get("state", "")
    return code if code in known else known[0]
