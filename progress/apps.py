from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgressConfig(AppConfig):
    name = "progress"
    verbose_name = _("Progress")

    def ready(self) -> None:
        from foundation.registries import (
            HomeSection,
            NavigationItem,
            OutboxTopic,
            Panel,
            SearchSource,
            home_sections,
            navigation,
            outbox_topics,
            panels,
            permissions,
            search_sources,
        )
        from indicators.registries import Measure, Settlement, settlements
        from submissions.registries import Closure, closures

        from . import discover, method, nightly, services, snapshots, tasks
        from .models import Recomputation
        from .permissions import ALL, CLOSE_PERIODS, EXPORT, VIEW_RESULTS
        from .selectors import closings, indicator, overview, state

        for permission in ALL:
            permissions.register(permission)
        outbox_topics.register(
            OutboxTopic(
                services.TOPIC,
                tasks.recompute.delay,
                services.reconcile,
                most=50,
                is_derived=True,
            )
        )
        outbox_topics.register(
            OutboxTopic(Recomputation.TOPIC, tasks.recompute_indicator.delay, is_derived=True)
        )
        panels.register(
            Panel(
                "recomputation",
                "state",
                _("Recomputation of all results"),
                "progress/recomputation_panel.html",
                state.recomputation_panel,
                "foundation.view_state",
            )
        )
        outbox_topics.register(OutboxTopic(nightly.TOPIC, tasks.verify_indicator.delay))
        panels.register(
            Panel(
                "verification",
                "state",
                _("Verification of results"),
                "progress/verification_panel.html",
                state.verification_panel,
                "foundation.view_state",
            )
        )
        outbox_topics.register(OutboxTopic(snapshots.TOPIC, tasks.snapshot.delay))
        navigation.register(
            NavigationItem(
                "progress", _("Overview"), "progress-overview", VIEW_RESULTS.name, order=30
            )
        )
        navigation.register(
            NavigationItem(
                "coverage", _("Coverage"), "progress-coverage", VIEW_RESULTS.name, order=40
            )
        )
        navigation.register(
            NavigationItem("periods", _("Closing"), "period-list", CLOSE_PERIODS.name, order=45)
        )
        navigation.register(
            NavigationItem("data", _("Data"), "data-download", EXPORT.name, order=60)
        )
        home_sections.register(
            HomeSection("progress", "progress/home_section.html", overview.home_section, 20)
        )
        panels.register(
            Panel(
                "indicators",
                "objective",
                _("Indicators"),
                "progress/objective_panel.html",
                overview.objective_panels,
                VIEW_RESULTS.name,
                order=10,
            )
        )
        for kind in ("point", "condition", "commitment"):
            panels.register(
                Panel(
                    f"indicators of a {kind}",
                    kind,
                    _("Indicators"),
                    "progress/promise_panel.html",
                    partial(overview.promise_panels, kind),
                    VIEW_RESULTS.name,
                )
            )
        panels.register(
            Panel(
                "demo entrances",
                "sign-in",
                _("Enter the demonstration"),
                "progress/demo_entrances.html",
                discover.entrances,
            )
        )
        panels.register(
            Panel("method", "help", _("The method"), "progress/method_link.html", method.help_link)
        )
        search_sources.register(SearchSource("indicators", _("Indicators"), indicator.find))
        settlements.register(Settlement("judged", Measure.PATH, indicator.judged_until))
        closures.register(Closure("closed", closings.closed_ids))
