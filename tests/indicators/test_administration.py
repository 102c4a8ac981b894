"""The secretariat edits the plan's texts in the administration; nothing else, and on the record."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from foundation.models import AuditEntry
from indicators.enums import Kind
from indicators.labels import DatingBasis
from indicators.models import HistoricalFigure, IndicatorVersion
from organisations.editing import LANGUAGES, Texts
from organisations.enums import Role
from plans.models import Condition, ConditionVersion
from tests.factories import make_condition, make_indicator, make_objective, make_user, make_zone
from themes.models import Objective

pytestmark = pytest.mark.django_db
TEXT_MODELS = [model for model, kept in admin.site._registry.items() if isinstance(kept, Texts)]


@pytest.fixture(autouse=True)
def _texts_in_french():
    with translation.override("fr"):
        yield


@pytest.fixture
def secretariat(client):
    user = make_user(Role.SECRETARIAT)
    client.force_login(user)
    return user


def address(row, page="change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def typed(row) -> dict[str, object]:
    """What the form of a row would send, unchanged."""
    kept = admin.site._registry[type(row)]
    names = set(kept.get_fields(None)) - set(kept.get_readonly_fields(None))
    values = {name: getattr(row, name) for name in names}
    return {
        name: getattr(value, "pk", value)
        for name, value in values.items()
        if value is not None and value is not False
    }


def save(client, row, **fields):
    return client.post(address(row), typed(row) | fields)


# --- Who may what -------------------------------------------------------------------------------


def test_only_people_units_and_texts_are_there():
    labels = {model._meta.app_label for model in admin.site._registry}
    assert labels == {"organisations", "plans", "themes", "indicators", "submissions"}
    assert len(TEXT_MODELS) > 20


@pytest.mark.parametrize("model", TEXT_MODELS, ids=lambda model: model._meta.label)
def test_the_secretariat_sees_each_list_and_neither_adds_nor_deletes(client, secretariat, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    answer = client.get(reverse(f"{name}_changelist"), {"q": "x"})
    assert answer.status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code == 403


def test_the_secretariat_sees_no_people(client, secretariat):
    index = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:app_list", args=["plans"]) in index
    assert "/admin/organisations/" not in index
    for model in ("user", "membership", "unit"):
        path = reverse(f"admin:organisations_{model}_changelist")
        assert client.get(path).status_code == 403
    assert client.get(address(secretariat)).status_code == 403


def test_the_administrator_sees_no_texts(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    index = client.get(reverse("admin:index")).content.decode()
    assert "/admin/organisations/" in index
    assert "/admin/plans/" not in index
    version = make_indicator()
    for page in ("change", "history"):
        assert client.get(address(version, page)).status_code == 403
    assert save(client, version, limits_fr="Autres").status_code == 403
    assert IndicatorVersion.objects.get().limits_fr != "Autres"


@pytest.mark.parametrize("role", [Role.REPORTER, Role.STEERING, Role.EVALUATOR])
def test_others_stay_outside(client, role):
    client.force_login(make_user(role, make_zone() if role == Role.REPORTER else None))
    version = make_indicator()
    assert client.get(address(version)).status_code == 302
    assert save(client, version, limits_fr="Autres").status_code == 302
    assert IndicatorVersion.objects.get().limits_fr != "Autres"


# --- What may be edited, and its history --------------------------------------------------------


def test_a_translation_is_edited_with_its_before_and_after(client, secretariat):
    version = make_indicator(limits="Limites")
    assert (
        save(client, version, name_nl="Controles", limits_fr="Limites connues").status_code == 302
    )
    version.refresh_from_db()
    assert (version.name_nl, version.limits_fr) == ("Controles", "Limites connues")
    entry = AuditEntry.objects.get(verb="indicatorversion.edited")
    assert (entry.actor, entry.subject_id) == (secretariat, version.pk)
    assert entry.details["changes"] == {
        "limits_fr": ["Limites", "Limites connues"],
        "name_nl": [None, "Controles"],
    }
    page = client.get(address(version, "history")).content.decode()
    for said in ("limits_fr", "Limites connues", "Controles", str(secretariat)):
        assert said in page


def test_saving_without_a_change_is_no_entry(client, secretariat):
    version = make_indicator(limits_fr="Limites", limits_nl="Grenzen")
    save(client, version)
    assert not AuditEntry.objects.filter(verb="indicatorversion.edited").exists()
    assert (
        "Nothing was changed"
        in client.get(address(version, "history"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    )


def test_what_amendments_change_is_for_reading(client, secretariat):
    version = make_indicator()
    before = IndicatorVersion.objects.values().get()
    save(
        client, version, name_fr="Autre", definition_fr="Autre", kind="ratio", direction="decrease",
        decimals="3", frequency="year", minimum_coverage="0",
    )  # fmt: skip
    assert IndicatorVersion.objects.values().get() == before
    page = client.get(address(version)).content.decode()
    assert reverse("definition-amend", args=["checks"]) in page


def test_parts_of_a_definition_are_translated(client, secretariat):
    version = make_indicator(kind=Kind.SCALE, options=["port"])
    level = version.levels.get(level=4)
    assert save(client, level, text_nl="Niveau 4", text_fr="Autre").status_code == 302
    level.refresh_from_db()
    assert (level.text_nl, level.text_fr) == ("Niveau 4", "Level 4 in words")
    assert save(client, version.options.get(), label_nl="Haven").status_code == 302
    assert version.options.get().label_nl == "Haven"


def test_a_published_figure_keeps_its_value(client, secretariat):
    figure = HistoricalFigure.objects.create(
        indicator=make_indicator().indicator, key="one", label="Messages", value=Fraction(12),
        unit="nombre", dating_basis=DatingBasis.STATED, dating="2018", source="Rapport",
        source_date="2019",
    )  # fmt: skip
    assert save(client, figure, value="99", source_fr="Rapport annuel").status_code == 302
    figure.refresh_from_db()
    assert (figure.value, figure.source) == (12, "Rapport annuel")


def test_a_condition_shows_the_translation_of_its_wording(client, secretariat):
    make_condition()
    version = ConditionVersion.objects.get()
    answer = save(
        client, version, title_nl="Voorwaarde", text_nl="Tekst", title_fr="Autre", text_fr="Autre"
    )
    assert answer.status_code == 302
    condition = Condition.objects.get()
    assert (condition.title_nl, condition.title_fr) == ("Voorwaarde", "Condition C1")


def test_an_objective_shows_the_translation_of_its_wording(client, secretariat):
    objective = make_objective()
    version = objective.versions.get()
    page = client.get(address(version)).content.decode()
    assert reverse("objective-amend", args=["1-F1"]) in page
    assert save(client, version, statement_nl="Doelstelling").status_code == 302
    assert Objective.objects.get().statement_nl == "Doelstelling"
    assert Objective.objects.get().statement_fr == "Statement of 1-F1"


def test_bad_input_is_told_at_the_field_and_nothing_is_saved(client, secretariat):
    version = make_indicator()
    answer = save(client, version, lower_bound="10", upper_bound="5", limits_fr="Autres limites")
    assert answer.status_code == 200
    assert "Autres limites" in answer.content.decode()
    version.refresh_from_db()
    assert (version.lower_bound, version.limits_fr) != (10, "Autres limites")
    answer = save(client, version, name_nl="x" * 300)
    assert "errorlist" in answer.content.decode()


def test_every_field_offered_exists_in_every_language():
    for model in TEXT_MODELS:
        kept = admin.site._registry[model]
        names = {field.name for field in model._meta.get_fields()}
        for name in (*kept.texts, *kept.amended):
            assert {f"{name}_{code}" for code in LANGUAGES} <= names, (model, name)
        assert set(kept.plain) <= names


def test_history_is_in_the_order_of_time(client, secretariat):
    version = make_indicator(limits_fr="un")
    for text in ("deux", "trois"):
        version.refresh_from_db()
        save(client, version, limits_fr=text)
    page = client.get(address(version, "history")).content.decode()
    assert page.index("trois") < page.index("un</td>")
    assert AuditEntry.objects.filter(at__lte=dt.datetime.now(dt.UTC)).count() == 2
