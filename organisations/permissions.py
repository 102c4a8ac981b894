"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

from . import access

ALL = [
    Permission(access.ADMINISTER, _("open the technical administration")),
    Permission(access.CHANGE_UNITS, _("merge and split zones, and import populations")),
    Permission(access.INVITE_ANYONE, _("invite anyone, and end any role")),
    Permission(access.INVITE_REPORTERS, _("invite the reporters of a unit, and end their role")),
    Permission(access.KEEP_CONTACTS, _("keep the telephone and the mailbox of a unit")),
    Permission(access.VIEW_PEOPLE, _("see who holds which role")),
]
