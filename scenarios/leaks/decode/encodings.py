"""Takes escapes and encodings off a text, one decoder after the other in the order of `in_text`."""

import codecs
import re

from scenarios.leaks.decode.codes import coded
from scenarios.leaks.decode.fields import events, joined, objects
from scenarios.leaks.decode.guesses import guessed
from scenarios.leaks.decode.packed import lzstring
from scenarios.leaks.decode.packed.marks import Found, is_binary
from scenarios.leaks.decode.rewrites import changes, rewritten
from scenarios.leaks.decode.signals import ALL, BULK, signals
from scenarios.leaks.decode.speech.counted import said_abroad
from scenarios.leaks.decode.speech.spoken import said

_WRAPPED = re.compile(
    rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}+(?:[ \t]*\r?\n[ \t]*[A-Za-z0-9+/_-]{1,}={0,2})+"
)  # MIME, PEM
_BLANK = re.compile(rb"\s+")
_SHORT_TEXT = 4_096
_LINE = 200  # bytes, more than a line of what was wrapped
_SAID_AROUND = 320  # bytes before and after what sounds like a number, an address or a spelling
_SILENCE = b" pause pause pause pause pause pause "  # no number goes on over it
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})
SHORT = 512  # bytes of a text that is always read backwards and rotated
_INNER = 640  # the same of what was decoded, or of each line of it: pieces of many tokens stand a line each
_LONG = 64 * 1024  # bytes of a text that is turned as a whole; of a longer one as many on either side of a sign
_MOST_INNER = 16 * 1024  # bytes of such lines together


def in_text(
    text: str,
    *,
    noise: bool,
    marks: frozenset[str] = ALL,
    tried: set[bytes] | None = None,
    inner: bool = False,
    guess: bool = False,
    turned: bool = False,
    short: int = SHORT,
) -> Found:
    """Yield everything that is encoded in a text, as (step, bytes).

    Args:
      marks: what `Signals` saw in the text. Only decoders with a mark among them run.
      noise: the text is readable runs of something binary, one a line. Only lines that a decoder changes are read on,
        because chance always changes some of them and the rest would be read again without end.
      tried: tokens that were read in another text. Tokens read here are added.
      inner: the text came out of an encoding that hides it completely, such as base64.
      guess: the text came out of an alphabet that chance often fits.
      turned: the text was read backwards, rotated or under a key already.
      short: texts of up to so many bytes are also read backwards and rotated as a whole.
    """
    data = text.encode("utf-8", "replace")
    changing = b"\n".join(line for line in data.split(b"\n") if changes(line)) if noise else data
    for step, rewriting in rewritten(changing, marks) if changing else ():
        yield from _by_line(step, rewriting) if not noise and b"\n" in data else ((step, rewriting),)
    if "wrapped" in marks and not turned:
        yield from _unwrapped(changing if noise else data)
    yield from guessed(data, marks, set() if tried is None else tried, noise=noise)
    if noise:
        return
    yield from coded(data, marks)
    yield from _turned(data, marks, _INNER if inner else 0 if guess else short, inner=inner)
    if not data.isascii() and (opened := lzstring.from_utf16(text)):
        yield "lzstring", opened.encode("utf-8", "replace")
    for name, read in (("fields", joined), ("events", events), ("lines", objects)):
        if name in marks:
            yield from read(text)
    if "said" in marks:
        yield from said(_heard("said", data))
        if len(data) < BULK or "said abroad" in marks:
            yield from said_abroad(_heard("said abroad", data))


def _heard(mark: str, data: bytes) -> str:
    return _SILENCE.join(signals().windows(mark, data, _SAID_AROUND)).decode("utf-8", "replace")


def _turned(data: bytes, marks: frozenset[str], most: int, *, inner: bool) -> Found:
    """Yield the text backwards and rotated by thirteen.

    All of it is turned when a mark asks for it or when the text is short. Of decoded texts (`inner`) the short lines
    are turned.
    """
    short = data if len(data) <= most else _short_lines(data, most) if inner else b""
    for step, turn in (("reversed", _backwards), ("rot13", _rotated)):
        if chosen := _around(step, data) if step in marks else short:
            yield step, turn(chosen.decode("utf-8", "replace")).encode()


def _around(step: str, data: bytes) -> bytes:
    """Return the text to be turned: all of it, or around each mark if it is long."""
    if len(data) <= _LONG:
        return data
    return b"\n".join(data[begin:end] for begin, end in signals().spans(step, data, before=_LONG, after=_LONG))


def _short_lines(data: bytes, most: int) -> bytes:
    lines = b"\n".join(line for line in data.split(b"\n") if len(line) <= most)
    return lines if len(lines) <= _MOST_INNER else b""


def _backwards(text: str) -> str:
    return text[::-1]


def _rotated(text: str) -> str:
    return codecs.encode(text, "rot13")


def _unwrapped(data: bytes) -> Found:
    """Join encoded lines that were wrapped, and yield each block as one line."""
    spans = signals().spans("wrapped", data, before=_LINE, after=_LINE) if len(data) >= BULK else [(0, len(data))]
    blocks = [block for begin, end in spans for block in _WRAPPED.findall(data[begin:end])]
    if blocks:
        joined = (_BLANK.sub(b"", each) for block in blocks for each in dict.fromkeys((block, _ended(block))))
        yield "wrapped", b"\n".join(joined)


def _ended(block: bytes) -> bytes:
    """Return the block up to its first line that is shorter than those before: a word behind the last line looks like
    one more.
    """
    lines = block.split(b"\n")
    width = max(len(line.strip()) for line in lines[:2])
    last = next((at for at, line in enumerate(lines) if at and len(line.strip()) < width), len(lines))
    return b"\n".join(lines[: last + 1])


def _by_line(step: str, data: bytes) -> Found:
    """Part the readable lines from the unreadable ones: one line may hold a token's claims, the next one its signature.

    Of a long text the unreadable lines stand alone. Together with the others they would make noise of the whole text.
    """
    if not is_binary(data) or _clean(data):
        yield step, data
        return
    lines = data.split(b"\n")
    clean = [_clean(line) for line in lines]
    if len(data) <= _SHORT_TEXT:
        yield step, data
    elif not all(clean):
        yield step, b"\n".join(line for line, good in zip(lines, clean, strict=True) if not good)
    if any(line and good for line, good in zip(lines, clean, strict=True)):
        yield step, b"\n".join(line for line, good in zip(lines, clean, strict=True) if good)


def _clean(data: bytes) -> bool:
    if len(data.translate(None, _CONTROL)) != len(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
