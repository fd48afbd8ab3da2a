"""Joins the words of transcripts that put each one on a line of its own, between times: a name is two lines there.

NIST's CTM, Praat's TextGrid, Audacity's labels, timed lyrics (LRC), tagged words (CoNLL), and recorded terminals
(asciicast), which write one line for each key.
"""

import json
import re
from collections.abc import Callable, Iterator

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_MOST = 64 * 1024 * 1024
_NUMBER = rb"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_CTM = re.compile(
    rb"^\S+[ \t]+\S+[ \t]+"
    + _NUMBER
    + rb"[ \t]+"
    + _NUMBER
    + rb"[ \t]+(\S+)(?:[ \t]+[01](?:\.[0-9]+)?)?(?:[ \t]+\S+)?[ \t]*\r?$",
    re.MULTILINE,
)
_LABELS = re.compile(rb"^" + _NUMBER + rb"\t" + _NUMBER + rb"\t([^\t\r\n]+)\r?$", re.MULTILINE)
# A word, what it is, and whether a name begins or goes on there (CoNLL-2003); or the ten columns of CoNLL-U.
_TAGGED = re.compile(
    rb"^(?:[0-9]+[ \t])?([^ \t\r\n]+)[ \t](?:[^ \t\r\n]+[ \t]){0,8}(?:O|[BIESLU]-[A-Za-z_]+)[ \t]*\r?$", re.MULTILINE
)
_UNIVERSAL = re.compile(rb"^[0-9]+(?:[-.][0-9]+)?\t([^\t\r\n]+)(?:\t[^\t\r\n]*){8}\r?$", re.MULTILINE)
_GRID = re.compile(rb'(?:text|mark) = "((?:[^"]|"")*)"')
_LYRICS = re.compile(rb"[\[<][0-9]{1,3}:[0-9]{2}(?:[.:][0-9]{1,3})?[\]>]")
_ALL_LYRICS = re.compile(rb"^\[[0-9]{1,3}:[0-9]{2}[.:][0-9]{1,3}\]", re.MULTILINE)
_LEAST = 3  # lines of one form, one after the other
_SEEN = 4_096  # bytes by which a form is known


def _form(content: Content) -> Callable[[bytes], Iterator[bytes]] | None:
    head = content.head[:_SEEN]
    if head.startswith((b'{"version":', b'{"version" :')) and b'"o"' in head:
        return _typed
    if b'"ooTextFile"' in head:
        return lambda data: (match[1].replace(b'""', b'"') + b" " for match in _GRID.finditer(data))
    lines = [
        line
        for line in head.splitlines()[:20]
        if line.strip() and not line.startswith((b";;", b"[ar:", b"[ti:", b"# "))
    ]
    for pattern in (_CTM, _LABELS, _TAGGED, _UNIVERSAL):
        if len(lines) >= _LEAST and all(pattern.match(line) for line in lines[:_LEAST]):
            return lambda data, pattern=pattern: (match[1] + b" " for match in pattern.finditer(data))  # type: ignore[misc]
    if _ALL_LYRICS.search(head) and len(_LYRICS.findall(head)) >= _LEAST:
        return lambda data: iter([b" ".join(_LYRICS.sub(b" ", data).split())])
    return None


def _typed(data: bytes) -> Iterator[bytes]:
    for line in data.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, list) and len(event) == 3 and event[1] in ("o", "i") and isinstance(event[2], str):
            yield event[2].encode("utf-8", "replace")


def _read(content: Content) -> Found:
    form = _form(content)
    if form:
        yield Piece(data=b"".join(form(content.whole(_MOST))), final=True)


TRANSCRIPT = Reader(kind="transcript", knows=lambda content: _form(content) is not None, read=_read)
