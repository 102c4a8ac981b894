"""Files as people send them, and as somebody would who means harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

XLSX_TYPES = b'<Types><Override PartName="/xl/workbook.xml" ContentType="%s"/></Types>'
SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_SHEET = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
ODT = b"application/vnd.oasis.opendocument.text"

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20 + b"\xff\xd9"
CSV = "Zone;Contrôles\nNamur;410\n".encode()


def zipped(parts: dict[str, bytes], *, before: bytes = b"") -> bytes:
    held = io.BytesIO()
    held.write(before)
    with zipfile.ZipFile(held, "a" if before else "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return held.getvalue()


def xlsx(types: bytes = SHEET, **more: bytes) -> bytes:
    parts = {"[Content_Types].xml": XLSX_TYPES % types, "xl/workbook.xml": b"<workbook/>"}
    return zipped(parts | {name.replace("__", "/"): part for name, part in more.items()})


def docx() -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def open_document(content_type: bytes, **more: bytes) -> bytes:
    parts = {"mimetype": content_type, "content.xml": b"<office/>"}
    return zipped(parts | {name.replace("__", "/"): part for name, part in more.items()})


def png(*, behind: bytes = b"") -> bytes:
    def block(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = block(b"IDAT", zlib.compress(b"\0\0"))
    start = b"\x89PNG\r\n\x1a\n"
    return start + block(b"IHDR", header) + pixels + block(b"IEND", b"") + behind


def encrypted(package: bytes) -> bytes:
    """A package whose directory says that its parts need a password."""
    content = bytearray(package)
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(sign, at + 4)
    return bytes(content)


def many_parts(count: int) -> bytes:
    parts = {"[Content_Types].xml": XLSX_TYPES % SHEET, "xl/workbook.xml": b"<workbook/>"}
    return zipped(parts | {f"xl/{number}": b"" for number in range(count)})


def bomb() -> bytes:
    return xlsx(xl__sheet=b"\0" * 60_000_000)
