"""The slots in which higher apps show their panels."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from foundation import registries

register = template.Library()

NOTHING = 0


@register.simple_tag(takes_context=True)
def panels(context: template.Context, slot: str, subject: Any = None) -> SafeString:
    """The panels that apps registered for ``slot``, about ``subject`` if any, in floor order."""
    user = context["request"].user
    shown = (
        _rendered(panel, subject, user, context)
        for panel in registries.panels
        if panel.slot == slot and (panel.permission is None or user.access.may(panel.permission))
    )
    return mark_safe("".join(shown))  # noqa: S308 (rendered by templates that escape)


def _rendered(panel: registries.Panel, subject: Any, user: Any, context: template.Context) -> str:
    key = subject.pk if subject is not None else NOTHING
    about = panel.select([key], user).get(key)
    if about is None:
        return ""
    return render_to_string(
        panel.template,
        {"title": panel.title, "subject": subject, **about},
        request=context["request"],
    )
