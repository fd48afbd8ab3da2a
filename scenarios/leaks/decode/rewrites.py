"""Takes escapes off a text: percent codes, entities, backslashes and U+ together; tags; soft line breaks.

All kinds are replaced in one pass, which gives one layer. Of a long text only the parts around a change are kept,
because the rest was already read as it is.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator

from scenarios.leaks.decode.containers import is_container, is_wide
from scenarios.leaks.decode.expressions import QUOTED
from scenarios.leaks.decode.packed.marks import Found
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.signals import merged, signals

_HEX = rb"[0-9A-Fa-f]"
_CODE = re.compile(
    rb"%(?:u(" + _HEX + rb"{4})|(" + _HEX + rb"{2}))"
    rb"|&(#[0-9]{1,7};?|#[xX]" + _HEX + rb"{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)"
    rb"|\\(?:[ux]\{(" + _HEX + rb"{1,6})\}|N?u(" + _HEX + rb"{4})|U(" + _HEX + rb"{8})|x(" + _HEX + rb"{2})"
    rb"|([0-3][0-7]{2})|N\{U\+(" + _HEX + rb"{4,6})\}|([\"'\\/bfnrt]))"
    rb"|U(?<![A-Za-z0-9_].)\+(" + _HEX + rb"{4,6})(?:[ ,](?=[Uu]\+))?"
    rb"|u(?<![A-Za-z0-9_].)\+(" + _HEX + rb"{4,6})(?:[ ,](?=[Uu]\+))?"
)
_CODE_POINTS = frozenset({1, 4, 5, 6, 9, 11, 12})  # groups that say a character; 2, 7 and 8 say a byte
_KINDS = {1: "percent", 2: "percent", 3: "html"}
_SIMPLE = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_AROUND = 160  # bytes kept on both sides of what changes
_NEAR = 80
_SHORT = 4_096  # bytes up to which all is kept
_BETWEEN = b"\n;\n"  # no number goes on over it
# Runs of codes that each stand for one byte: something compressed begins where the run does.
_PERCENT_RUN = re.compile(rb"[A-Za-z0-9_.~+-]{0,200}%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9_.~+-])*")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_ENTITY_RUN = re.compile(rb"(?:&#(?:[0-9]{1,3}|[xX][0-9A-Fa-f]{1,2});){6,}")
_ESCAPE_RUN = re.compile(
    rb"(?:\\(?:u00|x)[0-9A-Fa-f]{2}|\\[ux]\{[0-9A-Fa-f]{1,2}\}|\\[0-3][0-7]{2}|U\+00[0-9A-Fa-f]{2} ?){4,}"
    rb"|\"(?:[^\"\\]|\\.)*?\\(?:u00|x|[0-3][0-7])(?:[^\"\\]|\\.)*\"|'(?:[^'\\\n]|\\.)*?\\x(?:[^'\\\n]|\\.)*'"
)
_BYTE_ESCAPE = re.compile(rb"\\(?:u00|x|[ux]\{|[0-3][0-7])|U\+00")  # no such run is without one
_QUOTED = re.compile(QUOTED.encode())
_PARAMETER = re.compile(rb"[?&][A-Za-z0-9_.-]{1,30}=2[0-9](?=[&\"'\s<>)#])")  # a number in an address is no code
_QUOTED_CODE = re.compile(rb"=(?:([0-9A-F]{2}|[0-9a-f]{2})|\r?\n)")
_QUOTED_RUN = re.compile(rb"[^\s\"'=<>]{0,8}(?:=[0-9A-Fa-f]{2})+(?:=[0-9A-Fa-f]{2}|=\r?\n|[!#-;?-~])*")
_INLINE = (
    rb"(?:a|abbr|b|bdi|bdo|big|cite|code|[cpt]p|data|del|dfn|em|font|hl|i|ins|kbd|mark|nobr|o:p|q|s|samp|small|span|strike|"
    rb"strong|sub|sup|time|tspan|tt|u|var|wbr|w:(?!p[ >/]|tab|br|tc|tr)[A-Za-z]+)"
)
_IN_TAG = rb"(?:[ \t\r\n/][^<>]{0,4096})?>"
# Escape sequences of a terminal, also as "cat -v" shows them, and tags of forums and search engines in brackets.
_ANSI = (
    rb"(?:\x1b\[[0-9;?]*[A-Za-z]|\^\[\[[0-9;]*m|\[/(?i:b|i|u|s|em|strong|color|size|font|url|mark|hl|quote)\]|"
    rb"\[(?i:b|i|u|s|em|strong|color|size|font|url|mark|hl)(?:=[^\]\r\n]{0,80})?\])"
)
_JOINING = re.compile(rb"</?" + _INLINE + _IN_TAG + rb"|<!--[^<>]{0,4096}-->|" + _ANSI)
_TAG = re.compile(rb"<(?:!--[^<>]{0,4096}--|[!?/]?[A-Za-z][A-Za-z0-9:-]{0,40}(?:[ \t\r\n/][^<>]{0,4096})?)>|" + _ANSI)
# It begins with its first sign and looks back then, so that a search jumps from one tag to the next.
_DOUBLE = re.compile(
    rb"<(?<=[A-Za-z0-9\x80-\xff]<)/?"
    + _INLINE
    + _IN_TAG
    + rb"(?:</?"
    + _INLINE
    + _IN_TAG
    + rb")+(?=[A-Za-z0-9\x80-\xff])"
)
_STYLE = re.compile(rb"(?i:<style\b)[^<>]{0,400}>[^<]*(?i:</style>)")


def rewritten(data: bytes, marks: frozenset[str]) -> Found:
    """Yield (step, bytes) of a UTF-8 text without its codes, its soft breaks and its tags. `marks` say which of them it
    holds.
    """
    if not marks.isdisjoint({"percent", "html", "escapes"}):
        yield from _codes(data)
    if "quoted-printable" in marks:
        windows = _windows(data, _QUOTED, ["quoted-printable"])
        windows = [window for window in windows if _QUOTED.search(_PARAMETER.sub(b"", window))]
        if windows:
            codes = (_QUOTED_CODE.sub(_quoted, each) for each in windows)
            yield "quoted-printable", _BETWEEN.join(codes)
            runs = _QUOTED_RUN.findall(b"\n".join(windows))
            yield from _opened("quoted-printable", ((_QUOTED_CODE.sub(_quoted, run),) for run in runs))
    if "markup" in marks:
        yield from _markup(data)


def _quoted(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex((match[1] or b"").decode())


def changes(line: bytes) -> bool:
    """Return whether any rewriting would change the line. Most lines lack the signs that each needs."""
    if (b"<" in line or b"\x1b" in line or b"^[[" in line or b"[/" in line) and _TAG.search(line):
        return True
    if b"=" in line and _QUOTED.search(line):
        return True
    # Written out: this is asked for every line, and a generator over the signs costs more than they do.
    return (b"%" in line or b"&" in line or b"\\" in line or b"+" in line) and _CODE.search(line) is not None


def _codes(data: bytes) -> Found:
    windows = _windows(data, _CODE, ["percent", "html", "escapes"])
    if not windows:
        return
    kinds: set[str] = set()

    def plain(match: re.Match[bytes]) -> bytes:
        group = match.lastindex or 0
        if match[0] in (b"\\b", b"\\f"):
            return b" "  # a text with control characters would be taken for something binary
        kinds.add(_KINDS.get(group, "escapes"))
        return _stands_for(match, group)

    whole = _joined_surrogates(_BETWEEN.join(_CODE.sub(plain, window) for window in windows))
    if not kinds:
        return
    step = "+".join(sorted(kinds))
    yield step, whole
    if len(kinds) > 1 and len(data) <= _SHORT:
        # What looks like one kind may be a piece of something that another kind wraps.
        for kind in sorted(kinds):
            yield kind, _joined_surrogates(_CODE.sub(_only(kind), data))
    if "percent" in kinds and b"+" in data and b" " not in data:
        yield step, _joined_surrogates(_CODE.sub(plain, data.replace(b"+", b" ")))
    around = b"\n".join(windows)
    if "percent" in kinds:
        yield from _opened("percent", (_percent_ends(run) for run in _PERCENT_RUN.findall(around)))
    if "html" in kinds:
        yield from _opened("html", ((_as_bytes(run),) for run in _ENTITY_RUN.findall(around)))
    if "escapes" in kinds:
        bytewise = b"\n".join(window for window in windows if _BYTE_ESCAPE.search(window))
        yield from _opened("escapes", (_escape_ends(run) for run in _ESCAPE_RUN.findall(bytewise)))


def _only(kind: str) -> Callable[[re.Match[bytes]], bytes]:
    def plain(match: re.Match[bytes]) -> bytes:
        group = match.lastindex or 0
        return _stands_for(match, group) if _KINDS.get(group, "escapes") == kind else match[0]

    return plain


def _stands_for(match: re.Match[bytes], group: int) -> bytes:
    said = match[group]
    if group in (2, 7):
        return bytes.fromhex(said.decode())
    if group == 8:
        return bytes([int(said, 8)])
    if group == 10:
        return _SIMPLE.get(said, said)
    if group == 3:
        return html.unescape(f"&{said.decode()}").encode("utf-8", "surrogatepass")
    code = int(said, 16)
    return chr(code).encode("utf-8", "surrogatepass") if code <= 0x10FFFF else match[0]


def _joined_surrogates(data: bytes) -> bytes:
    """Join surrogate pairs into one character each. A single half becomes a replacement character."""
    if b"\xed" not in data:
        return data
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8", "replace")


def _markup(data: bytes) -> Found:
    """Yield the text without tags. A tag inside a word leaves nothing behind, any other tag a space.

    Two tags in a row between letters may stand for nothing or for a space, so both texts are given.
    """
    tagged = _windows(data, _TAG, ["markup"])
    if not tagged:
        return
    clean = _STYLE.sub(b" ", _BETWEEN.join(tagged))
    yield "markup", _TAG.sub(b" ", _JOINING.sub(b"", clean))
    doubled = [(match.start() - _NEAR, match.end() + _NEAR) for match in _DOUBLE.finditer(clean)]
    if doubled:
        apart = (clean[begin:end] for begin, end in merged(doubled, clean))
        yield "markup", _BETWEEN.join(_TAG.sub(b" ", window) for window in apart)


def _windows(
    data: bytes, pattern: re.Pattern[bytes], marks: Iterable[str], *, around: int = _AROUND, short: int = _SHORT
) -> list[bytes]:
    """Return the parts of the text around each match, or all of a short text."""
    if len(data) <= short:
        return [data] if pattern.search(data) else []
    spans = sorted(span for mark in marks for span in signals().spans(mark, data, before=around + 10, after=around))
    return [data[begin:end] for begin, end in (merged(spans, data) if spans else ())]


def _opened(step: str, runs: Iterable[Iterable[bytes]]) -> Found:
    """Yield the runs of codes that stand for the bytes of something packed instead of characters."""
    for ends in runs:
        for data in ends:
            if is_container(data) or is_wide(data) or opens(data):
                yield step, data
                break


def _percent_ends(run: bytes) -> Iterator[bytes]:
    """Decode a run, and the run up to its last code: brotli refuses bytes behind its stream."""
    yield from dict.fromkeys(_PERCENT.sub(lambda m: bytes([int(m[0][1:], 16)]), each) for each in _ends(run, _PERCENT))


def _escape_ends(run: bytes) -> Iterator[bytes]:
    run = run[1:-1] if run[:1] in b"\"'" else run
    run = run[2:-1] if run[:2] in (b"b'", b'b"') and run[-1:] == run[1:2] else run  # Python's repr of bytes in JSON
    yield from dict.fromkeys(_as_bytes(each) for each in _ends(run, _CODE))


def _ends(run: bytes, code: re.Pattern[bytes]) -> Iterator[bytes]:
    yield run
    last = 0
    for match in code.finditer(run):
        last = match.end()
    if 0 < last < len(run):
        yield run[:last]


def _as_bytes(run: bytes) -> bytes:
    """Replace each code by one byte, whatever its kind."""

    def one(match: re.Match[bytes]) -> bytes:
        entity = match[3] or b""
        if entity[:1] == b"#":
            digits = entity[1:].rstrip(b";")
            code = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
            return bytes([code]) if code < 256 else b"?"
        said = _stands_for(match, match.lastindex or 0)
        if match.lastindex in _CODE_POINTS or match.lastindex == 3:
            text = said.decode("utf-8", "replace")
            return text.encode("latin-1", "replace")
        return said

    return _CODE.sub(one, run)
