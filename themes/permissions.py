"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

VIEW_PLAN = Permission("themes.view_plan", _("read the plan"))
ALL = [VIEW_PLAN]
