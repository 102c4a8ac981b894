"""The method in plain words, with examples that the kernel computes as the page is read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from foundation.looks import DATA_STATES
from indicators.calculation import METHOD_VERSION
from organisations.models import User

from .method_examples import all_examples

#: The sections by the anchors that other pages lead to.
SECTIONS = (
    ("figures", _("What a figure is")),
    ("adding", _("How figures add up")),
    ("coverage", _("Who is expected, and coverage")),
    ("path", _("The path to the target")),
    ("status", _("The status of an indicator")),
    ("signals", _("Signal or noise?")),
    ("objectives", _("Objectives, themes, plan")),
    ("states", _("Provisional, final, revised")),
    ("mergers", _("Zones that merge or split")),
    ("small-numbers", _("Comparisons and small numbers")),
)


class Method(LoginRequiredMixin, TemplateView):
    """How figures become totals, coverage and statuses; for everybody signed in."""

    template_name = "progress/method.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            sections=SECTIONS,
            data_states=DATA_STATES,
            method_version=METHOD_VERSION,
            **all_examples(),
            **kwargs,
        )


def help_link(_ids: object, user: User) -> dict[int, dict[str, Any]]:
    """The way from the help to the method, for who may read it."""
    return {0: {}} if user.is_authenticated else {}
