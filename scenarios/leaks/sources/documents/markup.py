"""Reads the text in XML of office documents and drawings. Parts of one word are joined.

Word, Excel, PowerPoint and OpenDocument files are zip archives of such parts, so each part is read by itself.
"""

import re
from collections.abc import Iterator
from xml.parsers import expat

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_KNOWN = re.compile(
    rb"schemas\.openxmlformats\.org|purl\.oclc\.org/ooxml|urn:oasis:names:tc:opendocument|www\.w3\.org/2000/svg"
    rb"|www\.w3\.org/1999/xhtml"
)
_HTML = re.compile(rb"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_BLOCKS = frozenset(
    "p h si row tr table-row li dt dd title desc comment text annotation sheetData t-list div br cr line-break".split()
)
_CELLS = frozenset("c td th table-cell tab s is".split())
_ROOM = 1024 * 1024


def _is_markup(content: Content) -> bool:
    head = content.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and _KNOWN.search(head[:4096]) is not None


def _read(content: Content) -> Found:
    yield Piece(data=_text(content), final=True)


def _text(content: Content) -> Iterator[bytes]:
    """The text in its order: a line for each paragraph or row, a tab between cells, nothing between runs."""
    out: list[str] = []

    def ends(name: str) -> None:
        local = name.rpartition(":")[2]
        if local in _BLOCKS:
            out.append("\n")
        elif local in _CELLS:
            out.append("\t")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EndElementHandler = ends
    parser.CharacterDataHandler = out.append
    try:
        for data in content.pieces(64 * 1024):
            parser.Parse(data, False)
            if sum(map(len, out)) > _ROOM:
                yield "".join(out).encode("utf-8", "replace")
                out.clear()
        parser.Parse(b"", True)
    except expat.ExpatError:
        if not _HTML.search(content.head[:4096]):
            raise
        # HTML need not be XML. The detector reads its bytes, which are searched as they are, without tags.
    yield "".join(out).encode("utf-8", "replace")


MARKUP = Reader(kind="markup", knows=_is_markup, read=_read)
