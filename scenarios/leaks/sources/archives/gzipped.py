"""gzip -> what it packs, and what its header says beside it."""

import zlib

from scenarios.leaks.sources.archives.streams import Deflate, reading
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins

_FIXED = 10  # bytes of the header before anything optional
_EXTRA, _NAME, _COMMENT = 4, 8, 16  # flags


def _gzip(content: Content) -> Found:
    """Yields the file's name and the comment of its header (RFC 1952, 2.3), then what is packed."""
    head = content.head
    at, flags, texts = _FIXED, head[3] if len(head) > 3 else 0, []
    if flags & _EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
        texts.append(head[_FIXED + 2 : at])
    for bit in (_NAME, _COMMENT):
        if flags & bit:
            text, _, _ = head[at:].partition(b"\0")
            texts.append(text)
            at += len(text) + 1
    if told := b"\n".join(text for text in texts if text):
        yield Piece(data=told, label="header", final=True)
    yield from reading("gzip", lambda: Deflate(zlib.MAX_WBITS | 16))(content)


GZIP = Reader(kind="gzip", knows=begins(b"\x1f\x8b\x08"), read=_gzip, raw=False)
