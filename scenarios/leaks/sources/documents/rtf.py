r"""Rich text -> the text a reader sees: groups joined, `\'e9` and `\u233?` as letters, paragraphs as lines."""

import re
from collections.abc import Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins

_MOST = 256 * 1024 * 1024
_TOKEN = re.compile(rb"\\'([0-9A-Fa-f]{2})|\\([A-Za-z]+)(-?[0-9]{1,9})? ?|\\([^A-Za-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
_SIGNS = {b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"cell": "\t", b"tab": "\t",
          b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
          b"emspace": " ", b"enspace": " "}  # fmt: skip
_PLAIN = {b"~": "\xa0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


def _read(content: Content) -> Found:
    yield Piece(data="".join(_text(content.whole(_MOST))).encode("utf-8", "replace"), final=True)


def _text(data: bytes) -> Iterator[str]:
    """Every text in it, hidden destinations too. `uc` says how many signs stand in for a character beyond ANSI."""
    code_page, standing, skipped = "cp1252", [1], 0
    pending = bytearray()  # bytes of a code page in which a letter may take two
    for match in _TOKEN.finditer(data):
        code, word, number, sign, brace, plain = match.groups()
        if code and not skipped:
            pending += bytes.fromhex(code.decode())
            continue
        if code:
            skipped -= 1
            continue
        if pending:
            yield pending.decode(code_page, "replace")
            pending.clear()
        if brace:
            skipped = 0
            standing = [*standing, standing[-1]] if brace == b"{" else standing[:-1] or [1]
        elif word == b"u" and number:
            yield chr(int(number) % 65_536)
            skipped = standing[-1]
        elif word == b"uc" and number:
            standing[-1] = max(0, min(int(number), 9))
        elif word == b"ansicpg" and number:
            code_page = _known(f"cp{int(number)}")
        elif word:
            yield _SIGNS.get(word, "")
        elif sign:
            yield _PLAIN.get(sign, "")
        elif plain:
            yield plain[skipped:].decode(code_page, "replace")
            skipped = max(0, skipped - len(plain))
    yield pending.decode(code_page, "replace")


def _known(code_page: str) -> str:
    try:
        b"".decode(code_page)
    except LookupError:
        return "cp1252"
    return code_page


RTF = Reader(kind="rtf", knows=begins(b"{\\rtf"), read=_read)
