"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

PROPOSE = Permission("plans.propose_amendments", _("propose amendments of the plan"))
RECORD = Permission("plans.record_amendments", _("put amendments on the record"))
VIEW_SOURCE_NOTES = Permission("plans.view_source_notes", _("read the notes on the source"))
EDIT_TEXTS = Permission("plans.edit_texts", _("edit the texts of the plan"))
ALL = [PROPOSE, RECORD, VIEW_SOURCE_NOTES, EDIT_TEXTS]
