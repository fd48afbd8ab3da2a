"""Reads what stands in PEM blocks: certificates, requests and keys in base64, with the names of people in DER."""

import base64
import re

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_MOST = 64 * 1024 * 1024
_BLOCK = re.compile(rb"-----BEGIN (?!PGP)[A-Z0-9 ]{3,40}-----\r?\n([A-Za-z0-9+/=\s]{16,}?)-----END ")


def _is_pem(content: Content) -> bool:
    return b"-----BEGIN " in content.head and _BLOCK.search(content.head) is not None


def _read(content: Content) -> Found:
    for block in _BLOCK.findall(content.whole(_MOST)):
        yield Piece(data=base64.b64decode(block), final=True)


PEM = Reader(kind="pem", knows=_is_pem, read=_read)
