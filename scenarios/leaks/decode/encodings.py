"""Text -> what its escapes and encodings stand for; one reader per encoding, none of them knows the others."""

import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

from scenarios.leaks.decode.archives import is_binary, opens, plausible
from scenarios.leaks.decode.bases import pieces
from scenarios.leaks.decode.containers import Found, begins_container, is_container, is_wide
from scenarios.leaks.decode.fields import events, joined, objects
from scenarios.leaks.decode.signals import ALL
from scenarios.leaks.decode.spoken import said

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,}|[A-Za-z0-9+/_-]{6,7}=")
_WRAPPED = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}+(?:[ \t]*\r?\n[ \t]*[A-Za-z0-9+/_-]{1,}={0,2})+"
)  # MIME, PEM
_SEGMENT = 12  # symbols
_SLASHES = 6
# Runs of codes that each stand for one byte: something compressed begins where the run does.
_PERCENT_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9_.~+-])*%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9_.~+-])*")
_ENTITY_RUN = re.compile(r"(?:&#(?:[0-9]{1,3}|[xX][0-9A-Fa-f]{1,2});){6,}")
_ENTITY_CODE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9A-Fa-f]+));")
_ESCAPE_RUN = re.compile(r"(?:\\(?:u00|x)[0-9A-Fa-f]{2}){4,}|\"(?:[^\"\\]|\\.)*\\u00(?:[^\"\\]|\\.)*\"")
_BLANK = re.compile(r"\s+")
_QUOTED = re.compile(r"=[0-9A-F]{2}[^=]{0,80}=(?:[0-9A-F]{2}|\r?\n)|=\r?\n")
# Backwards: percent, entities and escapes end where they should begin.
_BACKWARDS = re.compile(r"(?:[0-9A-Fa-f]{2}%){4}|(?:;[0-9A-Fa-f]{2,3}x?#&){4}|(?:[0-9A-Fa-f]{2}(?:00u|x)\\){4}")
_ROTATED = re.compile(r"(?:%[2-7][0-9n-sN-S]){4}|(?:\\(?:h00|k)[2-7][0-9n-sN-S]){4}|(?:&#k[0-9n-s]{2};){4}")
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z_-]{0,15}|[0-9_-]+")  # readable text hardly ever looks like this in base64
_ONLY_HEX = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}")  # base64 hardly ever looks like this
_SURE = 12  # bytes that can be read, from which no other offset is asked
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_SPACED_HEX = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}([ :,-]{1,2})(?:(?:0x)?[0-9A-Fa-f]{2}\1){4,}(?:0x)?[0-9A-Fa-f]{2}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\"'\\/bfnrt]))")
_TAG = re.compile(r"<(?:!--[^<>]{0,4096}--|[!?/]?[A-Za-z][A-Za-z0-9:-]{0,40}(?:[ \t\r\n/][^<>]{0,4096})?)>")
_HEX_FILLER = re.compile(r"0x|[ :,-]")
_READABLE = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){5}")
_STANDARD = str.maketrans("-_", "+/")
_SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def in_text(text: str, *, noise: bool, marks: frozenset[str] = ALL, tried: set[str] | None = None) -> Found:
    """Everything encoded in a text, as (step, bytes). `marks`: what `Signals` saw in it; without, all is tried.

    Tokens in `tried` were read in another text already; those read here are added.
    Of `noise` (readable runs of something binary, one a line) only the lines that change are read on: by chance
    some always do, and with all the others kept this would go on for ever.
    """
    for name, pattern, reader in _WHOLE:
        if name not in marks:
            continue
        changing = "\n".join(filter(pattern.search, text.split("\n"))) if noise else text
        if pattern.search(changing):
            yield from _by_line(reader(changing)) if "\n" in changing and not noise else reader(changing)
    tried = set() if tried is None else tried
    if "base64" in marks:
        yield from _readable("base64", _base64_tokens(text, tried))
    if "hex" in marks:
        yield from _readable("hex", _hex_tokens(text))
    if not noise:
        yield from _guessed(text, marks, tried)
        if "fields" in marks:
            yield from joined(text)
        if "events" in marks:
            yield from events(text)
        if "lines" in marks:
            yield from objects(text)
        if "said" in marks:
            yield from said(text)


def _guessed(text: str, marks: frozenset[str], tried: set[str]) -> Found:
    """Alphabets without a mark, one layer a step; in readable runs of noise they would turn up by chance for ever."""
    found: dict[str, list[bytes]] = {}
    for step, piece in pieces(text, marks, tried):
        if is_container(piece) or not piece.isascii():
            yield step, piece
        else:
            found.setdefault(step, []).append(piece)
    for step, lines in found.items():
        yield step, b"\n".join(lines)


def _by_line(found: Found) -> Found:
    """Lines that can be read apart from those that cannot: one may hold a token's claims, the next its signature."""
    for step, data in found:
        if not is_binary(data) or plausible(data):
            yield step, data
            continue
        lines = data.split(b"\n")
        clean = [line for line in lines if not line or plausible(line)]
        if len(clean) < len(lines):
            yield step, data
        if any(clean):
            yield step, b"\n".join(clean)


def _percent(text: str) -> Found:
    yield "percent", unquote_to_bytes(text)
    for run in _PERCENT_RUN.findall(text):
        yield from _openable("percent", *map(unquote_to_bytes, _with_and_without_tail(run, _PERCENT)))


def _entities(text: str) -> Found:
    yield "html", _encode(html.unescape(text))
    for run in _ENTITY_RUN.findall(text):
        codes = [int(decimal or digits, 10 if decimal else 16) for decimal, digits in _ENTITY_CODE.findall(run)]
        yield from _openable("html", bytes(code & 0xFF for code in codes))


def _escapes(text: str) -> Found:
    yield "escapes", _encode(_join_surrogates(_ESCAPE.sub(_unescape, text)))
    for run in _ESCAPE_RUN.findall(text):
        ends = _with_and_without_tail(run.strip('"'), _ESCAPE)
        characters = [_ESCAPE.sub(_unescape, each).encode("latin-1", "replace") for each in ends]
        yield from _openable("escapes", *characters)


def _with_and_without_tail(run: str, code: re.Pattern[str]) -> list[str]:
    """A run as it is, and up to its last code: brotli takes what stands behind a stream for an error."""
    *_, last = code.finditer(run)
    return list(dict.fromkeys((run, run[: last.end()])))


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _SIMPLE_ESCAPES.get(match[4], match[4])
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else match[0]


def _join_surrogates(text: str) -> str:
    """ "\\ud83d\\ude00" is one character; half of one is nothing."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _markup(text: str) -> Found:
    yield "markup", _encode(_TAG.sub(" ", text))


def _quoted_printable(text: str) -> Found:
    yield "quoted-printable", binascii.a2b_qp(_encode(text))


def _unwrapped(text: str) -> Found:
    """Encoded lines put together again, each block on a line of its own."""
    yield "wrapped", _encode("\n".join(_BLANK.sub("", block) for block in _WRAPPED.findall(text)))


def _backwards(text: str) -> Found:
    yield "reversed", _encode(text[::-1])


def _rotated(text: str) -> Found:
    yield "rot13", _encode(codecs.encode(text, "rot13"))


def _base64_tokens(text: str, tried: set[str]) -> Iterator[bytes]:
    """Standard, url-safe and unpadded, at every offset: a prefix of the same alphabet shifts the frame."""
    for token in _TOKEN.findall(text):
        if token in tried or _PLAIN_WORD.fullmatch(token) or _ONLY_HEX.fullmatch(token):
            continue
        tried.add(token)
        yield from _frames(token.translate(_STANDARD))


def _frames(token: str) -> Iterator[bytes]:
    """What a token gives at every offset; only at the first when that surely is the right one."""
    whole = _decoded(token.encode())
    yield whole
    if begins_container(whole) or (len(whole) >= _SURE and plausible(whole)):
        return
    # A path before it is of the same alphabet: what is compressed must be read from its first byte.
    for slash in [at for at, symbol in enumerate(token) if symbol == "/"][:_SLASHES]:
        if len(token) - slash > _SEGMENT:
            yield _decoded(token[slash + 1 :].encode())
    symbols = token.encode()
    for offset in range(1, min(4, len(symbols) - 7)):
        yield _decoded(symbols[offset:])


def _decoded(symbols: bytes) -> bytes:
    """Whole groups, and what the last one holds."""
    spare = len(symbols) % 4
    usable = symbols[: len(symbols) - spare] if spare < 2 else symbols + b"=" * (4 - spare)
    return binascii.a2b_base64(usable)


def _hex_tokens(text: str) -> Iterator[bytes]:
    for token in _HEX.findall(text):
        for offset in (0, 1):
            even = (len(token) - offset) // 2 * 2
            yield bytes.fromhex(token[offset : offset + even])
    for match in _SPACED_HEX.finditer(text):
        yield bytes.fromhex(_HEX_FILLER.sub("", match[0]))


def _readable(step: str, pieces: Iterator[bytes]) -> Found:
    """Most words are base64 of noise: what can be read is kept, in one layer, one piece a line.

    What a container decoder would know at its first bytes gets a layer of its own.
    """
    clean, mixed = [], []
    for piece in pieces:
        if is_container(piece) or is_wide(piece) or opens(piece):
            yield step, piece
        elif plausible(piece):
            clean.append(piece)
        elif _READABLE.search(piece):
            mixed.append(piece)
    for lines in (clean, mixed):
        if lines:
            yield step, b"\n".join(lines)


def _openable(step: str, *ends: bytes) -> Found:
    """Escapes stand for characters, but also for the bytes of something compressed, one code each."""
    for data in ends:
        if is_container(data) or is_wide(data) or opens(data):
            yield step, data
            return


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


_WHOLE: Sequence[tuple[str, re.Pattern[str], Callable[[str], Found]]] = (
    ("percent", _PERCENT, _percent),
    ("html", _ENTITY, _entities),
    ("escapes", _ESCAPE, _escapes),
    ("markup", _TAG, _markup),
    ("quoted-printable", _QUOTED, _quoted_printable),
    ("wrapped", _WRAPPED, _unwrapped),
    ("reversed", _BACKWARDS, _backwards),
    ("rot13", _ROTATED, _rotated),
)
