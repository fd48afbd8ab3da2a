"""Decodes longer codes in a text: arrays of byte values, bits, uuencode, UTF-7, punycode, mojibake and Cloudflare's
e-mails.

Each reader has a mark of its own in signals.py and does not know the others.
"""

import base64
import re
from collections.abc import Callable, Mapping

from scenarios.leaks.decode.containers import is_container, is_wide
from scenarios.leaks.decode.packed.marks import Found, is_binary, plausible
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.decode.written.alphabets import adobe, base32hex, css, dotted
from scenarios.leaks.decode.written.blocks import uuencoded
from scenarios.leaks.decode.written.calls import calls, concatenated
from scenarios.leaks.decode.written.charsets import mojibake, punycode, shifted, utf7
from scenarios.leaks.decode.written.escaped import directory, office, signs
from scenarios.leaks.decode.written.forms import (
    continued,
    encoded_words,
    machine_readable,
    named,
    pieces,
    read_out,
)
from scenarios.leaks.decode.written.layout import emphasised, hyphenated, thousands
from scenarios.leaks.decode.written.mailboxes import mailboxes, remarked, spelled_out
from scenarios.leaks.decode.written.parted import parted
from scenarios.leaks.decode.written.rotated import rot47
from scenarios.leaks.decode.written.typeset import literals, numerals, roff, struck, tex
from scenarios.leaks.decode.written.units import letters, short_octal, units

_ARRAY = re.compile(rb"-?[0-9]{1,7}(?:[,; \t\r\n]{1,12}-?[0-9]{1,7}){5,}")
_NUMBER = re.compile(rb"-?[0-9]+")
_OCTAL = re.compile(rb"[0-3][0-7]{2}(?:[,; \t\r\n]{1,12}[0-3][0-7]{2}){5,}")
_BITS = re.compile(rb"(?<![0-9])[01]{8}(?:[ ,]?[01]{8}){5,}(?![0-9])")
_BITS_TURNED = bytes(int(f"{code:08b}"[::-1], 2) for code in range(256))
_CLOUDFLARE = re.compile(rb"(?:data-cfemail=[\"']?|email-protection#)([0-9A-Fa-f]{8,512})")
_KEYED = re.compile(rb'"0": ?([0-9]{1,3})((?:, ?\s*"[0-9]{1,7}": ?[0-9]{1,3}){5,})')
_KEYED_NEXT = re.compile(rb'"([0-9]{1,7})": ?([0-9]{1,3})')
_PATCH = re.compile(rb"(?:literal|delta) [0-9]{1,12}\r?\n((?:[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}\r?\n)+)")
_LETTER_LENGTH = {code: at + 1 for at, code in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")}
_TEXT_RUN = re.compile(rb"[\x20-\x7e\xc2-\xf4][\x20-\x7e\x80-\xbf]{5,}")
_NUMBERS_AROUND = 100
_SENTENCE = 300  # bytes on either side
_WRITTEN_AROUND = 60  # bytes on either side that a name or an address may need
_NUMBERS = 200_000  # of one array


def coded(data: bytes, marks: frozenset[str]) -> Found:
    """Yield (step, bytes) of every code whose mark is among `marks`."""
    for name, read in _READERS.items():
        if name in marks:
            yield from read(data)


def _arrays(data: bytes) -> Found:
    """Decode lists of numbers such as [82, 111, ...]: Node's Buffer, Java's signed bytes, String.fromCharCode."""
    texts: list[bytes] = []
    runs: list[bytes] = []
    for match in _ARRAY.finditer(b"\n;\n".join(signals().windows("array", data, _NUMBERS_AROUND))):
        numbers = list(map(int, _NUMBER.findall(match[0])[:_NUMBERS]))
        if min(numbers) >= -128 and max(numbers) <= 255:
            piece = bytes(numbers) if min(numbers) >= 0 else bytes(number & 0xFF for number in numbers)
            if is_binary(piece) and (is_container(piece) or is_wide(piece) or opens(piece)):
                yield "codes", piece
                continue
        else:
            written = (chr(n) if 9 <= n <= 0x10FFFF and not 0xD800 <= n < 0xE000 else "\0" for n in numbers)
            piece = "".join(written).encode()
        if _OCTAL.fullmatch(match[0]) and plausible(octal := _of_octal(match[0])):
            texts.append(octal)
        elif plausible(piece):
            texts.append(piece)
        elif not piece.isascii() and plausible(points := piece.decode("latin-1").encode()):
            texts.append(points)
        else:
            runs += _TEXT_RUN.findall(piece)
    if texts:
        yield "codes", b"\n".join(texts)
    if runs:
        yield "codes", b"\0".join([*runs, b""])


def _of_octal(listed: bytes) -> bytes:
    """Return the bytes of codes of three octal digits, as `od` lists them."""
    return bytes(int(code, 8) for code in _NUMBER.findall(listed)[:_NUMBERS])


def _bits(data: bytes) -> Found:
    for match in _BITS.finditer(b"\n;\n".join(signals().windows("bits", data, _NUMBERS_AROUND))):
        digits = match[0].translate(None, b" ,")
        piece = int(digits, 2).to_bytes(len(digits) // 8, "big") if len(digits) <= 65_536 else b""
        for each in (piece, piece.translate(_BITS_TURNED)):  # the highest bit first, or the lowest
            if plausible(each) or is_container(each) or is_wide(each) or opens(each):
                yield "bits", each
                break


def _cloudflare(data: bytes) -> Found:
    """Decode Cloudflare's hidden e-mail addresses. The first byte is the XOR key of all others."""
    found = []
    for digits in _CLOUDFLARE.findall(data):
        key, *rest = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        found.append(bytes(code ^ key for code in rest))
    if found:
        yield "xor", b"\n".join(found)


def _keyed(data: bytes) -> Found:
    """Give {"0": 82, "1": 111, ...}, as JSON has a typed array of JavaScript."""
    for match in _KEYED.finditer(data):
        pairs = [(int(key), int(code)) for key, code in _KEYED_NEXT.findall(match[2])[:_NUMBERS]]
        codes = [int(match[1]), *(code for _, code in pairs)]
        if [key for key, _ in pairs] == list(range(1, len(codes))) and max(codes) < 256:
            yield "codes", bytes(codes)


def _patches(data: bytes) -> Found:
    """Give what git's binary patches hold: lines of base85, the length of each as a letter before it, then zlib."""
    for match in _PATCH.finditer(data):
        out = bytearray()
        for line in match[1].split():
            try:
                out += base64.b85decode(line[1:])[: _LETTER_LENGTH[line[0]]]
            except ValueError:
                break
        if out:
            yield "git patch", bytes(out)


def _near(mark: str, read: Callable[[bytes], Found], around: int = _WRITTEN_AROUND) -> Callable[[bytes], Found]:
    """Return the reader for the parts of a text around its mark only."""
    return lambda data: read(b"\n;\n".join(signals().windows(mark, data, around)))


def _marked(mark: str, read: Callable[[bytes], Found]) -> Callable[[bytes], Found]:
    """Return the reader for texts that have its mark. Without it, what the reader takes away hides no value."""
    return lambda data: read(data) if signals().stands(mark, data) else iter(())


_WRITTEN: Mapping[str, Callable[[bytes], Found]] = {
    "hyphenated": hyphenated,
    "emphasis": _marked("emphasis", emphasised),
    "thousands": thousands,
    "mailbox": mailboxes,
    "spelled out": spelled_out,
    "remarked": _marked("remarked", remarked),
    "units": units,
    "letters": letters,
    "short octal": short_octal,
    "escaped signs": _marked("escaped signs", signs),
    "directory": directory,
    "office": office,
    "calls": calls,
    "css": css,
    "base32hex": base32hex,
    "rot47": rot47,
    "dotted": dotted,
    "encoded words": encoded_words,
    "machine-readable": machine_readable,
    "pieces": pieces,
    "continued": continued,
    "read out": read_out,
    "named": named,
}
_READERS: Mapping[str, Callable[[bytes], Found]] = {
    "array": _arrays,
    "bits": _bits,
    "uuencode": uuencoded,
    "utf-7": utf7,
    "punycode": punycode,
    "mojibake": mojibake,
    "cloudflare": _cloudflare,
    "keyed array": _keyed,
    "git patch": _patches,
    "shifted": shifted,
    "overstruck": struck,
    "tex": _near("tex", tex, _SENTENCE),
    "literals": _near("literals", literals, _SENTENCE),
    "roff": _near("roff", roff, _SENTENCE),
    "concatenated": _near("concatenated", concatenated, 2_000),
    "adobe": adobe,
    "numerals": numerals,
    "parted": parted,
    **{mark: _near(mark, read) for mark, read in _WRITTEN.items()},
}
