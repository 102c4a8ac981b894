"""Files beside a figure: who adds, sees and removes them, and that none is half stored."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from foundation.models import AuditEntry
from organisations.enums import Role
from submissions import demo, services
from submissions.enums import State
from submissions.filetypes import LARGEST
from submissions.forms import EvidenceForm
from submissions.models import Evidence, Extension, Remark, Round, Submission
from submissions.selectors import blocks_of
from submissions.services import evidence as evidence_services
from submissions.services import send_back
from submissions.tasks import sweep_files
from tests import factories as make
from tests.factories import figure

from . import hostile_files as files

pytestmark = pytest.mark.django_db


def stored() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


class Desk:
    """A zone's open form with one figure, and the people around it."""

    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone = make.make_zone("namur")
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        make.make_round()

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    @property
    def cell(self):
        [cell] = make.cells_of(self.submission)
        return cell

    @property
    def url(self) -> str:
        return reverse("cell-files", args=[self.cell.pk])

    def add(self, user=None, name="proof.pdf", content=files.PDF) -> Evidence:
        return services.add_evidence(
            actor=user or self.reporter, cell=self.cell, name=name, content=content
        )

    def post(self, user, name="proof.pdf", content=files.PDF):
        return signed_in(user).post(self.url, {"file": SimpleUploadedFile(name, content)})


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- Adding -----------------------------------------------------------------------------------


def test_a_reporter_adds_a_file_and_finds_it_with_the_figure(desk):
    answer = desk.post(desk.reporter)
    assert (answer.status_code, answer["Location"]) == (302, desk.url)
    evidence = Evidence.objects.get()
    assert (evidence.name, evidence.size, evidence.added_by) == (
        "proof.pdf",
        len(files.PDF),
        desk.reporter,
    )
    address = reverse("evidence-file", args=[evidence.key])
    client = signed_in(desk.reporter)
    for page in (
        desk.url,
        reverse("report", args=[make.QUARTER, "namur"]),
        reverse("cell-history", args=[desk.cell.pk]),
    ):
        assert address in client.get(page).text


def test_a_file_begins_the_draft_as_a_figure_does(desk):
    evidence = desk.add()
    begun = desk.submission
    assert (begun.state, begun.begun_by, begun.version) == (State.DRAFT, desk.reporter, 1)
    assert begun.begun_at >= evidence.added_at
    services.remove_evidence(actor=desk.approver, evidence=evidence)
    make.enter(desk.approver, desk.submission, figure(5))
    after = desk.submission
    assert (after.state, after.version) == (State.DRAFT, 3)
    assert (after.begun_at, after.begun_by) == (begun.begun_at, begun.begun_by)


def test_who_controls_finds_it_in_the_review(desk):
    evidence = desk.add()
    make.attested(desk.approver, desk.submission, figure(5))
    page = signed_in(desk.coordinator).get(reverse("review", args=[desk.submission.pk]))
    assert reverse("evidence-file", args=[evidence.key]) in page.text


def test_the_page_says_what_does_not_belong_there(desk):
    assert "No personal or operational data" in signed_in(desk.reporter).get(desk.url).text
    form = signed_in(desk.reporter).get(reverse("report", args=[make.QUARTER, "namur"]))
    assert f'href="{desk.url}"' in form.text


def test_it_says_so_in_the_language_of_the_page():
    def hint() -> str:
        return str(EvidenceForm().fields["file"].help_text)

    with override("fr"):
        french = hint()
    with override("nl"):
        assert hint().endswith("TXT.")
        assert hint() != french
    with override("en"):
        assert hint().startswith("No personal or operational data.")


def test_it_is_kept_outside_the_web_root_under_a_name_nobody_chose(desk, media):
    evidence = desk.add(name="../../x.pdf")
    [path] = stored()
    assert path == media / "evidence" / evidence.key.hex[:2] / evidence.key.hex
    assert path.read_bytes() == files.PDF
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, media / "evidence")]
    assert modes == [0o600, 0o700, 0o700]
    static = {Path(settings.STATIC_ROOT), *map(Path, settings.STATICFILES_DIRS)}
    assert not any(path.is_relative_to(each) for each in static)


def test_what_was_done_is_on_the_record(desk):
    evidence = desk.add()
    services.remove_evidence(actor=desk.approver, evidence=evidence)
    entries = AuditEntry.objects.filter(verb__startswith="evidence.").order_by("pk")
    assert [(each.verb, each.actor, each.details["evidence"]) for each in entries] == [
        ("evidence.added", desk.reporter, evidence.pk),
        ("evidence.removed", desk.approver, evidence.pk),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("proof.pdf", b"<html>", "not what its name says"),
        ("proof.svg", b"<svg/>", "This kind of file is not taken"),
        ("book.xlsm", files.xlsx(files.MACRO_SHEET), "This kind of file is not taken"),
        ("proof.pdf", b"", "The file is empty"),
        ("proof.csv", b"a" * (LARGEST + 1), "larger than 5 MB"),
    ],
)
def test_what_is_refused_is_said_at_the_field_and_nothing_is_kept(desk, name, content, said):
    answer = desk.post(desk.reporter, name, content)
    assert answer.status_code == 422
    assert said in answer.context["form"].errors["file"][0]
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_the_service_refuses_what_the_form_would(desk):
    with pytest.raises(ValueError, match=r"name|nom"):
        desk.add(content=b"<html>")
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_no_file_chosen_is_said(desk):
    answer = signed_in(desk.reporter).post(desk.url)
    assert (answer.status_code, answer.context["form"].errors["file"]) == (422, ["Choose a file."])


@pytest.mark.parametrize("name", ["cell-files", "report-upload"])
def test_who_is_signed_out_is_told_that_the_file_is_not_kept(desk, name):
    place = [desk.cell.pk] if name == "cell-files" else [make.QUARTER, desk.zone.slug]
    url = reverse(name, args=place)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sent = {"file": SimpleUploadedFile("proof.pdf", files.PDF)}
    page = client.post(url, sent, follow=True)
    assert page.redirect_chain == [(f"{reverse('account_login')}?next={url}", 302)]
    told = "the file is not kept: sign in, then choose it again."
    assert told in page.text
    assert told not in client.post(url, {}, follow=True).text


def test_a_name_is_cleaned_on_its_way(desk):
    evidence = desk.add(name="../x\r\nSet-Cookie: y=1\u202e.pdf")
    assert evidence.name == "xSet-Cookie_ y=1.pdf"
    Evidence.objects.update(name="x\r\nSet-Cookie: y=1.pdf")
    answer = signed_in(desk.reporter).get(reverse("evidence-file", args=[evidence.key]))
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert "\n" not in answer["Content-Disposition"]


def test_the_same_file_twice_is_said_and_kept_once(desk):
    desk.post(desk.reporter)
    again = signed_in(desk.approver).post(
        desk.url, {"file": SimpleUploadedFile("other.pdf", files.PDF)}, follow=True
    )
    assert "already there" in again.text
    assert (Evidence.objects.count(), len(stored())) == (1, 1)


def test_ten_files_are_the_most(desk):
    for number in range(services.MOST_FILES):
        desk.add(name="proof.csv", content=f"a;{number}".encode())
    answer = desk.post(desk.reporter)
    assert answer.status_code == 422
    assert len(stored()) == 10
    services.remove_evidence(actor=desk.reporter, evidence=Evidence.objects.first())
    assert desk.post(desk.reporter).status_code == 302


# --- Who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.STEERING, Role.EVALUATOR, Role.ADMINISTRATOR])
def test_nobody_finds_a_file_of_figures_they_may_not_see(desk, role):
    evidence = desk.add()
    elsewhere = make.make_zone("liege", dca=make.make_dca("dca-liege"))
    strangers = [
        make.make_user(role),
        make.make_user(Role.APPROVER, elsewhere),
        make.make_user(Role.COORDINATOR, elsewhere.controlled_by),
    ]
    addresses = [
        desk.url,
        reverse("evidence-file", args=[evidence.key]),
        reverse("evidence-remove", args=[evidence.key]),
    ]
    for user in strangers:
        client = signed_in(user)
        assert [client.get(each).status_code for each in addresses] == [404] * 3
        assert desk.post(user).status_code == 404
        assert client.post(addresses[2]).status_code == 404
    answers = [Client().get(each) for each in addresses]
    assert [answer["Location"].split("?")[0] for answer in answers] == ["/accounts/login/"] * 3
    assert Evidence.objects.filter(removed_at__isnull=True).count() == 1


def test_who_sees_the_figures_reads_but_does_not_add_or_remove(desk):
    evidence = desk.add()
    secretariat = make.make_user(Role.SECRETARIAT)
    authority = make.make_user(Role.AUTHORITY, desk.zone)
    for user in (desk.coordinator, secretariat, authority):
        client = signed_in(user)
        assert client.get(reverse("evidence-file", args=[evidence.key])).status_code == 200
        page = client.get(desk.url)
        assert 'type="file"' not in page.text
        assert desk.post(user, content=files.PDF + b"%%EOF").status_code == 403
        assert client.post(reverse("evidence-remove", args=[evidence.key])).status_code == 403
        with pytest.raises(PermissionDenied):
            desk.add(user, content=files.PDF + b"%%EOF")
        with pytest.raises(PermissionDenied):
            services.remove_evidence(actor=user, evidence=evidence)
    assert len(stored()) == Evidence.objects.filter(removed_at__isnull=True).count() == 1


# --- When ---------------------------------------------------------------------------------------


def test_files_come_and_go_while_figures_can_be_entered_only(desk):
    evidence = desk.add()
    sent = make.attested(desk.approver, desk.submission, figure(5))
    other = files.PDF + b"%%EOF"
    assert desk.post(desk.reporter, content=other).status_code == 409
    remove = reverse("evidence-remove", args=[evidence.key])
    client = signed_in(desk.reporter)
    assert client.get(remove)["Location"] == desk.url
    assert client.post(remove)["Location"] == desk.url
    assert (Evidence.objects.filter(removed_at__isnull=True).count(), len(stored())) == (1, 1)
    send_back(actor=desk.coordinator, submission=sent, version=sent.version, reason="Look again")
    assert desk.post(desk.reporter, content=other).status_code == 302


def test_a_locked_round_takes_no_file_unless_its_unit_has_more_time(desk):
    desk.submission.round.__class__.objects.update(
        opens_at=timezone.now() - dt.timedelta(days=9),
        due_at=timezone.now() - dt.timedelta(days=2),
        locks_at=timezone.now() - dt.timedelta(days=1),
    )
    assert desk.post(desk.reporter).status_code == 409
    assert stored() == []
    services.grant_extension(
        actor=make.make_user(Role.SECRETARIAT),
        submission=desk.submission,
        until=timezone.now() + dt.timedelta(days=1),
        reason="A flood",
    )
    assert desk.post(desk.reporter).status_code == 302


# --- Serving ------------------------------------------------------------------------------------


def test_a_file_is_saved_and_never_shown_as_a_page(desk):
    evidence = desk.add(name="Relevé n° 3.pdf")
    answer = signed_in(desk.reporter).get(reverse("evidence-file", args=[evidence.key]))
    assert answer.content == files.PDF
    headers = {name: answer[name] for name in ("Content-Type", "Content-Disposition")}
    assert headers == {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''Relev%C3%A9%20n%C2%B0%203.pdf",
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer["Cache-Control"]


def test_the_type_is_one_of_those_taken_whatever_the_row_says(desk):
    evidence = desk.add()
    Evidence.objects.update(content_type="text/html")
    answer = signed_in(desk.reporter).get(reverse("evidence-file", args=[evidence.key]))
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_file_that_was_lost_is_not_found(desk):
    evidence = desk.add()
    stored()[0].unlink()
    answer = signed_in(desk.reporter).get(reverse("evidence-file", args=[evidence.key]))
    assert answer.status_code == 404


# --- Removing -----------------------------------------------------------------------------------


def test_what_is_removed_stays_named_and_its_content_goes(desk, django_capture_on_commit_callbacks):
    evidence = desk.add()
    client = signed_in(desk.reporter)
    remove = reverse("evidence-remove", args=[evidence.key])
    assert "proof.pdf" in client.get(remove).text
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(remove)["Location"] == desk.url
        assert len(stored()) == 1, "until the removal is committed"
    assert stored() == []
    evidence.refresh_from_db()
    assert (evidence.removed_by, evidence.name) == (desk.reporter, "proof.pdf")
    for page in (desk.url, reverse("cell-history", args=[desk.cell.pk])):
        text = client.get(page).text
        assert "<s>proof.pdf</s>" in text
        assert reverse("evidence-file", args=[evidence.key]) not in text
    assert client.get(reverse("evidence-file", args=[evidence.key])).status_code == 404
    assert client.post(remove).status_code == 404
    assert desk.post(desk.reporter).status_code == 302, "the same file may come back"


def test_who_added_a_file_in_another_tab_is_told_that(desk):
    make.enter(desk.approver, desk.submission, figure(5))
    url = reverse("report", args=[desk.submission.round.period.code, desk.zone.slug])
    fields = {"action": "attest", "statement": "on", "version": desk.submission.version}
    desk.add(desk.approver)
    make.enter(desk.approver, desk.submission, figure(6))
    page = signed_in(desk.approver).post(url, fields)
    assert (page.status_code, desk.submission.state) == (409, State.DRAFT)
    [event] = page.context["events"]
    assert (event.title, event.actor) == ("File added", desk.approver.name)
    assert "You changed these figures in another page" in page.text
    assert "quicker" not in page.text


def test_nobody_attests_beside_other_files_than_they_saw(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    kept = desk.add()
    changes = {
        "File added": partial(desk.add, name="more.csv", content=b"Count;5"),
        "File removed": partial(services.remove_evidence, actor=desk.reporter, evidence=kept),
    }
    url = reverse("report", args=[desk.submission.round.period.code, desk.zone.slug])
    for title, change in changes.items():
        fields = {"action": "attest", "statement": "on", "version": desk.submission.version}
        change()
        page = signed_in(desk.approver).post(url, fields)
        assert (page.status_code, desk.submission.state) == (409, State.DRAFT)
        [event] = page.context["events"]
        assert (event.title, event.actor) == (title, desk.reporter.name)
    fields["version"] = desk.submission.version
    assert signed_in(desk.approver).post(url, fields).status_code == 302
    assert desk.submission.state == State.SUBMITTED


def test_of_two_removals_one_counts(desk):
    evidence = desk.add()
    done = [services.remove_evidence(actor=desk.reporter, evidence=evidence) for _ in range(2)]
    assert done == [True, False]
    assert AuditEntry.objects.filter(verb="evidence.removed").count() == 1


# --- Files and rows together ----------------------------------------------------------------------


def test_a_row_that_is_not_kept_leaves_no_file(desk, monkeypatch):
    def refuse(**_fields):
        assert len(stored()) == 1, "the file is written before its row"
        raise RuntimeError

    monkeypatch.setattr(evidence_services, "record", refuse)
    with pytest.raises(RuntimeError):
        desk.add()
    assert (Evidence.objects.count(), stored()) == (0, [])


def test_a_full_disk_is_said_and_leaves_nothing(desk, monkeypatch):
    def first_half(self, chunk_size=None):
        yield files.PDF[:10]
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(File, "chunks", first_half)
    monkeypatch.setattr("django.core.files.base.ContentFile.chunks", first_half, raising=False)
    with pytest.raises(services.NotStored):
        desk.add()
    assert (Evidence.objects.count(), stored()) == (0, [])
    monkeypatch.setattr(services, "add_evidence", _full)
    answer = desk.post(desk.reporter)
    assert answer.status_code == 503
    assert "could not be stored" in answer.context["form"].errors["file"][0]


def _full(**_fields):
    raise services.NotStored


def test_the_sweep_takes_orphans_of_yesterday_only(desk):
    kept, removed = desk.add(), desk.add(name="a.csv", content=b"a;1")
    services.remove_evidence(actor=desk.reporter, evidence=removed)
    with transaction.atomic():
        orphan = default_storage.save("evidence/aa/orphan", SimpleUploadedFile("x", b"x"))
    assert len(stored()) == 3, "the removal is not committed in this test"
    assert sweep_files() == 0
    yesterday = timezone.now().timestamp() - 25 * 3600
    for path in stored():
        os.utime(path, (yesterday, yesterday))
    assert sweep_files() == 2
    assert [path.name for path in stored()] == [kept.key.hex]
    assert not default_storage.exists(orphan)


def test_nothing_to_sweep_is_no_error():
    assert sweep_files() == 0


# --- The demonstration ----------------------------------------------------------------------------


def test_clearing_the_demonstration_takes_all_that_hangs_on_its_rounds(
    desk, django_capture_on_commit_callbacks
):
    desk.add()
    make.enter(desk.reporter, desk.submission, figure(5))
    services.grant_extension(
        actor=make.make_user(Role.SECRETARIAT),
        submission=desk.submission,
        until=desk.submission.round.locks_at + dt.timedelta(days=1),
        reason="A flood",
    )
    expectation = desk.cell.expectation
    Remark.objects.create(expectation=expectation, text="A remark", made_by=desk.reporter)
    Round.objects.update(is_demo=True)
    with django_capture_on_commit_callbacks(execute=True):
        removed = demo.clear()
    assert (removed["evidence"], removed["remark"], removed["extension"]) == (1, 1, 1)
    left = [model.objects.count() for model in (Evidence, Remark, Extension, Submission, Round)]
    assert (left, stored()) == ([0] * 5, [])


# --- Cost ---------------------------------------------------------------------------------------


def test_files_cost_the_form_one_query_whatever_their_number(
    desk, django_assert_num_queries, django_assert_max_num_queries
):
    from submissions.selectors import attached

    desk.add()
    submission = desk.submission
    with django_assert_num_queries(2):
        assert [len(each) for each in attached(submission).files.values()] == [1]
    for number in range(3):
        desk.add(name="proof.csv", content=f"a;{number}".encode())
    with django_assert_num_queries(2):
        assert [len(each) for each in attached(submission).files.values()] == [4]
    assert len(blocks_of(submission)) == 1
    client = signed_in(desk.reporter)
    client.get(desk.url)
    with django_assert_max_num_queries(9):
        client.get(desk.url)
