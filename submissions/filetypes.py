"""What a file is, by its name and by its content, and whether it is taken as evidence.

Nothing is unpacked or rendered: a document is looked at for the parts that make it one, and what
is two things at once, or holds macros, is refused.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

LARGEST = 5 * 1024 * 1024
LONGEST_NAME = 120
MOST_PARTS = 2_000
LARGEST_UNPACKED = 50_000_000

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_UNFIT = re.compile(r'[<>:"|?*;]')
_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
_CODE = ("vbaproject", "vbadata", "/activex/", "/macrosheets/", "/embeddings/oleobject")


class RefusedFile(ValueError):
    """A file that is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that is what its name says: the cleaned name, and the type that it is served as."""

    name: str
    content_type: str


def accepted(name: str, content: bytes) -> Accepted:
    """What a file is taken as. Raises RefusedFile."""
    cleaned = clean_name(name)
    if not content:
        raise RefusedFile(_("The file is empty."))
    if len(content) > LARGEST:
        raise RefusedFile(too_large())
    _stem, dot, suffix = cleaned.lower().rpartition(".")
    if not dot or suffix not in _TYPES:
        raise RefusedFile(
            _("This kind of file is not taken. Send one of these: %(kinds)s.") % {"kinds": KINDS}
        )
    content_type, is_one = _TYPES[suffix]
    if not is_one(content):
        raise RefusedFile(
            _("The file is not what its name says (.%(suffix)s): save it again, without macros.")
            % {"suffix": suffix}
        )
    return Accepted(cleaned, content_type)


def too_large() -> str:
    return _("The file is larger than %(most)s MB: send a smaller one.") % {
        "most": LARGEST // 1024 // 1024
    }


def clean_name(name: str) -> str:
    """A name without folders, control or direction characters; the end of a long one is kept.

    One that is nothing but a suffix gets a word before it.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(char for char in last if not unicodedata.category(char).startswith("C"))
    tidy = _UNFIT.sub("_", " ".join(shown.split())).rstrip(". ")
    stem, dot, suffix = tidy.rpartition(".")
    stem = stem.lstrip(". ") or (_("file") if dot else "")
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}{dot}{suffix}"[-LONGEST_NAME:]


def served_type(content_type: str) -> str:
    """The type to serve as: one of those that are taken, never another."""
    known = {each for each, _is_one in _TYPES.values()}
    return content_type if content_type in known else "application/octet-stream"


# --- Pictures, portable documents and plain text --------------------------------------------------


def _is_pdf(content: bytes) -> bool:
    return (
        content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:] and not _holds_a_zip(content)
    )


def _is_png(content: bytes) -> bool:
    """From its signature to the end of its last block, with nothing behind it."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return False
    place, kind = 8, b""
    while place + 12 <= len(content) and kind != b"IEND":
        kind = content[place + 4 : place + 8]
        place += 12 + int.from_bytes(content[place : place + 4], "big")
    return kind == b"IEND" and place == len(content)


def _is_jpeg(content: bytes) -> bool:
    return (
        content.startswith(b"\xff\xd8\xff")
        and content.endswith(b"\xff\xd9")
        and not _holds_a_zip(content)
    )


def _is_text(content: bytes) -> bool:
    """Lines of text, in Unicode or as Windows writes it; no markup and no binary content."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    binary = any(ord(char) < 32 and char not in "\t\r\n\f" for char in text)
    return not binary and "\ufffd" not in text and not _MARKUP.match(text)


def _holds_a_zip(content: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(content))


# --- Office documents -----------------------------------------------------------------------------


def _open_xml(part: str) -> Callable[[bytes], bool]:
    def is_one(content: bytes) -> bool:
        package = _package(content)
        if package is None or not {"[Content_Types].xml", part} <= set(package.namelist()):
            return False
        types = _part(package, "[Content_Types].xml")
        return bool(types) and b"macroenabled" not in types.lower()

    return is_one


def _open_document(content_type: str) -> Callable[[bytes], bool]:
    def is_one(content: bytes) -> bool:
        package = _package(content)
        if package is None or not {"mimetype", "content.xml"} <= set(package.namelist()):
            return False
        scripts = any(name.startswith(("Basic/", "Scripts/")) for name in package.namelist())
        return not scripts and _part(package, "mimetype").strip() == content_type.encode()

    return is_one


def _package(content: bytes) -> zipfile.ZipFile | None:
    """The package that the whole file is: no code, no password, nothing before it or too much."""
    if not content.startswith(b"PK\x03\x04") or b"%PDF-" in content[:1024]:
        return None
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    entries = package.infolist()
    odd = any(
        entry.flag_bits & 1 or any(sign in f"/{entry.filename.lower()}" for sign in _CODE)
        for entry in entries
    )
    too_much = (
        len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED
    )
    if odd or too_much or all(entry.header_offset for entry in entries):
        return None
    return package


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part's beginning, however much its header claims; nothing where it cannot be read."""
    try:
        with package.open(name) as part:
            return part.read(100_000)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return b""


_TYPES: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _is_pdf),
    "png": ("image/png", _is_png),
    "jpg": ("image/jpeg", _is_jpeg),
    "jpeg": ("image/jpeg", _is_jpeg),
    "xlsx": (f"{_OPEN_XML}spreadsheetml.sheet", _open_xml("xl/workbook.xml")),
    "docx": (f"{_OPEN_XML}wordprocessingml.document", _open_xml("word/document.xml")),
    "ods": (f"{_OPEN_DOCUMENT}spreadsheet", _open_document(f"{_OPEN_DOCUMENT}spreadsheet")),
    "odt": (f"{_OPEN_DOCUMENT}text", _open_document(f"{_OPEN_DOCUMENT}text")),
    "csv": ("text/csv", _is_text),
    "txt": ("text/plain", _is_text),
}
#: The kinds that are taken, as words, and as an input of files wants them.
KINDS = ", ".join(suffix.upper() for suffix in _TYPES if suffix != "jpeg")
SUFFIXES = ",".join(f".{suffix}" for suffix in _TYPES)
