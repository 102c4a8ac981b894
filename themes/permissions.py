"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

VIEW_PLAN = Permission("themes.view_plan", _("read the plan"))
KEEP_ACTIONS = Permission("themes.keep_actions", _("keep the actions of their unit"))
KEEP_ALL_ACTIONS = Permission("themes.keep_all_actions", _("keep all actions"))
KEEP_ZONAL_PLAN = Permission("themes.keep_zonal_plan", _("keep the zonal plan of their zone"))
VIEW_UPTAKE = Permission("themes.view_uptake", _("see what each zone takes up of the plan"))
EDIT_TEXTS = Permission("themes.edit_texts", _("edit the texts of themes"))
ALL = [VIEW_PLAN, KEEP_ACTIONS, KEEP_ALL_ACTIONS, KEEP_ZONAL_PLAN, VIEW_UPTAKE, EDIT_TEXTS]
