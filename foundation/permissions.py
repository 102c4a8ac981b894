"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from .registries import Permission

VIEW_STATE = Permission("foundation.view_state", _("see the technical state"))
ALL = [VIEW_STATE]
