from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = _("Foundation")

    def ready(self) -> None:
        from . import mailing, notices, tasks
        from .permissions import ALL, VIEW_STATE
        from .registries import NavigationItem, OutboxTopic, navigation, outbox_topics, permissions
        from .sqlite import assert_options, use_real_variable_limit

        connection_created.connect(assert_options)
        connection_created.connect(use_real_variable_limit)
        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("state", _("Technical state"), "state", VIEW_STATE.name, order=20)
        )
        outbox_topics.register(
            OutboxTopic(notices.TOPIC, tasks.send_notice.delay, renew=mailing.renew)
        )
