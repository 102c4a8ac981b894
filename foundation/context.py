"""What every page's template knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from .registries import Label, NavigationItem, navigation


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the main navigation as shown."""

    label: Label
    url: str
    current: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """``demo``: whether the strip shows; ``navigation``: links by role; addresses."""
    # A request refused early, for its host name, never gets a user.
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    return {
        "demo": settings.DEMO,
        "navigation": links(request) if signed_in else [],
        "search_url": reverse("search") if signed_in else "",
        "contact_email": settings.CONTACT_EMAIL,
    }


def links(request: HttpRequest) -> Sequence[Link]:
    """The navigation of whoever is signed in; the longest matching address is current."""
    shown = [(item, reverse(item.url_name)) for item in allowed_items(request.user)]
    matching = [url for _item, url in shown if request.path.startswith(url)]
    current = max(matching, key=len, default=None)
    return [Link(item.label, url, url == current) for item, url in shown]


def allowed_items(user: Any) -> list[NavigationItem]:
    allowed = [
        item for item in navigation if item.permission is None or user.access.may(item.permission)
    ]
    return sorted(allowed, key=lambda item: item.order)
