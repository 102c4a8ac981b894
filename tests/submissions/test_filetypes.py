"""What is taken as evidence, and what is refused: by name, by content, by size."""

import time

import pytest
from django.utils import translation

from submissions.filetypes import LARGEST, RefusedFile, accepted, clean_name, served_type

from . import hostile_files as files


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("proof.pdf", files.PDF, "application/pdf"),
        ("proof.PNG", files.png(), "image/png"),
        ("proof.jpg", files.JPEG, "image/jpeg"),
        ("proof.jpeg", files.JPEG, "image/jpeg"),
        (
            "proof.xlsx",
            files.xlsx(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            "proof.docx",
            files.docx(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("proof.ods", files.open_document(files.ODS), files.ODS.decode()),
        ("proof.odt", files.open_document(files.ODT), files.ODT.decode()),
        ("proof.csv", files.CSV, "text/csv"),
        ("proof.csv", "Contrôles;5\r\n".encode("cp1252"), "text/csv"),
        ("proof.txt", b"\xef\xbb\xbf< 5 controls", "text/plain"),
    ],
)
def test_what_is_what_its_name_says_is_taken(name, content, content_type):
    taken = accepted(name, content)
    assert (taken.name, taken.content_type) == (name, content_type)


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("page.html", HTML, id="HTML"),
        pytest.param("picture.svg", SVG, id="SVG"),
        pytest.param("proof.pdf", HTML, id="HTML named PDF"),
        pytest.param("proof.png", SVG, id="SVG named PNG"),
        pytest.param("proof.csv", HTML, id="HTML named CSV"),
        pytest.param("proof.txt", b"\xef\xbb\xbf\n" + SVG, id="SVG named TXT"),
        pytest.param("proof.csv", b"<?xml version='1.0'?><x/>", id="XML named CSV"),
        pytest.param("proof.pdf", b"\n" + files.PDF, id="PDF that begins later"),
        pytest.param("proof.pdf", files.PDF[:-7], id="PDF cut off"),
        pytest.param("proof.pdf", files.PDF + files.xlsx() + b"%%EOF", id="PDF and ZIP"),
        pytest.param("proof.xlsx", files.zipped({"a": b"a"}, before=files.PDF), id="ZIP in a PDF"),
        pytest.param("proof.png", files.png(behind=files.xlsx()), id="PNG and ZIP"),
        pytest.param("proof.png", files.png(behind=HTML), id="PNG and HTML"),
        pytest.param("proof.png", files.png()[:-5], id="PNG cut off"),
        pytest.param("proof.jpg", files.JPEG + files.xlsx(), id="JPEG and ZIP"),
        pytest.param("proof.jpg", files.JPEG + HTML, id="JPEG and HTML"),
        pytest.param("proof.jpg", files.png(), id="PNG named JPEG"),
        pytest.param("book.xlsm", files.xlsx(files.MACRO_SHEET), id="XLSM"),
        pytest.param("book.xlsx", files.xlsx(files.MACRO_SHEET), id="XLSM named XLSX"),
        pytest.param("book.xlsx", files.xlsx(xl__vbaProject=b"code"), id="XLSX with code"),
        pytest.param("book.xlsx", files.xlsx(xl__macrosheets__a=b"x"), id="XLSX with old macros"),
        pytest.param("book.xlsx", files.xlsx(xl__embeddings__oleObject1=b"MZ"), id="XLSX with OLE"),
        pytest.param("book.xlsx", files.docx(), id="DOCX named XLSX"),
        pytest.param("book.xlsx", files.encrypted(files.xlsx()), id="XLSX with a password"),
        pytest.param("book.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, id="old XLS"),
        pytest.param("book.xlsx", files.xlsx()[:-30], id="XLSX cut off"),
        pytest.param("book.xlsx", b"PK\x03\x04", id="XLSX of four bytes"),
        pytest.param("book.ods", files.open_document(files.ODT), id="ODT named ODS"),
        pytest.param(
            "book.ods", files.open_document(files.ODS, Basic__a=b"Sub x"), id="ODS with macros"
        ),
        pytest.param("tool.exe", b"MZ\x90\0", id="program"),
        pytest.param("tool.pdf", b"MZ\x90\0", id="program named PDF"),
        pytest.param("tool.txt", b"MZ\0\0", id="program named TXT"),
        pytest.param("proof", files.PDF, id="no suffix"),
        pytest.param("proof.pdf.html", HTML, id="two suffixes"),
        pytest.param("txt", b"Counted", id="no suffix"),
        pytest.param("proof.csv", b"", id="nothing"),
        pytest.param("proof.csv", b"a" * (LARGEST + 1), id="too large"),
    ],
)
def test_what_is_not_is_refused(name, content):
    with pytest.raises(RefusedFile):
        accepted(name, content)


def test_the_largest_file_is_taken():
    assert accepted("proof.csv", b"a" * LARGEST).content_type == "text/csv"


@pytest.mark.parametrize("content", [files.bomb(), files.many_parts(20_000)])
def test_a_package_of_too_much_is_refused_at_once(content):
    started = time.perf_counter()
    with pytest.raises(RefusedFile):
        accepted("book.xlsx", content)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\boot.pdf", "boot.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('quote".pdf', "quote_.pdf"),
        ("  many   spaces .pdf", "many spaces .pdf"),
        ("Relevé 3e trimestre.pdf", "Relevé 3e trimestre.pdf"),
        ("...pdf", "file.pdf"),
        (".txt", "file.txt"),
        (" . .txt", "file.txt"),
        (".hidden.txt", "hidden.txt"),
        ("pdf", "pdf"),
        ("", ""),
    ],
)
def test_a_name_is_cleaned(name, cleaned):
    with translation.override("en"):
        assert clean_name(name) == cleaned


def test_a_long_name_keeps_its_suffix():
    cleaned = clean_name("n" * 300 + ".pdf")
    assert (len(cleaned), cleaned[-5:]) == (120, "n.pdf")
    assert len(clean_name("." + "n" * 300)) == 120


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "", "application/pdf\r\n"])
def test_no_other_type_is_ever_served(content_type):
    assert served_type(content_type) == "application/octet-stream"
    assert served_type("application/pdf") == "application/pdf"
