"""System checks: roles hold the permissions that the apps declare, neither more nor fewer."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from foundation.registries import permissions

from .access import BUNDLES


@register
def bundles_match_declarations(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Errors for a name in a bundle that no app declares, and a declared one that no role has.

    A name declared twice stops the start earlier, in the registry.
    """
    declared = {permission.name for permission in permissions}
    held = frozenset[str]().union(*BUNDLES.values())
    unknown = [
        Error(f"A role holds {name!r}, which no app declares", id="jalon.E011")
        for name in sorted(held - declared)
    ]
    unused = [
        Error(f"{name!r} is declared, but no role holds it", id="jalon.E012")
        for name in sorted(declared - held)
    ]
    return [*unknown, *unused]
