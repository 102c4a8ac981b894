from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = _("Foundation")

    def ready(self) -> None:
        from foundation import checks  # noqa: F401  (registers the system checks)

        from .permissions import ALL, VIEW_STATE
        from .registries import NavigationItem, navigation, permissions

        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("state", _("Technical state"), "state", VIEW_STATE.name, order=20)
        )
