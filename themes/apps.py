from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThemesConfig(AppConfig):
    name = "themes"
    verbose_name = _("Themes")

    def ready(self) -> None:
        from foundation.registries import (
            NavigationItem,
            SearchSource,
            navigation,
            permissions,
            search_sources,
        )

        from . import selectors
        from .permissions import ALL, VIEW_PLAN

        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("plan", _("The plan"), "plan-detail", VIEW_PLAN.name, order=90)
        )
        search_sources.register(SearchSource("themes", _("The plan"), selectors.find))
