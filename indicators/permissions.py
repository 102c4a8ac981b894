"""What this app lets roles do."""

from django.utils.translation import gettext_lazy as _

from foundation.registries import Permission

VIEW_CODEBOOK = Permission("indicators.view_codebook", _("read the definitions of indicators"))
ASK = Permission("indicators.ask", _("ask about a definition"))
ANSWER = Permission("indicators.answer", _("answer questions about definitions"))
EDIT_TEXTS = Permission("indicators.edit_texts", _("edit the texts of definitions"))
ALL = [VIEW_CODEBOOK, ASK, ANSWER, EDIT_TEXTS]
