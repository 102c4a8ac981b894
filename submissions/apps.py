from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubmissionsConfig(AppConfig):
    name = "submissions"
    verbose_name = _("Submissions")

    def ready(self) -> None:
        from foundation.registries import (
            HomeSection,
            NavigationItem,
            OutboxTopic,
            home_sections,
            navigation,
            outbox_topics,
            permissions,
            succession_handlers,
        )
        from indicators.registries import Measure, Settlement, settlements

        from . import home, selectors, services, tasks
        from .permissions import ALL, CONTROL, ENTER
        from .succession import RoundsHandler

        for permission in ALL:
            permissions.register(permission)
        navigation.register(NavigationItem("work", _("My work"), "work", ENTER.name, order=10))
        navigation.register(
            NavigationItem("review-queue", _("To control"), "review-queue", CONTROL.name, order=12)
        )
        home_sections.register(HomeSection("work", "submissions/home_work.html", home.work, 10))
        home_sections.register(
            HomeSection("review", "submissions/home_review.html", home.review, 12)
        )
        home_sections.register(HomeSection("read", "submissions/home_read.html", home.read, 14))
        outbox_topics.register(
            OutboxTopic(services.UPLOADS, tasks.read_upload.delay, services.reconcile_uploads)
        )
        succession_handlers.register(RoundsHandler())
        settlements.register(Settlement("asked", Measure.DEFINITION, selectors.asked_until))
