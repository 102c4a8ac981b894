"""Demonstration accounts in templates: who one can enter as."""

from __future__ import annotations

from django import template

from organisations import demo
from organisations.models import User

register = template.Library()


@register.simple_tag
def demo_account(role: str) -> User | None:
    """The demonstration account that plays ``role`` in the tour."""
    return demo.account(role)
