"""What people write: planted by other libraries, found through runs, streams, comments and attachments."""

import email.message
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import olefile
import openpyxl
import pypdf
import pytest
from docx.document import Document
from openpyxl.workbook.workbook import Workbook
from pypdf._writer import PdfWriter
from reportlab.pdfgen import canvas

from tests.scenarios.leaks.sources.conftest import EMAIL, FIELDS, LATITUDE, LONGITUDE, NAME, STREET, TEXT

CLEAN = "nothing of anybody"


def saved(document: Document | Workbook) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def word(text: str) -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for letter in text:
        paragraph.add_run(letter).bold = letter.islower()
    return saved(document)


def excel(text: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append([text, 1])
    place = [LATITUDE, LONGITUDE] if text != CLEAN else [1.5, 2.5]
    book.active.append(["place", *place])
    return saved(book)


def open_document(text: str) -> bytes:
    spans = "".join(f"<text:span>{letter}</text:span>" for letter in text.replace("<", "(").replace(">", ")"))
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        f"<text:p>{spans}</text:p></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def pdf(text: str) -> bytes:
    made = io.BytesIO()
    page = canvas.Canvas(made)
    page.drawString(100, 700, text)
    page.save()
    return made.getvalue()


def mail(text: str) -> bytes:
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "report"
    message.set_content("see the file")
    message.add_attachment(word(text), maintype="application", subtype="msword", filename="a.docx")
    return message.as_bytes()


# python-docx puts a small picture of the page into its files. Without tesseract nobody reads it.
PREVIEW = set() if shutil.which("tesseract") else {("picture", "not recognised")}
MADE = {"zip markup": word, "zip": excel, "zip  markup": open_document, "pdf": pdf, "mail zip": mail}


@pytest.mark.parametrize("kind", MADE)
def test_a_text_is_found_and_a_clean_one_passes(seen: Callable[..., Any], kind: str) -> None:
    planted = seen(MADE[kind](TEXT.strip()))
    assert planted.fields >= FIELDS
    assert set(planted.unread) <= PREVIEW
    clean = seen(MADE[kind](CLEAN))
    assert clean.fields == set()
    assert set(clean.unread) <= PREVIEW


def test_the_preview_in_a_document_is_noted_where_no_program_reads_pictures(
    seen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert seen(word(CLEAN)).unread == [("picture", "not recognised")]


def test_cells_of_a_sheet_are_a_place(seen: Callable[..., Any]) -> None:
    assert "home.latitude" in seen(excel("x")).fields


def test_forms_notes_and_attachments_of_a_pdf(seen: Callable[..., Any]) -> None:
    made = io.BytesIO()
    page = canvas.Canvas(made)
    page.acroForm.textfield(name="who", value=NAME)
    page.drawString(100, 100, "x")
    page.save()
    writer = pypdf.PdfWriter(io.BytesIO(made.getvalue()))
    writer.add_attachment("a.txt", f"it is at {STREET}".encode())
    writer.add_metadata({"/Author": EMAIL})
    assert seen(written(writer)).fields >= FIELDS


def written(writer: PdfWriter) -> bytes:
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_an_encrypted_pdf_is_noted(seen: Callable[..., Any]) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(pdf(TEXT.strip())))
    writer.encrypt("secret", algorithm="RC4-128")
    assert ("pdf", "encrypted") in seen(written(writer)).unread


def test_a_mailbox_and_an_encoded_header(seen: Callable[..., Any]) -> None:
    message = email.message.EmailMessage()
    message["From"], message["Subject"] = "a@example.org", f"Grüße an {NAME}"
    message["Message-ID"] = "<1@x>"
    message.set_content(f"wohnt in {STREET} " + "é" * 20, cte="base64", charset="iso-8859-1")
    box = b"From a@example.org Sat Nov 28 22:00:00 2026\n" + message.as_bytes() + b"\nFrom b\nSubject: x\n\nnothing\n"
    assert seen(box).fields >= {"members.name", "home.street"}


def test_letters_of_a_drawing_are_a_word(seen: Callable[..., Any]) -> None:
    letters = "".join(f'<tspan x="{at}">{letter}</tspan>' for at, letter in enumerate(NAME))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{letters}</text></svg>'
    assert seen(svg.encode()).fields == {"members.name"}


def test_what_only_looks_like_an_office_file_is_noted(seen: Callable[..., Any]) -> None:
    assert ("ole", "damaged") in seen(olefile.MAGIC + b"\x00" * 600).unread


def test_a_page_that_is_no_xml_is_no_damaged_file(seen: Callable[..., Any]) -> None:
    page = f"<!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><p>a<br>for <b>{NAME[:3]}</b>{NAME[3:]}".encode()
    found = seen(page)
    assert (found.fields, found.unread) == ({"members.name"}, [])
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><text>a</svg>"
    assert seen(drawing).unread == [("markup", "damaged")]


@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "application/x-pkcs7-mime"])
def test_a_mail_that_only_a_key_reads_is_noted(seen: Callable[..., Any], kind: str, tmp_path: Path) -> None:
    def openssl(*words: str) -> bytes:
        return subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True).stdout

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=k", "-keyout", "k", "-out", "c")
    (tmp_path / "t").write_text(TEXT)
    sealed = openssl("smime", "-encrypt", "-in", "t", "c").replace(b"application/x-pkcs7-mime", kind.encode())
    signed = openssl("smime", "-sign", "-nodetach", "-inkey", "k", "-signer", "c", "-in", "t")
    assert ("mail", "encrypted") in seen(sealed).unread
    read = seen(signed.replace(b"application/x-pkcs7-mime", kind.encode()))
    assert ("mail", "encrypted") not in read.unread
    assert read.fields >= FIELDS
