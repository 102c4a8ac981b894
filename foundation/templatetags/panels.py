"""The slots in which higher apps show their panels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from foundation import registries

register = template.Library()

NOTHING = 0


@register.simple_tag(takes_context=True)
def panels(
    context: template.Context, slot: str, subject: Any = None, among: Iterable[Any] = ()
) -> SafeString:
    """The panels that apps registered for ``slot``, about ``subject`` if any, in their order.

    A page that shows them for each of several subjects gives all of them as ``among``: they are
    read together, once.
    """
    user = context["request"].user
    ids = tuple(each.pk for each in among) or (_id(subject),)
    shown = (
        _rendered(panel, subject, _read(panel, ids, context), context)
        for panel in sorted(registries.panels, key=lambda each: each.order)
        if panel.slot == slot and (panel.permission is None or user.access.may(panel.permission))
    )
    return mark_safe("".join(shown))  # noqa: S308 (rendered by templates that escape)


def _id(subject: Any) -> int:
    return NOTHING if subject is None else subject.pk


def _read(
    panel: registries.Panel, ids: tuple[int, ...], context: template.Context
) -> Mapping[int, Mapping[str, Any]]:
    """A panel's contexts by id, kept while the page is made."""
    render_context: Any = context.render_context
    kept = render_context.setdefault(panels, {})
    if (panel.name, ids) not in kept:
        kept[panel.name, ids] = panel.select(ids, context["request"].user)
    found: Mapping[int, Mapping[str, Any]] = kept[panel.name, ids]
    return found


def _rendered(
    panel: registries.Panel,
    subject: Any,
    found: Mapping[int, Mapping[str, Any]],
    context: template.Context,
) -> str:
    about = found.get(_id(subject))
    if about is None:
        return ""
    return render_to_string(
        panel.template,
        {"title": panel.title, "subject": subject, **about},
        request=context["request"],
    )
