"""One page with every component in it, and the addresses that its tests open."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from foundation import looks

OPENS = datetime(2026, 10, 1, tzinfo=UTC)
DUE = datetime(2027, 1, 26, 22, 59, 59, tzinfo=UTC)
LOCKS = datetime(2027, 2, 9, 22, 59, 59, tzinfo=UTC)


class Reader:
    """Somebody signed in, without a database."""

    is_authenticated = True

    def __str__(self) -> str:
        return "Encodeur de la ZP des Arches"


class EntryForm(forms.Form):
    """Every kind of control."""

    checks = forms.CharField(
        label="Contrôles",
        help_text="Nombre de contrôles, par exemple 410.",
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    reason = forms.ChoiceField(
        label="Pas de chiffre", choices=[("na", "Sans objet"), ("nd", "Non disponible")]
    )
    level = forms.ChoiceField(
        label="Niveau",
        choices=[("0", "Rien n’existe encore"), ("4", "Évalué chaque année")],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label="Commentaire", required=False, widget=forms.Textarea({"rows": 3})
    )
    attest = forms.BooleanField(
        label="J’atteste que ces chiffres correspondent à nos registres au 31 décembre."
    )
    evidence = forms.FileField(
        label="Fichier",
        required=False,
        help_text="Ni données personnelles ni opérationnelles.",
    )


class FilterForm(forms.Form):
    province = forms.ChoiceField(label="Province", required=False, choices=[("", "Toutes")])
    theme = forms.ChoiceField(label="Thème", required=False, choices=[("", "Tous")])


def context() -> dict[str, Any]:
    results = {
        "achieved": 6,
        "on_track": 31,
        "at_risk": 14,
        "off_track": 7,
        "moving_away": 4,
        "undetermined": 21,
    }
    entry = SimpleNamespace(
        when=DUE, title="Attesté et envoyé à la DCA Namur", actor="Chef de corps", text=""
    )
    return {
        "user": Reader(),
        "demo": True,
        "search_url": "/gallery/",
        "navigation": [
            {"label": label, "url": f"/{place}/", "current": place == 0}
            for place, label in enumerate(
                ("Vue d’ensemble", "Thèmes", "Zones", "Couverture", "Réunions", "Le plan")
            )
        ],
        "form": EntryForm({"checks": "", "reason": "x"}),
        "filter_form": FilterForm(),
        "results": results,
        "everything": dict.fromkeys(looks.STATUSES, 3),
        "submission_states": [s for s in looks.SUBMISSION_STATES if s not in {"late", "locked"}],
        "urls": {code: f"?status={code}" for code in results},
        "share": Fraction(97, 100),
        "opens": OPENS,
        "due": DUE,
        "locks": LOCKS,
        "now": OPENS + timedelta(days=60),
        "late": DUE + timedelta(days=3),
        "page_obj": Paginator(range(100), 10).page(2),
        "columns": range(1, 31),
        "rows": range(1, 31),
        "history": [118, 124, 97, 131],
        "entries": [entry, entry],
        "steps": ["0 à 9", "10 à 19", "20 à 29", "30 à 39", "40 et plus"],
    }


def gallery(request: HttpRequest) -> HttpResponse:
    messages.success(request, "3 envois validés, 1 non traité : modifié entre-temps.")
    messages.info(request, "La collecte du T4 2026 est ouverte.")
    return render(request, "gallery.html", context())


urlpatterns = [
    path("gallery/", gallery),
    path("", include("foundation.urls")),
    path("accounts/", include("allauth.urls")),
]
