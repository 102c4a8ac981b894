from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThemesConfig(AppConfig):
    name = "themes"
    verbose_name = _("Themes")

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
            succession_handlers,
        )
        from plans.registries import Amendable, amendables

        from . import amendments, selectors, services
        from .actions import selectors as actions
        from .permissions import ALL, VIEW_PLAN, VIEW_UPTAKE
        from .uptake import selectors as uptake
        from .uptake.succession import ZonalPlansHandler

        for permission in ALL:
            permissions.register(permission)
        navigation.register(
            NavigationItem("plan", _("The plan"), "plan-detail", VIEW_PLAN.name, order=90)
        )
        home_sections.register(
            HomeSection("zonal-plan", "themes/home_zonal_plan.html", uptake.home)
        )
        panels.register(
            Panel(
                "uptake",
                "objective",
                _("Zonal plans"),
                "themes/objective_uptake.html",
                uptake.objective_panels,
                VIEW_PLAN.name,
                order=30,
            )
        )
        panels.register(
            Panel(
                "zonal-plan",
                "unit",
                _("Zonal plan"),
                "themes/unit_zonal_plan.html",
                uptake.unit_panels,
                VIEW_UPTAKE.name,
            )
        )
        succession_handlers.register(ZonalPlansHandler())
        home_sections.register(HomeSection("actions", "themes/home_actions.html", actions.home))
        panels.register(
            Panel(
                "actions",
                "objective",
                _("Actions"),
                "themes/objective_actions.html",
                actions.panels,
                VIEW_PLAN.name,
                order=20,
            )
        )
        search_sources.register(SearchSource("uptake", _("Zonal plans"), uptake.find))
        search_sources.register(SearchSource("actions", _("Actions"), actions.find))
        panels.register(
            Panel(
                "frameworks",
                "framework",
                _("Themes"),
                "themes/framework_panel.html",
                selectors.framework_panels,
                VIEW_PLAN.name,
            )
        )
        amendables.register(Amendable("objectives", amendments.changes, services.bring_into_force))
        search_sources.register(SearchSource("themes", _("Themes and objectives"), selectors.find))
