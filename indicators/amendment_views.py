"""Pages on which the secretariat records how the steering group adjusts an indicator."""

from __future__ import annotations

from typing import Any, cast

from django import forms as django_forms
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from organisations.enums import AreaKind
from organisations.models import Area
from plans import rules as plan_rules
from plans.amendment_views import Proposal
from plans.models import Amendment

from . import forms, selectors, services
from .models import Indicator, IndicatorVersion, TargetPath


class Adjustment(Proposal):
    """Another definition or path of an indicator: 403 for who may not record it."""

    template_name = "indicators/adjustment_form.html"

    @cached_property
    def subject(self) -> Indicator:
        found = Indicator.objects.select_related(*Indicator.RELATED)
        return get_object_or_404(found, code=self.kwargs["code"], versions__number=1)

    @cached_property
    def version(self) -> IndicatorVersion:
        return selectors.last_version(self.subject)

    def allowed(self) -> bool:
        return plan_rules.may_record(self.user)

    def built(self, **kwargs: Any) -> django_forms.Form:
        raise NotImplementedError

    def make_form(self, **kwargs: Any) -> django_forms.Form:
        self.form = self.built(**kwargs)
        return self.form

    def told(self, amendment: Amendment) -> str:
        return _("The decision is on the record.")

    def _page(self, form: django_forms.Form, status: int = 200, **context: Any) -> Any:
        return super()._page(form, status, version=self.version, **context)


class DefinitionAmend(Adjustment):
    """Another definition: from its day on, figures are reported by it."""

    form_class = forms.DefinitionForm

    @property
    def compared(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the kind of indicator has, but the decision itself."""
        return tuple(
            name for name in self.form.fields if name not in forms.DecisionForm.base_fields
        )

    def built(self, **kwargs: Any) -> django_forms.Form:
        return forms.DefinitionForm(version=self.version, **kwargs)

    def words(self) -> dict[str, Any]:
        return forms.DefinitionForm.words(self.version)

    def send(self, said: dict[str, Any]) -> Amendment:
        form = cast(forms.DefinitionForm, self.form)
        return services.record_indicator_amendment(
            actor=self.user,
            indicator=self.subject,
            decision=form.decision(),
            texts=form.wanted_texts(),
            values=form.wanted_values(),
            steps=form.wanted_steps(),
            levels=form.wanted_levels(),
        )


class PathAmend(Adjustment):
    """Another target path of the nation: from its day on, figures are held against it."""

    form_class = forms.PathForm
    template_name = "indicators/path_form.html"
    compared = (
        "baseline", "baseline_end", "baseline_source",
        *(f"point_{year}" for year in forms.YEARS), "target", "band_low", "band_high",
    )  # fmt: skip

    @cached_property
    def area(self) -> Area:
        return get_object_or_404(Area, kind=AreaKind.NATION)

    @cached_property
    def path(self) -> TargetPath | None:
        """The path that begins last."""
        known = selectors.paths_of(self.subject, self.area)
        return known[-1] if known else None

    def built(self, **kwargs: Any) -> django_forms.Form:
        return forms.PathForm(path=self.path, **kwargs)

    def words(self) -> dict[str, Any]:
        return forms.PathForm.words(self.path)

    def send(self, said: dict[str, Any]) -> Amendment:
        form = cast(forms.PathForm, self.form)
        return services.record_path_amendment(
            actor=self.user,
            indicator=self.subject,
            area=self.area,
            decision=form.decision(),
            values=form.wanted_values(),
            points=form.wanted_points(),
        )
