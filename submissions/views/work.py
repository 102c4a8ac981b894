"""What is due in one's units."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from foundation.views import RequiresPermission
from submissions import presenters, selectors
from submissions.permissions import ENTER

from .pages import SignedIn


class Work(SignedIn, RequiresPermission, TemplateView):
    """What is due in my units, what came back, and what has gone."""

    permission = ENTER.name
    template_name = "submissions/work.html"
    most = 60

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = selectors.work_of(self.user)[: self.most]
        lines = [presenters.WorkLine.for_user(each, self.user, now) for each in found]
        work = presenters.Work(lines)
        planned = None if work.open else selectors.next_round()
        return super().get_context_data(work=work, now=now, planned=planned, **kwargs)
