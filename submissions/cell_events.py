"""What happened to a figure: what was said, answered, validated, corrected and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from indicators.models import IndicatorVersion

from . import wording
from .content import Content
from .correction_lines import decision_text
from .enums import CorrectionState, Entrance, State
from .models import Correction, Measurement, Transition
from .presenters import Event, quoted


@dataclass(frozen=True, slots=True)
class CellRecord:
    """All that is known of a cell: revisions in order, the submission's steps in order, and
    corrections."""

    version: IndicatorVersion
    revisions: Sequence[Measurement]
    transitions: Sequence[Transition]
    corrections: Sequence[Correction]

    def events(self) -> list[Event]:
        """Last first; of one moment, what follows from something before it."""
        found = [*self._said(), *self._validated(), *self._asked()]
        return sorted(found, key=lambda event: event.when)[::-1]

    # What was said

    def _said(self) -> Iterator[Event]:
        became = {each.revision_id: each for each in self.corrections if each.revision_id}
        for before, revision in pairwise([None, *self.revisions]):
            if revision is None:
                continue
            yield Event(
                revision.entered_at,
                self._change(before, revision),
                str(revision.entered_by),
                " ".join(self._words(before, revision, became.get(revision.pk))),
            )

    def _change(self, before: Measurement | None, after: Measurement) -> str:
        now = self._figure(Content.of(after))
        return now if before is None else f"{self._figure(Content.of(before))} → {now}"

    def _words(
        self, before: Measurement | None, revision: Measurement, correction: Correction | None
    ) -> Iterator[str]:
        content, former = Content.of(revision), Content.of(before)
        entrance = Entrance(revision.entrance).label
        yield _("Revision %(number)s.") % {"number": revision.revision}
        yield _("Entrance: %(entrance)s.") % {"entrance": entrance}
        if content.reason:
            yield quoted(wording.absence_text(self.version, content))
        if content.steps_done != former.steps_done:
            yield f"{wording.steps_text(self.version, content)}."
        yield from _remarks(former, content)
        answered = self._return_answered_by(revision)
        if correction is not None:
            yield _("Correction: %(reason)s") % {"reason": quoted(correction.reason)}
        elif answered is not None:
            yield _("After the return: %(reason)s") % {"reason": quoted(answered.reason)}

    def _return_answered_by(self, revision: Measurement) -> Transition | None:
        """The return that stood when it was said: until the next validation."""
        standing = None
        for step in self.transitions:
            if step.at >= revision.entered_at:  # A return of that moment is of this revision.
                break
            if step.after == State.RETURNED:
                standing = step
            elif step.after == State.VALIDATED:
                standing = None
        return standing

    # What was validated

    def _validated(self) -> Iterator[Event]:
        """A step back to what was validated, when a merger is undone, validates nothing."""
        for step in self.transitions:
            if step.after == State.VALIDATED and step.before == State.SUBMITTED:
                said = [each for each in self.revisions if each.entered_at <= step.at]
                if said:
                    yield Event(step.at, self._validation(said[-1]), str(step.actor), step.reason)

    def _validation(self, revision: Measurement) -> str:
        return _("Validated: %(figure)s (revision %(number)s)") % {
            "figure": self._figure(Content.of(revision)),
            "number": revision.revision,
        }

    # What was asked after validation

    def _asked(self) -> Iterator[Event]:
        for each in self.corrections:
            before, after = Content.of(each.replaces), Content.from_dict(each.content)
            change = f"{self._figure(before)} → {self._figure(after)}"
            title = _("Correction asked: %(change)s") % {"change": change}
            words = [quoted(each.reason)]
            if after.steps_done != before.steps_done:
                words.append(f"{wording.steps_text(self.version, after)}.")
            yield Event(each.proposed_at, title, str(each.proposed_by), " ".join(words))
            yield from self._steps(each, change)

    def _steps(self, asked: Correction, change: str) -> Iterator[Event]:
        if asked.attested_at is not None and asked.attested_at != asked.proposed_at:
            title = _("Correction attested: %(change)s") % {"change": change}
            yield Event(asked.attested_at, title, str(asked.attested_by), "")
        if asked.decided_at is None:
            return
        said = decision_text(asked)
        yield Event(
            asked.decided_at,
            self._decision(asked, change),
            str(asked.decided_by),
            quoted(said) if said else "",
        )

    def _decision(self, asked: Correction, change: str) -> str:
        if asked.state == CorrectionState.ACCEPTED and asked.revision is not None:
            return self._validation(asked.revision)
        if asked.state == CorrectionState.WITHDRAWN:
            return _("Correction withdrawn: %(change)s") % {"change": change}
        return _("Correction refused: %(change)s") % {"change": change}

    def _figure(self, content: Content) -> str:
        return wording.figure_text(self.version, content)


def _remarks(before: Content, after: Content) -> Iterator[str]:
    """The comment and the flag, also that they went."""
    if after.comment:
        yield pgettext("history", "Comment: “%s”") % after.comment
    elif before.comment:
        yield _("The comment “%(text)s” goes.") % {"text": before.comment}
    if after.is_flagged:
        yield _("Flagged: the unit wants to come back to it.")
    elif before.is_flagged:
        yield _("No longer flagged.")
