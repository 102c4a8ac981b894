from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubmissionsConfig(AppConfig):
    name = "submissions"
    verbose_name = _("Submissions")

    def ready(self) -> None:
        from foundation.registries import (
            HomeSection,
            KeptFiles,
            NavigationItem,
            OutboxTopic,
            home_sections,
            kept_files,
            navigation,
            notice_kinds,
            outbox_topics,
            permissions,
            succession_handlers,
        )
        from indicators.registries import Measure, Settlement, settlements
        from organisations.registries import PopulationTaker, population_takers

        from . import home, notices, selectors, services, tasks
        from .permissions import ALL, CONTROL, ENTER, MANAGE_ROUNDS
        from .services import peers
        from .succession import RoundsHandler

        for permission in ALL:
            permissions.register(permission)
        for kind in notices.KINDS:
            notice_kinds.register(kind)
        outbox_topics.register(OutboxTopic(peers.TOPIC, tasks.compare.delay, is_derived=True))
        navigation.register(NavigationItem("work", _("My work"), "work", ENTER.name, order=10))
        navigation.register(
            NavigationItem("review-queue", _("To control"), "review-queue", CONTROL.name, order=12)
        )
        navigation.register(
            NavigationItem("control-work", _("My work"), "work", CONTROL.name, order=10)
        )
        navigation.register(
            NavigationItem("rounds", _("Rounds"), "round-list", MANAGE_ROUNDS.name, order=14)
        )
        home_sections.register(HomeSection("work", "submissions/home_work.html", home.work, 10))
        home_sections.register(
            HomeSection("review", "submissions/home_review.html", home.review, 12)
        )
        home_sections.register(HomeSection("read", "submissions/home_read.html", home.read, 14))
        home_sections.register(
            HomeSection("about-us", "submissions/home_about_us.html", home.about_us, 15)
        )
        outbox_topics.register(
            OutboxTopic(services.UPLOADS, tasks.read_upload.delay, services.reconcile_uploads)
        )
        kept_files.register(KeptFiles("evidence", services.kept_evidence))
        kept_files.register(KeptFiles("uploads", services.kept_uploads))
        succession_handlers.register(RoundsHandler())
        population_takers.register(
            PopulationTaker(
                "rounds",
                lambda actor, units: services.take_populations(actor=actor, units=units),
            )
        )
        settlements.register(Settlement("asked", Measure.DEFINITION, selectors.asked_until))
