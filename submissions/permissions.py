"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

VIEW_UNIT = Permission("submissions.view_unit", _("see the figures of one's unit"))
ENTER = Permission("submissions.enter", _("enter figures"))
ATTEST = Permission("submissions.attest", _("attest and send figures"))
CONTROL = Permission("submissions.control", _("control what units send"))
CONTROL_ALL = Permission(
    "submissions.control_all", _("see all submissions and control what nobody else does")
)
MANAGE_ROUNDS = Permission("submissions.manage_rounds", _("open and extend rounds"))
#: Named as in every app whose rows the secretariat keeps in the administration.
EDIT_CHECKS = Permission("submissions.edit_texts", _("change the checks of figures"))
ALL = [VIEW_UNIT, ENTER, ATTEST, CONTROL, CONTROL_ALL, MANAGE_ROUNDS, EDIT_CHECKS]
