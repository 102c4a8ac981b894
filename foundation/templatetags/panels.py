"""The slots in which higher apps show their panels."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from foundation import registries

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: template.Context, slot: str, subject: Any) -> SafeString:
    """The panels that apps registered for ``slot``, about ``subject``, in floor order."""
    user = context["request"].user
    shown = (
        _rendered(panel, subject, user, context)
        for panel in registries.panels
        if panel.slot == slot
        and (panel.permission is None or user.access.may(panel.permission))
    )
    return mark_safe("".join(shown))  # noqa: S308 (rendered by templates that escape)


def _rendered(
    panel: registries.Panel, subject: Any, user: Any, context: template.Context
) -> str:
    about = panel.select([subject.pk], user).get(subject.pk, {})
    return render_to_string(
        panel.template,
        {"title": panel.title, "subject": subject, **about},
        request=context["request"],
    )
