"""PDF files -> the text of every page, every string and stream of every object, attachments and pictures."""

import logging
from collections.abc import Iterator
from functools import partial
from math import hypot
from typing import Any

from scenarios.leaks.sources.documents.glyphs import Glyph, lines_of
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_OBJECTS = 200_000
_DRAWN = frozenset({"/Image", "/Type1C", "/CIDFontType0C", "/OpenType"})


def _read(content: Content) -> Found:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its log quotes what it reads
    with content.open() as file:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            yield Unread(kind="pdf", name="", why="encrypted")
            return
        yield from _pages(reader)
        yield from _objects(reader)
        for name, versions in reader.attachments.items():
            for data in versions:
                yield Piece(data=data, name=name)


def _pages(reader: Any) -> Found:
    """The text as it is laid out, with the pictures beside it. A scanned page has only pictures."""
    for number, page in enumerate(reader.pages, 1):
        glyphs: list[Glyph] = []
        try:
            text = page.extract_text(visitor_text=partial(_placed, glyphs))
        except Exception as error:  # of one page: the others are read
            yield Unread(kind="pdf", name=f"page {number}", why="damaged", detail=type(error).__name__)
            continue
        yield Piece(data=text.encode("utf-8", "replace"), name=f"page {number}", final=True)
        if lines := lines_of(glyphs):
            yield Piece(data=lines.encode("utf-8", "replace"), name=f"page {number}", final=True)
        for at in range(len(page.images)):
            try:
                yield Piece(data=page.images[at].data, name=f"page {number}")
            except Exception as error:
                yield Unread(kind="picture", name=f"page {number}", why="damaged", detail=type(error).__name__)


def _placed(glyphs: list[Glyph], text: str, page: Any, at: Any, _font: Any, size: float) -> None:
    """One run of text and where it begins, by its own matrix within the page's."""
    x = at[4] * page[0] + at[5] * page[2] + page[4]
    y = at[4] * page[1] + at[5] * page[3] + page[5]
    glyphs.append(
        Glyph(text=text.strip("\n"), x=x, y=y, size=abs(size) * hypot(at[0], at[1]) * hypot(page[0], page[1]) or 1.0)
    )


def _objects(reader: Any) -> Found:
    """Everything written in any object: forms, annotations, bookmarks, metadata. No page needs to refer to it."""
    from pypdf.generic import IndirectObject, StreamObject

    texts: list[str] = []
    numbers = {*reader.xref_objStm, *(number for table in reader.xref.values() for number in table)}
    for number in sorted(numbers)[:_OBJECTS]:
        try:
            found = reader.get_object(IndirectObject(number, 0, reader))
        except Exception:  # noqa: S112 (an object that cannot be read is read as part of the raw file)
            continue
        texts += _strings(found)
        if isinstance(found, StreamObject) and found.get("/Subtype") not in _DRAWN and "/Length1" not in found:
            try:
                data = found.get_data()
            except Exception:  # noqa: S112
                continue
            yield Piece(data=data, final=True)
    yield Piece(data="\n".join(texts).encode("utf-8", "replace"), final=True)


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, str) and not value.startswith("/"):
        yield str(value)
    elif depth < 20 and isinstance(value, dict):
        for each in value.values():
            yield from _strings(each, depth + 1)
    elif depth < 20 and isinstance(value, list):
        for each in value:
            yield from _strings(each, depth + 1)


PDF = Reader(kind="pdf", knows=begins(b"%PDF-"), read=_read, needs=("pypdf",))
