"""Figures by file: the workbook to fill, sending it, its preview, applying it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import View

from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import KeepsInput
from indicators.models import IndicatorVersion
from organisations import languages
from organisations.enums import Language
from submissions import presenters, resources, rules, selectors, services, wording
from submissions.content import Content
from submissions.enums import State, UploadState
from submissions.figures import Block, Figure
from submissions.forms import UploadForm
from submissions.models import Submission, Upload

from .pages import TOKEN, SignedIn, changed_page

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
#: How many changes or faults a page shows.
A_PAGE = 200


class FilePage(SignedIn, KeepsInput, View):
    """Of a submission, or of one definition in it, for who enters its figures."""

    submission: Submission
    version: IndicatorVersion | None = None
    own_language = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.find(**kwargs)
        if not rules.may_enter(self.user, self.submission):
            raise PermissionDenied
        return self.answer(partial(super().dispatch, request, *args, **kwargs))

    def answer(self, page: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """In the language of the unit, as its form."""
        self.own_language = language_now()
        return languages.answer_to_unit(self.request, self.submission.reporter, page)

    def find(self, code: str, slug: str, indicator: str = "") -> None:
        """The submission and the definition of the address, or 404."""
        self.submission = get_object_or_404(
            Submission.objects.visible_to(self.user).select_related(
                "round__period", "reporter__controlled_by"
            ),
            round__period__code=code,
            reporter__slug=slug,
        )
        if indicator:
            asked = IndicatorVersion.objects.filter(
                indicator__code=indicator,
                pk__in=self.submission.expectations.standing().values("version"),
            ).select_related("indicator")
            self.version = get_object_or_404(asked)

    @property
    def is_open(self) -> bool:
        """Whether figures can be saved now."""
        return self.submission.state in State.editable() and self.submission.accepts_figures()

    @property
    def languages(self) -> list[str]:
        """The unit's own, and the reader's."""
        return list(dict.fromkeys([*self.submission.reporter.languages, self.own_language]))

    def blocks(self) -> list[Block]:
        blocks = selectors.blocks_of(self.submission)
        if self.version is None:
            return blocks
        return [block for block in blocks if block.version.pk == self.version.pk]

    def page(self) -> dict[str, Any]:
        names = dict(Language.interface())
        return {
            "submission": self.submission,
            "version": self.version,
            "standing": presenters.Standing.of(self.submission, timezone.now()),
            "is_open": self.is_open,
            "languages": [(code, names[code]) for code in self.languages],
        }


def language_now() -> str:
    return (get_language() or "fr")[:2]


class Workbook(FilePage):
    """The file to fill, with what is saved now, in a language of the unit's or of the reader's."""

    def answer(self, page: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """The address names the language of the file, which is no page."""
        return page()

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        kinds = {kind.value: kind for kind in resources.TemplateKind}
        kind = kinds.get(request.GET.get("format", "xlsx"))
        language = request.GET.get("language", "") or self.usual_language
        if kind is None or language not in dict(Language.interface()):
            raise Http404
        answer = HttpResponse(content_type=TYPES[kind])
        name = "-".join(filter(None, ["jalon", *self.about, language]))
        answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        if request.method != "HEAD":
            answer.write(
                resources.template_bytes(
                    self.submission, self.blocks(), kind=kind, language=language
                )
            )
        return answer

    @property
    def about(self) -> list[str]:
        code = self.version.indicator.code if self.version else ""
        return [self.submission.round.period.code, self.submission.reporter.slug, code]

    @property
    def usual_language(self) -> str:
        """The unit's; where it has two, the reader's among them."""
        own = self.submission.reporter.languages
        return language_now() if language_now() in own else own[0]


class UploadFile(FilePage):
    """Send a filled file. Nothing is saved by it: it is read, and shown before it is applied."""

    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        return self.show(UploadForm())

    def post(self, request: HttpRequest, **_kwargs: str) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not self.is_open:
            return self.show(form, status=409)
        if not form.is_valid():
            return self.show(form, status=422)
        sent = form.cleaned_data["file"]
        try:
            return redirect(self.receive(sent.name, sent.read()))
        except AlreadyDone as done:
            return redirect(done.location)
        except OtherContent:
            form.add_error("file", _("This page has sent another file already. Choose it again."))
            return self.show(form, status=409)
        except (services.StateChanged, services.RoundClosed):
            self.submission.refresh_from_db()
            return self.show(form, status=409)

    @transaction.atomic
    def receive(self, name: str, content: bytes) -> str:
        """Take the file once for a form's token; returns the address of its page."""
        token = self.request.POST.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        said = f"{self.request.path} {name} {hashlib.sha256(content).hexdigest()}"
        claimed = claim(actor=self.user, key=token, content=said)
        upload = services.receive_upload(
            actor=self.user,
            submission=self.submission,
            version=self.version,
            name=name[-200:],
            content=content,
            language=language_now(),
        )
        claimed.location = reverse("upload", args=[upload.key])
        claimed.save(update_fields=["location"])
        return claimed.location

    def show(self, form: UploadForm, status: int = 200) -> HttpResponse:
        context = {
            **self.page(),
            "form": form,
            "token": secrets.token_urlsafe(24),
            "uploads": selectors.latest_uploads(self.submission),
        }
        return render(self.request, "submissions/upload_form.html", context, status=status)


class OneUpload(FilePage):
    """Of one file that was sent."""

    upload: Upload

    def find(self, key: str) -> None:  # type: ignore[override]
        self.upload = get_object_or_404(selectors.uploads_visible_to(self.user), key=key)
        self.submission, self.version = self.upload.submission, self.upload.version


class UploadPage(OneUpload):
    """How far its reading is; then what it would change, or what is wrong with it."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        actions = {"apply": self.apply, "abandon": self.abandon, "again": self.again}
        action = actions.get(request.POST.get("action", ""))
        if action is None:
            raise Http404
        try:
            return action()
        except services.UploadChanged:
            return self.settled()
        except services.UploadConflicts as refusal:
            return self.show(conflicts=self.in_words(refusal), status=409)
        except services.RefusedContent:
            return self.show(is_outdated=True, status=409)
        except (services.StateChanged, services.RoundClosed) as refusal:
            closed = isinstance(refusal, services.RoundClosed)
            return changed_page(request, refusal.submission, closed=closed)

    def apply(self) -> HttpResponse:
        outcome = services.apply_upload(actor=self.user, upload=self.upload)
        count = len(outcome.saved)
        text = ngettext(
            "The file is applied: %(count)s figure saved.",
            "The file is applied: %(count)s figures saved.",
            count,
        )
        messages.success(self.request, text % {"count": count})
        return redirect(self.report_url)

    def abandon(self) -> HttpResponse:
        services.abandon_upload(actor=self.user, upload=self.upload)
        messages.info(self.request, _("The file is abandoned. Nothing of it was saved."))
        return redirect(self.report_url)

    def again(self) -> HttpResponse:
        services.read_upload_again(actor=self.user, upload=self.upload)
        return redirect(self.request.path)

    def settled(self) -> HttpResponse:
        """A second click, or somebody else’s first: the page says how the file stands."""
        return redirect(self.request.path)

    @property
    def report_url(self) -> str:
        return presenters.report_address(self.submission)

    def in_words(self, refusal: services.UploadConflicts) -> list[dict[str, Any]]:
        """Each figure that changed meanwhile, with the file's value and the saved one."""
        figures: dict[int, Figure] = {
            figure.cell.pk: figure for block in self.blocks() for figure in block.figures
        }
        return [
            {
                "label": figures[each.entry.cell_id].label,
                "mine": self.text(figures[each.entry.cell_id], each.entry.content),
                "theirs": self.text(figures[each.entry.cell_id], Content.of(each.saved)),
                "saved": each.saved,
            }
            for each in refusal.conflicts
        ]

    def text(self, figure: Figure, content: Content) -> str:
        return wording.version_text(figure.version, content)

    def show(
        self,
        *,
        conflicts: list[dict[str, Any]] | None = None,
        is_outdated: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        self.upload.refresh_from_db()
        changes = services.changes_of(self.upload)
        listed: list[Any] = self.upload.faults or changes
        context = {
            **self.page(),
            "upload": self.upload,
            "is_waiting": self.upload.state in UploadState.unread(),
            "is_outdated": is_outdated,
            "conflicts": conflicts or [],
            "page_obj": Paginator(listed, A_PAGE).get_page(self.request.GET.get("page")),
            "counts": presenters.UploadCounts.of(self.upload, changes),
            "before": selectors.applied_before(self.upload),
            "upload_url": self.upload_url,
        }
        return render(self.request, "submissions/upload_detail.html", context, status=status)

    @property
    def upload_url(self) -> str:
        period, slug = self.submission.round.period.code, self.submission.reporter.slug
        if self.version is None:
            return reverse("report-upload", args=[period, slug])
        return reverse("indicator-upload", args=[period, slug, self.version.indicator.code])


class MarkedFile(OneUpload):
    """The file given back with its errors marked in it."""

    def get(self, request: HttpRequest, key: str) -> HttpResponseBase:
        try:
            file = self.upload.marked.open("rb")
        except (ValueError, FileNotFoundError) as gone:
            raise Http404 from gone
        stem, _dot, suffix = self.upload.name.rpartition(".")
        name = _("%(name)s-to-correct") % {"name": stem or "jalon"} + f".{suffix.lower()}"
        return FileResponse(
            file,
            as_attachment=True,
            filename=name,
            content_type=TYPES[suffix.lower()],
        )
