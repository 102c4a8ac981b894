"""Backup and restore: all of it or nothing, and nothing that a file in parts could bring."""

import fcntl
import re
import stat
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.utils import timezone

from config import prepare
from foundation import archives, backups, dumps, seals
from foundation.models import AuditEntry, AuditSeal, OutboxEntry
from indicators.models import IndicatorVersion
from organisations.enums import AreaKind, Role
from organisations.models import Area, Unit
from progress.models import Result
from progress.services import recompute_all
from submissions.models import Evidence, Measurement
from submissions.services import validate
from tests.conftest import remove_seals
from tests.factories import (
    attested,
    cells_of,
    figure,
    make_area,
    make_dca,
    make_indicator,
    make_path,
    make_round,
    make_user,
    make_zone,
    submission_of,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
CONTENT = b"The register, as printed."


@pytest.fixture
def home(settings, tmp_path, transactional_db):
    """A data folder of its own, beside the database of the tests."""
    for name in ("run", "media"):
        (tmp_path / name).mkdir()
    settings.VAR_DIR, settings.RUN_DIR = tmp_path, tmp_path / "run"
    settings.MEDIA_ROOT = tmp_path / "media"
    yield tmp_path
    remove_seals()


@pytest.fixture
def world():
    """A validated figure whose result is owed, with its file; the audit trail is sealed."""
    make_area("belgium", AreaKind.NATION)
    zone = make_zone()
    make_indicator("checks")
    make_round()
    approver, coordinator = make_user(Role.APPROVER, zone), make_user(Role.COORDINATOR, make_dca())
    sent = attested(approver, submission_of(zone), figure(7))
    validate(actor=coordinator, submission=sent, version=sent.version)
    evidence = Evidence(
        cell=cells_of(sent)[0],
        name="register.pdf",
        content_type="application/pdf",
        size=len(CONTENT),
        sha256="0" * 64,
        added_by=approver,
    )
    evidence.file.save("register.pdf", ContentFile(CONTENT))
    seals.seal(timezone.now() + 2 * seals.LONGEST_TRANSACTION)
    return evidence


def kept() -> bytes:
    return Path(Evidence.objects.get().file.path).read_bytes()


def saved(path: Path) -> Path:
    call_command("backup", path, stdout=StringIO())
    return path


def restored(path: Path, **options: bool) -> list[str]:
    told = StringIO()
    call_command("restore", path, stdout=told, **options)
    return told.getvalue().splitlines()


def told_otherwise(path: Path, home: Path, change: dict[str, object]) -> Path:
    """The same backup with another manifest."""
    folder, other = home / "inside", home / "other.tar"
    folder.mkdir()
    facts = archives.unpack(path, folder)
    with other.open("wb") as stream:
        archive = archives.Archive(stream)
        for name in facts["members"]:
            archive.add(name, folder / name)
        archive.finish({**facts, **change})
    return other


def wipe(home: Path) -> None:
    remove_seals()
    call_command("flush", interactive=False, verbosity=0)
    for path in home.joinpath("media").rglob("*"):
        with suppress(IsADirectoryError):
            path.unlink()


def test_after_a_wipe_everything_is_back_and_verified(world, home):
    before, seal = backups.row_counts(), AuditSeal.objects.last()
    path = saved(home / "jalon.tar")
    wipe(home)
    told = restored(path)
    assert told[1:] == ["0 entries not sealed yet", "0 differences", "0 differences"]
    after = backups.row_counts()
    derived = {
        "progress_result",
        "progress_sheet",
        "foundation_outboxentry",
        "submissions_peervalues",
    }
    assert {k: v for k, v in after.items() if k not in derived} == {
        k: v for k, v in before.items() if k not in derived
    }
    assert kept() == CONTENT
    assert AuditSeal.objects.last().digest == seal.digest
    # What was owed when it was saved is done.
    assert Result.objects.filter(area__code="belgium", numerator=7).exists()
    assert not OutboxEntry.objects.pending().filter(topic="results").exists()


def test_results_that_nobody_owed_yet_are_computed_before_they_are_verified(world, home):
    """Whoever changes a path owes nothing: the reconciler finds out, minutes later."""
    recompute_all()
    OutboxEntry.objects.filter(topic="results").update(done_generation=F("generation"))
    make_path(IndicatorVersion.objects.get(), Area.objects.get(code="belgium"))
    path = saved(home / "jalon.tar")
    assert restored(path, force=True)[-1] == "0 differences"
    assert Result.objects.get(area__code="belgium").target == 80


def test_what_is_there_is_replaced_on_demand_only(world, home):
    path = saved(home / "jalon.tar")
    (home / "media" / "later").write_bytes(b"later")
    Unit.objects.create(slug="later", kind="federal", name_fr="Later")
    with pytest.raises(CommandError, match="--force"):
        restored(path)
    assert Unit.objects.filter(slug="later").exists()
    assert restored(path, force=True)[-1] == "0 differences"
    assert not Unit.objects.filter(slug="later").exists()
    assert [each.name for each in (home / "media").iterdir()] == ["evidence"]
    # The triggers came with it.
    with pytest.raises(Exception, match="never changed"):
        Measurement.objects.update(numerator=8)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (["audit"], "audit trail"),
        (["results"], "results"),
        (["audit", "results"], "audit trail and results"),
    ],
)
def test_audit_trail_and_results_are_verified_whatever_the_first_says(world, home, wrong, named):
    """A backup of another trail than its manifest knows, or of a result that was altered."""
    recompute_all()
    OutboxEntry.objects.filter(topic="results").update(done_generation=F("generation"))
    if "results" in wrong:
        Result.objects.filter(area__code="belgium").update(numerator=8)
    path = saved(home / "jalon.tar")
    if "audit" in wrong:
        path = told_otherwise(path, home, {"seal": "0" * 64})
    told = StringIO()
    with pytest.raises(CommandError, match=f"not as it was: {named}$"):
        call_command("restore", path, force=True, stdout=told)
    answers = re.findall(r"^\d+ differences?$", told.getvalue(), re.MULTILINE)
    assert answers == [
        "1 difference" if each in wrong else "0 differences" for each in ("audit", "results")
    ]


def test_nothing_is_restored_under_a_running_jalon(world, home):
    path = saved(home / "jalon.tar")
    with (home / "run" / "supervisor.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError):
            restored(path, force=True)
    assert restored(path, force=True)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file knows nobody who has it open")
def test_nothing_is_restored_while_others_use_the_database(world, home):
    path = saved(home / "jalon.tar")
    other = connection.copy()
    try:
        other.ensure_connection()
        (home / "media" / "later").write_bytes(b"later")
        with pytest.raises(CommandError):
            restored(path, force=True)
    finally:
        other.close()
    assert (home / "media" / "later").exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="of PostgreSQL's own programs")
def test_a_dump_that_does_not_load_leaves_what_was_there(world, home):
    """A schema of somebody else's is in the way."""
    dump = home / "database.dump"
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA other; CREATE VIEW other.view AS SELECT 1")
    try:
        with dumps.moment() as save:
            save(dump)
        with pytest.raises(archives.Refused, match="other"):
            dumps.load(dump)
        assert AuditEntry.objects.exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA other CASCADE")


def test_a_truncated_backup_fails_before_anything_is_touched(world, home):
    whole = saved(home / "jalon.tar").read_bytes()
    part = home / "part.tar"
    end = whole.rindex(b'"digest"')
    lengths = [0, 1, 511, 512, 1000, len(whole) // 2, end - 5000, end - 600, end, end + 50]
    # The manifest is there, and something of the empty blocks after it is not.
    lengths += [len(whole) - 512, len(whole) - 1]
    for length in lengths:
        part.write_bytes(whole[:length])
        with pytest.raises(CommandError):
            restored(part, force=True)
    assert kept() == CONTENT
    assert AuditEntry.objects.exists()
    assert not (home / "restoring").exists()


def test_an_altered_backup_fails_or_holds_the_same(world, home):
    """A byte in every block of the file; padding alone may differ."""
    whole = saved(home / "jalon.tar").read_bytes()
    truth = unpacked(home, whole)
    unseen = 0
    step = 512 * max(1, len(whole) // 512 // 150)
    for place in range(37, len(whole), step):
        altered = bytearray(whole)
        altered[place] ^= 0x20
        try:
            found = unpacked(home, bytes(altered))
        except archives.Refused:
            continue
        assert found == truth
        unseen += 1
    assert unseen < 30


def unpacked(home: Path, content: bytes) -> dict[str, bytes]:
    folder, path = home / "unpacked", home / "altered.tar"
    path.write_bytes(content)
    for each in sorted(folder.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    folder.mkdir(exist_ok=True)
    archives.unpack(path, folder)
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_nothing_secret_is_in_it_and_nobody_else_reads_it(world, home, settings):
    session = SessionStore()
    session["_auth_user_id"] = "1"
    session.create()
    path = saved(home / "backups" / "jalon.tar")
    content = path.read_bytes()
    assert settings.SECRET_KEY.encode() not in content
    assert session.session_key.encode() not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["jalon.tar"]
    restored(path, force=True)
    assert not SessionStore(session.session_key).exists(session.session_key)


def test_no_file_is_written_over(world, home):
    path = home / "jalon.tar"
    path.write_bytes(b"mine")
    with pytest.raises(CommandError):
        saved(path)
    assert path.read_bytes() == b"mine"


def test_a_file_that_a_row_keeps_and_is_gone_stops_the_backup(world, home):
    Path(world.file.path).unlink()
    with pytest.raises(CommandError, match=world.file.name):
        saved(home / "jalon.tar")
    assert not list(home.glob("*.tar")) + list(home.glob(".backup-*"))


@pytest.mark.parametrize(
    "change", [{"database": "oracle"}, {"migrations": [["foundation", "9999_of_tomorrow"]]}]
)
def test_a_backup_of_another_kind_or_a_later_version_is_refused(world, home, change):
    other = told_otherwise(saved(home / "jalon.tar"), home, change)
    with pytest.raises(CommandError):
        restored(other, force=True)
    assert AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "name", ["../outside", "/nowhere/outside", "media/../../outside", "media/./x"]
)
def test_no_member_leads_out_of_its_folder(home, name):
    path, folder = home / "evil.tar", home / "inside"
    folder.mkdir()
    (home / "content").write_bytes(b"content")
    with path.open("wb") as stream:
        archive = archives.Archive(stream)
        archive.add(name, home / "content")
        archive.finish({})
    with pytest.raises(archives.Refused):
        archives.unpack(path, folder)
    assert list(folder.iterdir()) == []


# --- Before a migration -----------------------------------------------------------------------


@pytest.fixture
def one_migration_due():
    recorder = MigrationRecorder(connection)
    [last] = MigrationLoader(connection).graph.leaf_nodes("foundation")
    recorder.record_unapplied(*last)
    yield last[1]
    recorder.record_applied(*last)


def test_a_start_saves_what_it_is_about_to_migrate_and_keeps_the_last_five(
    world, home, one_migration_due, capsys
):
    folder = home / "backups"
    folder.mkdir()
    for number in range(7):
        (folder / f"before-{number}.tar").touch()
    prepare.back_up_before_migrating()
    saved = sorted(each.name for each in folder.iterdir())
    assert len(saved) == prepare.KEPT_BACKUPS
    assert saved[-1].startswith(f"before-foundation-{one_migration_due}-")
    assert saved[-1] in capsys.readouterr().out
    (home / "inside").mkdir()
    assert archives.unpack(folder / saved[-1], home / "inside")["rows"]["submissions_cell"] == 1


def test_a_start_that_cannot_save_does_not_migrate(world, home, one_migration_due):
    (home / "backups").write_text("not a folder")
    with pytest.raises(CommandError, match="puis : manage"):
        prepare.back_up_before_migrating()


def test_a_start_without_a_migration_saves_nothing(world, home):
    prepare.back_up_before_migrating()
    assert not (home / "backups").exists()
