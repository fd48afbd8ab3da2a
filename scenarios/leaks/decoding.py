"""Bytes -> every readable layer in them: encodings taken off in any order, to a depth, within bounds.

A layer remembers the steps that led to it. What the bounds cut off is said, never silently dropped.
"""

import binascii
import html
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

import msgspec

from scenarios.leaks.containers import printable, riff_chunks


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds for one haystack part. `bytes_out` counts all layers together; `inflated` one decompression."""

    depth: int = 4
    layers: int = 2_000
    bytes_out: int = 32 * 1024 * 1024
    inflated: int = 8 * 1024 * 1024
    seconds: float = 5.0


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what can be read in `data`; `how` the steps from the outside in, empty for the thing itself."""

    data: bytes
    text: str
    how: tuple[str, ...]


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """Layers, outermost first; `cut` says which bound was met, if one was."""

    layers: tuple[Layer, ...]
    cut: str | None = None


_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z_-]{0,15}|[0-9_-]+")  # readable text hardly ever looks like this in base64
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_SPACED_HEX = re.compile(r"(?:(?:0x)?[0-9A-Fa-f]{2}[ :,-]{1,2}){5,}(?:0x)?[0-9A-Fa-f]{2}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\"'\\/bfnrt]))")
_TAG = re.compile(r"<(?:!--[^<>]{0,4096}--|[!?/]?[A-Za-z][A-Za-z0-9:-]{0,40}(?:[ \t\r\n/][^<>]{0,4096})?)>")
_HEX_FILLER = re.compile(r"0x|[ :,-]")
_READABLE = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){5}")
_STANDARD = str.maketrans("-_", "+/")
_SIMPLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_COMPRESSIONS = ("gzip", "zlib")
_NOISY = ("base64", "hex")  # a wrong guess gives random bytes, which Latin-1 would turn into letters
_MAX_STREAMS = 16  # compressed streams looked for inside one layer

Found = Iterator[tuple[str, bytes]]


def decode(data: bytes, limits: Limits) -> Decoded:
    """Breadth first, so that every content keeps its shortest chain of steps. Never raises for any bytes."""
    layers = [Layer(data=data, text=printable(data), how=())]
    seen, spent, at, cut = {data}, len(data), 0, None
    deadline = time.monotonic() + limits.seconds
    while at < len(layers):
        layer = layers[at]
        at += 1
        for step, inner in _inside(layer, limits):
            if inner in seen:
                continue
            if len(layer.how) >= limits.depth:
                return Decoded(layers=tuple(layers), cut=cut or f"encoded more than {limits.depth} deep")
            seen.add(inner)
            spent += len(inner)
            if len(layers) >= limits.layers or spent > limits.bytes_out or time.monotonic() > deadline:
                return Decoded(layers=tuple(layers), cut=cut or "decoding bounds met")
            if step in _COMPRESSIONS and len(inner) > limits.inflated:
                cut = f"more than {limits.inflated} bytes when decompressed"
            text = printable(inner, latin=step not in _NOISY)
            layers.append(Layer(data=inner, text=text, how=(*layer.how, step)))
    return Decoded(layers=tuple(layers), cut=cut)


def _inside(layer: Layer, limits: Limits) -> Found:
    for decoder in _IN_BYTES:
        yield from decoder(layer.data, limits)
    for reader in _IN_TEXT:
        # Taking tags out of noise brings new ones together, on and on; taking them out once is enough.
        if reader is not _markup or layer.how[-1:] != ("markup",):
            yield from reader(layer.text)


def _compressed(data: bytes, limits: Limits) -> Found:
    """gzip anywhere, zlib at the start; a bomb is read up to the bound."""
    if _is_zlib(data):
        yield from _inflate("zlib", data, zlib.MAX_WBITS, limits)
    at = data.find(b"\x1f\x8b\x08")
    for _ in range(_MAX_STREAMS):
        if at < 0:
            return
        yield from _inflate("gzip", data[at:], zlib.MAX_WBITS | 16, limits)
        at = data.find(b"\x1f\x8b\x08", at + 1)


def _is_zlib(data: bytes) -> bool:
    return len(data) > 2 and data[0] == 0x78 and int.from_bytes(data[:2], "big") % 31 == 0


def _inflate(step: str, data: bytes, window: int, limits: Limits) -> Found:
    stream = zlib.decompressobj(window)
    try:
        inflated = stream.decompress(data, limits.inflated + 1)
    except zlib.error:
        inflated = _inflate_broken(data, window, limits)
    if inflated:
        yield step, inflated


def _inflate_broken(data: bytes, window: int, limits: Limits) -> bytes:
    """What a damaged or cut stream still gives."""
    stream, out = zlib.decompressobj(window), bytearray()
    for at in range(0, len(data), 64):
        try:
            out += stream.decompress(data[at : at + 64], limits.inflated + 1 - len(out))
        except zlib.error:
            break
        if len(out) > limits.inflated:
            break
    return bytes(out)


def _riff(data: bytes, _limits: Limits) -> Found:
    for chunk in riff_chunks(data):
        yield "riff", chunk


def _utf16(data: bytes, _limits: Limits) -> Found:
    if b"\x00" not in data:
        return
    for step, pattern in (("utf-16", _UTF16_LITTLE), ("utf-16", _UTF16_BIG)):
        runs = [run.replace(b"\x00", b"") for run in pattern.findall(data)]
        if runs:
            yield step, b"\n".join(runs)


_UTF16_LITTLE = re.compile(rb"(?:[\x20-\x7e]\x00){5,}")
_UTF16_BIG = re.compile(rb"(?:\x00[\x20-\x7e]){5,}")


def _percent(text: str) -> Found:
    if "%" in text and _PERCENT.search(text):
        yield "percent", unquote_to_bytes(text)


def _entities(text: str) -> Found:
    if "&" in text and _ENTITY.search(text):
        yield from _both_ways("html", html.unescape(text))


def _escapes(text: str) -> Found:
    if "\\" in text and _ESCAPE.search(text):
        yield from _both_ways("escapes", _join_surrogates(_ESCAPE.sub(_unescape, text)))


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _SIMPLE_ESCAPES.get(match[4], match[4])
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else match[0]


def _join_surrogates(text: str) -> str:
    """ "\\ud83d\\ude00" is one character; half of one is nothing."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _markup(text: str) -> Found:
    if "<" in text and _TAG.search(text):
        yield "markup", _encode(_TAG.sub(" ", text))


def _base64(text: str) -> Found:
    """Standard, url-safe and unpadded, at every offset: a prefix of the same alphabet shifts the frame."""
    return _readable("base64", _base64_tokens(text))


def _base64_tokens(text: str) -> Iterator[bytes]:
    for token in _TOKEN.findall(text):
        if _PLAIN_WORD.fullmatch(token):
            continue
        symbols = token.translate(_STANDARD).encode()
        for offset in range(min(4, len(symbols) - 7)):
            usable = (len(symbols) - offset) // 4 * 4
            rest = symbols[offset + usable :]
            padded = symbols[offset : offset + usable] + (rest + b"==="[: 4 - len(rest)] if len(rest) > 1 else b"")
            yield binascii.a2b_base64(padded)


def _hex(text: str) -> Found:
    return _readable("hex", _hex_tokens(text))


def _hex_tokens(text: str) -> Iterator[bytes]:
    for token in _HEX.findall(text):
        for offset in (0, 1):
            even = (len(token) - offset) // 2 * 2
            yield bytes.fromhex(token[offset : offset + even])
    for token in _SPACED_HEX.findall(text):
        yield bytes.fromhex(_HEX_FILLER.sub("", token))


def _readable(step: str, pieces: Iterator[bytes]) -> Found:
    """Most words are base64 of noise: what can be read is kept, in one layer, one piece a line.

    What a container decoder would know at its first bytes gets a layer of its own.
    """
    lines = []
    for piece in pieces:
        if _is_container(piece):
            yield step, piece
        elif _READABLE.search(piece):
            lines.append(piece)
    if lines:
        yield step, b"\n".join(lines)


def _is_container(data: bytes) -> bool:
    return b"\x1f\x8b\x08" in data or _is_zlib(data) or data.startswith((b"RIFF", b"RIFX"))


def _both_ways(step: str, text: str) -> Found:
    """Escapes stand for characters, but also for the bytes of something compressed, one code each."""
    yield step, _encode(text)
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return
    if _is_container(raw):
        yield step, raw


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


_IN_BYTES: Sequence[Callable[[bytes, Limits], Found]] = (_compressed, _riff, _utf16)
_IN_TEXT: Sequence[Callable[[str], Found]] = (_percent, _entities, _escapes, _markup, _base64, _hex)
