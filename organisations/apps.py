from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "organisations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from foundation.registries import (
            NavigationItem,
            SearchSource,
            navigation,
            permissions,
            search_sources,
            succession_handlers,
        )

        from . import checks, selectors  # noqa: F401  (registers the system check)
        from .access import CHANGE_UNITS, VIEW_PEOPLE
        from .permissions import ALL
        from .succession import UnitsHandler

        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("people", _("Accounts"), "membership-list", VIEW_PEOPLE, order=15)
        )
        navigation.register(
            NavigationItem("zones", _("Zones"), "reorganisation-list", CHANGE_UNITS, order=16)
        )
        search_sources.register(SearchSource("units", _("Units"), selectors.find_units))
        succession_handlers.register(UnitsHandler())
