from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        from foundation.registries import (
            HomeSection,
            NavigationItem,
            Panel,
            SearchSource,
            home_sections,
            navigation,
            panels,
            permissions,
            search_sources,
        )
        from plans.registries import Amendable, amendables

        from .codebook import selectors
        from .permissions import ALL, VIEW_CODEBOOK
        from .selectors import amended_definitions, amended_paths

        amendables.register(Amendable("definitions", amended_definitions))
        amendables.register(Amendable("paths", amended_paths))
        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("codebook", _("Codebook"), "codebook-list", VIEW_CODEBOOK.name, order=95)
        )
        panels.register(
            Panel(
                "measures",
                "objective",
                _("Indicators"),
                "indicators/objective_measures.html",
                selectors.objective_measures,
                VIEW_CODEBOOK.name,
                order=10,
            )
        )
        home_sections.register(
            HomeSection("questions", "indicators/home_questions.html", selectors.home)
        )
        search_sources.register(SearchSource("codebook", _("Codebook"), selectors.find))
