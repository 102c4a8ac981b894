"""Forms of definitions and target paths as the steering group adjusts them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from organisations.forms import date_field
from plans.forms import IN_FRENCH, RecordedActForm
from plans.services import french

from .calculation.values import COMPARABLE
from .enums import Kind
from .labels import DIRECTIONS, FREQUENCIES, TEMPORALS
from .models import IndicatorVersion, TargetPath
from .services import PLAIN, TEXTS, Decision, Milestone

YEARS = (2026, 2027, 2028, 2029)
LEVELS = 5
PLACES = 6
STEP = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})\s+(?P<text>\S.*)")
AMOUNTS = ("baseline", "target", "band_low", "band_high")


def _text(label: Any, rows: int = 0, *, required: bool = True, **options: Any) -> forms.CharField:
    if not rows:
        return forms.CharField(label=label, required=required, **options)
    widget = forms.Textarea(attrs={"rows": rows})
    return WordsField(label=label, required=required, widget=widget, **options)


def _amount(label: Any, **options: Any) -> forms.DecimalField:
    """A figure as readers write it, with six decimals at most."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label,
        required=False,
        localize=True,
        max_digits=18,
        decimal_places=PLACES,
        widget=widget,
        **options,
    )


def _whole(label: Any, most: int, **options: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, min_value=options.pop("least", 0), max_value=most, widget=widget, **options
    )


def shown(value: Fraction | None) -> Decimal | None:
    """A figure as the form first shows it, rounded to six decimals."""
    if value is None:
        return None
    units = round(value * 10**PLACES)
    return Decimal(units).scaleb(-PLACES).normalize() + Decimal(0)


def _exact(said: Decimal | None, before: Fraction | None) -> Fraction | None:
    """What is meant: the exact figure there was, where the form shows it unchanged."""
    if said is None:
        return None
    return before if said == shown(before) else Fraction(said)


class DecisionForm(RecordedActForm):
    """A decision of the steering group, with its reference and its day."""

    def decision(self) -> Decision:
        names = ("reference", "reason", "adopted_on", "effective_on")
        return Decision(**{name: self.cleaned_data[name] for name in names})


class DefinitionForm(DecisionForm):
    """A definition as it is from a day on, in French. Starts from the last one."""

    name = _text(_("Name"), max_length=200)
    definition = _text(_("Definition"), 6, help_text=IN_FRENCH)
    unit = _text(_("Unit"), max_length=60)
    numerator_label = _text(_("Number or numerator"), max_length=200)
    denominator_label = _text(_("Denominator"), max_length=200, required=False)
    limits = _text(_("Limits"), 4, required=False)
    breakdown_label = _text(_("Breakdown"), max_length=100, required=False)
    levels = _text(_("Levels"), 6, help_text=_("A line a level, from 0 to 4."))
    steps = _text(
        _("Milestones"),
        6,
        help_text=_(
            "A line a milestone: its day, then what will have been reached, as “2027-12-31 "
            "Register in use”. A milestone moved to another day keeps the day first planned."
        ),
    )
    source_system = _text(_("Source system"), max_length=200)
    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS)
    temporal = forms.ChoiceField(label=_("Over time"), choices=TEMPORALS)
    frequency = forms.ChoiceField(label=_("Frequency"), choices=FREQUENCIES)
    decimals = _whole(_("Decimals of what is reported"), 6)
    display_decimals = _whole(_("Decimals shown"), 6)
    scale = _whole(
        _("Scale"), 10_000_000, least=1, help_text=_("100 for per cent, 100000 for a rate.")
    )
    is_part = forms.BooleanField(
        label=_("The numerator is a part of the denominator"), required=False
    )
    threshold_level = _whole(_("Level that counts as reached"), 4)
    lower_bound = _amount(_("Lowest plausible figure"))
    upper_bound = _amount(_("Highest plausible figure"))
    minimum_coverage = _amount(_("Minimum coverage"), help_text=_("In per cent."))
    materiality = _amount(_("Materiality"))
    for_every_unit = forms.BooleanField(
        label=_("The nation’s path holds for every unit"), required=False
    )

    field_order = [
        *TEXTS, "levels", "steps", "direction", "temporal", "frequency", "decimals",
        "display_decimals", "scale", "is_part", "threshold_level", "lower_bound", "upper_bound",
        "minimum_coverage", "materiality", "for_every_unit", "reason", "effective_on", "reference",
        "adopted_on",
    ]  # fmt: skip

    def __init__(self, *args: Any, version: IndicatorVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        self.fields["minimum_coverage"].required = True
        for name in _absent(version):
            del self.fields[name]

    @staticmethod
    def words(version: IndicatorVersion) -> dict[str, Any]:
        """A definition as its form first shows it."""
        unit = 10**version.decimals
        bounds = {
            name: None if (bound := getattr(version, name)) is None else Fraction(bound, unit)
            for name in ("lower_bound", "upper_bound")
        }
        return {
            **{name: french(version, name) for name in TEXTS},
            **{name: getattr(version, name) for name in PLAIN},
            **{name: shown(bound) for name, bound in bounds.items()},
            "minimum_coverage": shown(version.minimum_coverage * 100),
            "materiality": shown(version.materiality),
            "levels": "\n".join(french(level, "text") for level in version.levels.all()),
            "steps": "\n".join(
                f"{step.due_on.isoformat()} {french(step, 'text')}" for step in version.steps.all()
            ),
        }

    def clean_levels(self) -> str:
        lines = _lines(self.cleaned_data["levels"])
        if len(lines) != LEVELS:
            raise forms.ValidationError(_("Word each of the five levels, a line each."))
        return "\n".join(lines)

    def clean_steps(self) -> str:
        list(_milestones(self.cleaned_data["steps"]))
        return "\n".join(_lines(self.cleaned_data["steps"]))

    def clean(self) -> dict[str, Any]:
        """Bounds are whole numbers of the smallest unit that is reported."""
        said = self.cleaned_data
        unit = 10 ** (said.get("decimals") or 0)
        for name in ("lower_bound", "upper_bound"):
            if said.get(name) is not None and (Fraction(said[name]) * unit).denominator != 1:
                text = _("Give no more decimals than are reported.")
                self.add_error(name, text)
        return said

    def wanted_texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS if name in self.fields}

    def wanted_values(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in PLAIN if name in self.fields}
        unit = 10 ** said["decimals"]
        for name in ("lower_bound", "upper_bound"):
            if said.get(name) is not None:
                said[name] = int(Fraction(said[name]) * unit)
        coverage = _exact(said["minimum_coverage"], self.version.minimum_coverage * 100)
        said["minimum_coverage"] = None if coverage is None else coverage / 100
        said["materiality"] = _exact(said["materiality"], self.version.materiality)
        return said

    def wanted_levels(self) -> list[str] | None:
        return _lines(self.cleaned_data["levels"]) if "levels" in self.fields else None

    def wanted_steps(self) -> list[Milestone] | None:
        if "steps" not in self.fields:
            return None
        return list(_milestones(self.cleaned_data["steps"]))


def _absent(version: IndicatorVersion) -> Iterator[str]:
    """The fields that mean nothing to a definition of that kind."""
    if version.kind != Kind.SCALE:
        yield from ("levels", "threshold_level")
    if version.kind != Kind.MILESTONES:
        yield "steps"
    if version.kind not in (Kind.RATIO, Kind.MEAN):
        yield "denominator_label"
    if version.kind != Kind.RATIO:
        yield "is_part"
    if version.kind not in COMPARABLE:
        yield "for_every_unit"
    if not version.breakdown_label:
        yield "breakdown_label"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _milestones(text: str) -> Iterator[Milestone]:
    """Raises ValidationError, naming the line that cannot be read."""
    for number, line in enumerate(_lines(text), start=1):
        parts = STEP.fullmatch(line)
        message = now("Line %(number)s: begin with the day, as 2027-12-31, then say what it is.")
        error = forms.ValidationError(message % {"number": number})
        if parts is None:
            raise error
        try:
            day = dt.date.fromisoformat(parts["day"])
        except ValueError:
            raise error from None
        if len(parts["text"]) > 300:
            too_long = now("Line %(number)s: 300 characters at most.")
            raise forms.ValidationError(too_long % {"number": number})
        yield Milestone(parts["text"], day)


class PathForm(DecisionForm):
    """A target path as it is from a day on. All empty: nothing is asked for any more."""

    baseline = _amount(_("Baseline"))
    baseline_end = date_field(label=_("End of the baseline’s period"), required=False)
    baseline_source = _text(_("Source of the baseline"), max_length=300, required=False)
    point_2026 = _amount(_("Value at the end of 2026"))
    point_2027 = _amount(_("Value at the end of 2027"))
    point_2028 = _amount(_("Value at the end of 2028"))
    point_2029 = _amount(_("Value at the end of 2029"))
    target = _amount(_("Final target"))
    band_low = _amount(_("Lower limit of the band"))
    band_high = _amount(_("Upper limit of the band"))

    field_order = [
        "baseline", "baseline_end", "baseline_source", *(f"point_{year}" for year in YEARS),
        "target", "band_low", "band_high", "reason", "effective_on", "reference", "adopted_on",
    ]  # fmt: skip

    def __init__(self, *args: Any, path: TargetPath | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.path = path

    @staticmethod
    def words(path: TargetPath | None) -> dict[str, Any]:
        """A path as its form first shows it; empty where there is none."""
        if path is None:
            return dict.fromkeys(
                (*AMOUNTS, "baseline_end", *(f"point_{year}" for year in YEARS))
            ) | {"baseline_source": ""}
        points = _points(path)
        return {
            **{name: shown(getattr(path, name)) for name in AMOUNTS},
            **{f"point_{year}": shown(points.get(year)) for year in YEARS},
            "baseline_end": path.baseline_end,
            "baseline_source": path.baseline_source,
        }

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("baseline") is not None:
            for name, text in (
                ("baseline_end", _("A baseline has the end of its period.")),
                ("baseline_source", _("A baseline has its source.")),
            ):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, text)
        if (said.get("band_low") is None) != (said.get("band_high") is None):
            missing = "band_low" if said.get("band_low") is None else "band_high"
            if not {"band_low", "band_high"} & set(self.errors):
                self.add_error(missing, _("A band has two limits."))
        return said

    def wanted_values(self) -> dict[str, Any]:
        return {
            **{name: _exact(self.cleaned_data[name], self._before(name)) for name in AMOUNTS},
            "baseline_end": self.cleaned_data["baseline_end"],
            "baseline_source": self.cleaned_data["baseline_source"],
        }

    def wanted_points(self) -> dict[int, Fraction]:
        before = _points(self.path) if self.path else {}
        said = {year: self.cleaned_data[f"point_{year}"] for year in YEARS}
        exact = {year: _exact(value, before.get(year)) for year, value in said.items()}
        return {year: value for year, value in exact.items() if value is not None}

    def _before(self, name: str) -> Fraction | None:
        value: Fraction | None = getattr(self.path, name) if self.path else None
        return value


def _points(path: TargetPath) -> Mapping[int, Fraction]:
    return {point.year: point.value for point in path.points.all()}
