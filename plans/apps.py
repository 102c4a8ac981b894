from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Plans")

    def ready(self) -> None:
        from foundation.registries import SearchSource, permissions, search_sources

        from . import amendments, selectors, services
        from .permissions import ALL
        from .registries import Amendable, amendables

        for permission in ALL:
            permissions.register(permission)
        amendables.register(
            Amendable("conditions", amendments.condition_changes, services.bring_into_force)
        )
        search_sources.register(SearchSource("plan", _("The plan"), selectors.find))
        search_sources.register(SearchSource("amendments", _("Amendments"), amendments.find))
