"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

VIEW_RESULTS = Permission("progress.view_results", _("see the results of areas"))
VIEW_UNIT_FIGURES = Permission(
    "progress.view_unit_figures", _("see the validated figures of every unit")
)
EXPORT = Permission("progress.export", _("take figures and results away"))
VIEW_PROVISIONAL = Permission(
    "progress.view_provisional", _("see the results of periods that are not closed")
)
CLOSE_PERIODS = Permission("progress.close_periods", _("close and reopen periods"))
ALL = [VIEW_RESULTS, VIEW_PROVISIONAL, VIEW_UNIT_FIGURES, EXPORT, CLOSE_PERIODS]
