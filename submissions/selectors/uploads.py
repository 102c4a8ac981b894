"""Files of figures as the pages and the reading see them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from organisations.models import User
from submissions.enums import UploadState
from submissions.models import Measurement, Submission, Upload


def uploads_visible_to(user: User) -> QuerySet[Upload]:
    """Files for submissions that ``user`` may see; who may open one is for the rules."""
    return Upload.objects.filter(submission__in=Submission.objects.visible_to(user)).select_related(
        "submission__round__period",
        "submission__reporter__controlled_by",
        "version__indicator",
        "uploaded_by",
        "applied_by",
    )


def latest_uploads(submission: Submission, most: int = 10) -> list[Upload]:
    """The last files sent for a submission, without what was found in them."""
    sent = submission.uploads.select_related("uploaded_by").defer("faults", "changes")
    return list(sent[:most])


def applied_before(upload: Upload) -> Upload | None:
    """The same file, applied to the same submission before."""
    same = Upload.objects.filter(
        submission=upload.submission_id, sha256=upload.sha256, state=UploadState.APPLIED
    ).exclude(pk=upload.pk)
    return same.select_related("applied_by").defer("faults", "changes").first()


def revisions_at(versions: Mapping[int, int]) -> dict[tuple[int, int], Measurement]:
    """The revision of each cell at a version, by both; in one query, none for no cell."""
    if not versions:
        return {}
    wanted = Q(cell__in=versions, revision__in=set(versions.values()))
    rows = Measurement.objects.filter(wanted)
    return {
        (row.cell_id, row.revision): row for row in rows if versions[row.cell_id] == row.revision
    }
