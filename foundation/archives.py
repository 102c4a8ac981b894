"""The file of a backup: a tar whose last member is a manifest of everything in it.

A file cut short has no manifest, and what was altered differs from it: both are seen while it is
unpacked beside the data, before anything is touched.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

MANIFEST = "manifest.json"
MEDIA = "media"
FORMAT = 1
#: What a member may be called: nothing that leads out of the folder it is unpacked to.
_NAME = re.compile(r"(?!.*(^|/)\.\.?(/|$))[A-Za-z0-9._-][A-Za-z0-9._/ -]*")
_CHUNK = 1024 * 1024


class Refused(Exception):
    """A backup or a restore that stops; its words are for the person who asked for it."""


class Archive:
    """An archive that is being written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._tar = tarfile.TarFile(fileobj=stream, mode="w")
        self.members: dict[str, list[int | str]] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file. Raises OSError where it is not there, or changes its size meanwhile."""
        with path.open("rb") as source:
            size = path.stat().st_size
            hashing = _Hashing(source)
            self._tar.addfile(_member(name, size), hashing)
        self.members[name] = [size, hashing.digest.hexdigest()]

    def finish(self, facts: dict[str, Any]) -> None:
        """Add the manifest: the facts, and every member with its size and digest."""
        manifest = {**facts, "format": FORMAT, "members": self.members}
        text = json.dumps({**manifest, "digest": _digest(manifest)}, indent=1).encode()
        self._tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
        self._tar.close()


class _Hashing(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.digest = sha256()
        self._source = source

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self.digest.update(chunk)
        return chunk


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _digest(manifest: dict[str, Any]) -> str:
    return sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a whole backup into an empty folder; returns its manifest.

    Raises Refused unless every member is there and is what the manifest says.
    """
    found: dict[str, list[int | str]] = {}
    end = 0
    with _reading(path) as tar:
        for member in tar:
            if MANIFEST in found or not (member.isreg() and _NAME.fullmatch(member.name)):
                raise Refused(
                    _("%(file)s is altered: it holds more than it says.") % {"file": path}
                )
            found[member.name] = _extract(tar, member, folder / member.name)
            end = member.offset_data + member.size
    if found.pop(MANIFEST, None) is None or path.stat().st_size < _whole(end):
        raise Refused(_("%(file)s is truncated: its end is missing.") % {"file": path})
    manifest = _manifest(folder / MANIFEST)
    if manifest is None or manifest["members"] != found:
        raise Refused(_("%(file)s is altered: its content is not what was saved.") % {"file": path})
    return manifest


def _whole(end: int) -> int:
    """The size of an archive whose last member ends there: two empty blocks, and a full record."""
    blocks = -(-end // tarfile.BLOCKSIZE) + 2
    return -(-blocks * tarfile.BLOCKSIZE // tarfile.RECORDSIZE) * tarfile.RECORDSIZE


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise Refused(
            _("%(file)s is truncated or no backup: %(reason)s") % {"file": path, "reason": error}
        ) from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> list[int | str]:
    source, digest, size = tar.extractfile(member), sha256(), 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as written:
        target.chmod(0o600)
        while source is not None and (chunk := source.read(_CHUNK)):
            digest.update(chunk)
            size += len(chunk)
            written.write(chunk)
    return [size, digest.hexdigest()]


def _manifest(path: Path) -> dict[str, Any] | None:
    """The manifest, or None where it is not what was written."""
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        digest = manifest.pop("digest")
        is_whole = manifest["format"] == FORMAT and digest == _digest(manifest)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return manifest if is_whole else None
