"""Joins the words of subtitles (SubRip, WebVTT): a name may begin in one cue and end in the next."""

import re

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_MOST = 64 * 1024 * 1024
_TIMES = re.compile(
    rb"(?:[0-9]{1,3}:)?[0-9]{2}:[0-9]{2}[.,][0-9]{3}[ \t]*-->[ \t]*(?:[0-9]{1,3}:)?[0-9]{2}:[0-9]{2}[.,][0-9]{3}"
)
# What is no word of a cue: its number, its times and settings, a new paragraph; times and classes inside the words.
_CUE = re.compile(rb"(?:\r?\n)+(?:[^\r\n]{0,80}\r?\n)?" + _TIMES.pattern + rb"[^\r\n]*\r?\n")
_INSIDE = re.compile(
    rb"<(?:/?[A-Za-z][^<>\n]{0,200}|(?:[0-9]{1,3}:)?[0-9]{2}:[0-9]{2}[.,][0-9]{3})>|\{\\[^{}\n]{0,80}\}"
)
_BLANK = re.compile(rb"\s+")


def _is_subtitles(content: Content) -> bool:
    return _TIMES.search(content.head[:4096]) is not None


def _read(content: Content) -> Found:
    cues = _CUE.split(b"\n" + content.whole(_MOST))
    words = [_BLANK.sub(b" ", _INSIDE.sub(b"", cue)).strip() for cue in cues]
    # Captions that scroll say a line again in the next cue.
    said = [word for at, word in enumerate(words) if word and (at == 0 or word != words[at - 1])]
    yield Piece(data=b" ".join(said), final=True)


SUBTITLES = Reader(kind="subtitles", knows=_is_subtitles, read=_read)
