"""Pages to read the plan beyond its themes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.views.generic import DetailView, ListView, TemplateView

from . import amendments, selectors
from .amendment_views import PlanPage
from .enums import PassageKind
from .forms import InForceForm
from .models import (
    Commitment,
    CommitmentPoint,
    Condition,
    Framework,
    OfficialText,
    SourceNote,
)
from .permissions import VIEW_SOURCE_NOTES
from .rules import may_propose


class Reading(PlanPage, TemplateView):
    """A page of running text; ``kinds`` are the passages on it, in order."""

    kinds: tuple[PassageKind, ...] = ()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = selectors.passages(*self.kinds)
        places = [each.place for section in sections for each in section.passages]
        places += [each.place for each in self.placed()]
        return super().get_context_data(
            sections=sections,
            official=OfficialText.by_place(places, self.request.LANGUAGE_CODE),
            abbreviations=selectors.abbreviations(),
            **kwargs,
        )

    def placed(self) -> Iterable[Condition | Commitment | CommitmentPoint]:
        """What else the page shows that the official wording may have."""
        return ()


class Introduction(Reading):
    """Preamble, introduction, and the missions that go on outside the priorities."""

    template_name = "plans/introduction.html"
    kinds = (
        PassageKind.PREAMBLE,
        PassageKind.INTRODUCTION,
        PassageKind.EMPHASIS,
        PassageKind.REGULAR_MISSION,
        PassageKind.INTRODUCTION_AFTER,
        PassageKind.CHAPTER_INTRO,
        PassageKind.THEME_ELEMENT,
        PassageKind.CHAPTER_CLOSING,
    )


class Resources(Reading):
    """Chapter 3: what is said of resources and capacity, its commitments and its figures."""

    template_name = "plans/resources.html"
    kinds = (PassageKind.ORIENTATION, PassageKind.CAPACITY)

    @cached_property
    def commitments(self) -> list[Commitment]:
        return list(selectors.commitments())

    def placed(self) -> Iterable[Commitment | CommitmentPoint]:
        for commitment in self.commitments:
            yield commitment
            yield from commitment.points.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            commitments=self.commitments, figures=selectors.loose_figures(), **kwargs
        )


class FollowUp(Reading):
    """Chapter 4: who follows the plan and who evaluates it."""

    template_name = "plans/follow_up.html"
    kinds = (PassageKind.FOLLOW_UP, PassageKind.EVALUATION, PassageKind.ROLE)


class ConditionList(Reading):
    template_name = "plans/condition_list.html"
    kinds = (PassageKind.CONDITION_INTRO,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(conditions=selectors.conditions(), **kwargs)


class ConditionDetail(PlanPage, DetailView):
    """A condition: what it says on a day, its points, its measures, its amendments."""

    template_name = "plans/condition_detail.html"
    slug_field = slug_url_kwarg = "code"
    context_object_name = "condition"

    def get_queryset(self) -> QuerySet[Condition]:
        return selectors.conditions()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        condition = self.object
        form = InForceForm(self.request.GET or None, plan=condition.plan)
        wording = amendments.condition_wording(condition, form.day)
        places = [condition.place, *(each.place for each in condition.points.all())]
        return super().get_context_data(
            form=form,
            wording=wording,
            version=wording.version,
            official=OfficialText.by_place(places, self.request.LANGUAGE_CODE),
            abbreviations=selectors.abbreviations(),
            may_propose=may_propose(self.user),
            **kwargs,
        )


class FrameworkList(PlanPage, ListView):
    template_name = "plans/framework_list.html"
    context_object_name = "frameworks"

    def get_queryset(self) -> QuerySet[Framework]:
        return selectors.frameworks()


class FrameworkDetail(PlanPage, DetailView):
    """A policy framework, with what the apps above know of it: the themes that name it."""

    template_name = "plans/framework_detail.html"
    slug_field = slug_url_kwarg = "code"
    context_object_name = "framework"
    model = Framework


class Glossary(PlanPage, TemplateView):
    template_name = "plans/glossary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(letters=selectors.glossary(), **kwargs)


class References(PlanPage, TemplateView):
    """The dates and the legal references of the plan."""

    template_name = "plans/references.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            dates=selectors.key_dates(), laws=selectors.legal_references(), **kwargs
        )


class SourceNotes(PlanPage, ListView):
    """What is odd in the source text, for the secretariat."""

    permission = VIEW_SOURCE_NOTES.name
    template_name = "plans/source_notes.html"
    context_object_name = "notes"

    def get_queryset(self) -> QuerySet[SourceNote]:
        return selectors.source_notes()
