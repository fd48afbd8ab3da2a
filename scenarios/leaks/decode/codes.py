"""Decodes longer codes in a text: arrays of byte values, bits, uuencode, UTF-7, punycode, mojibake and Cloudflare's
e-mails.

Each reader has a mark of its own in signals.py and does not know the others.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping

from scenarios.leaks.decode.containers import is_container, is_wide
from scenarios.leaks.decode.packed.marks import Found, is_binary, plausible
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.decode.written.alphabets import base32hex, css, dotted
from scenarios.leaks.decode.written.around import around
from scenarios.leaks.decode.written.calls import calls
from scenarios.leaks.decode.written.forms import (
    continued,
    encoded_words,
    machine_readable,
    named,
    pieces,
    read_out,
)
from scenarios.leaks.decode.written.layout import emphasised, hyphenated, thousands
from scenarios.leaks.decode.written.mailboxes import mailboxes
from scenarios.leaks.decode.written.rotated import rot47

_ARRAY = re.compile(rb"-?[0-9]{1,7}(?:[,; \t\r\n]{1,12}-?[0-9]{1,7}){5,}")
_NUMBER = re.compile(rb"-?[0-9]+")
_BITS = re.compile(rb"(?<![0-9])[01]{8}(?:[ ,]?[01]{8}){5,}(?![0-9])")
_BITS_TURNED = bytes(int(f"{code:08b}"[::-1], 2) for code in range(256))
_UU = re.compile(rb"(?<![A-Za-z])begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n((?:[ -`]{1,90}\r?\n)+)")
# The lines alone, as perl's pack gives them: each full one begins with "M" and has 61 signs.
_UU_BARE = re.compile(rb"(?:^|\n)((?:M[ -`]{60}\r?\n)+(?:[ -`]{2,61}(?=\r?\n|$))?)")
_UTF7 = re.compile(rb"[+&]([ABHI][A-Za-z0-9+/,]{2,60}(?![A-Za-z0-9+/,])|[A-Za-z0-9+/,]{3,60}(?=-))-?")
_PUNY = re.compile(rb"(?i:xn--)([A-Za-z0-9-]{1,59})")
_PUNY_MARK = re.compile(rb"(?i:xn--)")
_WORD_END = re.compile(rb"[\s\"'<>,;]")
_LONGEST_WORD = 4_096  # bytes before a label
_MOJI = re.compile(
    rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xc5[\x92-\xbe]|\xc6\x92|\xcb[\x86\x9c]"
    rb"|\xe2(?:\x80[\x93-\xba]|\x82\xac|\x84\xa2)){1,3}"
)
_NEAR = 300  # bytes kept around a change
_CLOUDFLARE = re.compile(rb"(?:data-cfemail=[\"']?|email-protection#)([0-9A-Fa-f]{8,512})")
_KEYED = re.compile(rb'"0": ?([0-9]{1,3})((?:, ?\s*"[0-9]{1,7}": ?[0-9]{1,3}){5,})')
_KEYED_NEXT = re.compile(rb'"([0-9]{1,7})": ?([0-9]{1,3})')
_PATCH = re.compile(rb"(?:literal|delta) [0-9]{1,12}\r?\n((?:[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}\r?\n)+)")
_LETTER_LENGTH = {code: at + 1 for at, code in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")}
_SHIFTED = re.compile(rb"\x1b\$[()]?[@A-D][^\x1b]{2,400}(?:\x1b\([BJ])?|~\{[!-w][!-~]{1,400}~\}")
_SHIFTS = ("iso2022_jp_2", "iso2022_kr", "hz")
_LITERALS = re.compile(rb"[\"'](?<![\"'\s].)(?:\s?(?:[+.&]|\|\|)\s{0,40}|[ \t]*\r?\n[ \t]*|[ \t])[\"'](?=[^\"'\s,:])")
_STRUCK = re.compile(r"(.)\x08(.)")
# An accent before its letter, in braces or within a word; then letters that have no accent.
_TEX = re.compile(
    rb"\{\\(?:[\"'`^~=.]|[Hcdkruv] )\{?\\?([A-Za-z])\}?\}|\\[\"'`^~=.Hcdkruv]\{\\?([A-Za-z])\}"
    rb"|(?<=[A-Za-z])\\[\"'`^~](?:\\([ij])(?: |\{\})?|([A-Za-z]))(?=[A-Za-z}])"
    rb"|\{\\(ss|ae|oe|aa|o|l|AE|OE|AA|O|L|i)\}|\\(ss|ae|oe|aa|o|l|AE|OE|AA|O|L)(?:\{\}|\\ | (?=[a-z]))"
)
_NUMERALS = str.maketrans("\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d", "0123456789")
_IN_NUMERALS = re.compile("[\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d]{2,}[-\u30fc\u306e\uff0d]?")
_TEXT_RUN = re.compile(rb"[\x20-\x7e\xc2-\xf4][\x20-\x7e\x80-\xbf]{5,}")
_NUMBERS_AROUND = 100
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
        if plausible(piece):
            texts.append(piece)
        elif not piece.isascii() and plausible(points := piece.decode("latin-1").encode()):
            texts.append(points)
        else:
            runs += _TEXT_RUN.findall(piece)
    if texts:
        yield "codes", b"\n".join(texts)
    if runs:
        yield "codes", b"\0".join([*runs, b""])


def _bits(data: bytes) -> Found:
    for match in _BITS.finditer(b"\n;\n".join(signals().windows("bits", data, _NUMBERS_AROUND))):
        digits = match[0].translate(None, b" ,")
        piece = int(digits, 2).to_bytes(len(digits) // 8, "big") if len(digits) <= 65_536 else b""
        for each in (piece, piece.translate(_BITS_TURNED)):  # the highest bit first, or the lowest
            if plausible(each) or is_container(each) or is_wide(each) or opens(each):
                yield "bits", each
                break


def _uuencoded(data: bytes) -> Found:
    bare = () if _UU.search(data) else _UU_BARE.finditer(data)
    for match in (*_UU.finditer(data), *bare):
        out = bytearray()
        for line in match[1].splitlines():
            try:
                out += binascii.a2b_uu(line)
            except binascii.Error:
                # Some encoders write too many or too few symbols for what the first one says.
                wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
                try:
                    out += binascii.a2b_uu(line[:wanted])
                except binascii.Error:
                    break
        if out:
            yield "uuencode", bytes(out)


def _utf7(data: bytes) -> Found:
    """Decode "+AOs-" of RFC 2152 and "&AOs-" of mailbox names. Only letters of scripts in common use are accepted."""
    yield from around("utf-7", data, _UTF7, _from_utf7)


def _from_utf7(match: re.Match[bytes]) -> bytes:
    symbols = match[1].replace(b",", b"/")
    size = len(symbols) * 6 // 16 * 2
    try:
        raw = binascii.a2b_base64(symbols[: len(symbols) - (len(symbols) % 4 == 1)] + b"=" * (-len(symbols) % 4))[:size]
        text = raw.decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match[0]
    known = all(0x20 <= ord(char) < 0x700 or 0x1E00 <= ord(char) < 0x2100 for char in text)
    asian = all(0x3000 <= ord(char) < 0x9FB0 or 0xAC00 <= ord(char) < 0xD7A4 for char in text)
    return text.encode() if text and (known or (asian and match[0].endswith(b"-"))) else match[0]


def _punycode(data: bytes) -> Found:
    def plain(match: re.Match[bytes]) -> bytes:
        try:
            return match[1].lower().decode("punycode").encode()
        except UnicodeError:
            return match[0]

    labels = dict.fromkeys(_labels(data, plain))
    if labels:
        yield "punycode", b"\n".join(labels)


def _labels(data: bytes, plain: Callable[[re.Match[bytes]], bytes]) -> Iterator[bytes]:
    """Yield each whole word that holds a punycode label, with the label decoded."""
    last = 0
    for mark in _PUNY_MARK.finditer(data):
        if mark.start() >= last:
            before = _WORD_END.split(data[max(last, mark.start() - _LONGEST_WORD) : mark.start()])[-1]
            end = _WORD_END.search(data, mark.end())
            last = end.start() if end else len(data)
            yield _PUNY.sub(plain, before + data[mark.start() : last])


def _mojibake(data: bytes) -> Found:
    """Repair UTF-8 that was read as Windows-1252 or Latin-1 and then written as UTF-8 again."""
    yield from around("mojibake", data, _MOJI, _from_mojibake)


def _from_mojibake(match: re.Match[bytes]) -> bytes:
    text = match[0].decode("utf-8", "replace")
    for charset in ("cp1252", "latin-1"):
        try:
            plain = b"".join(_byte(char, charset) for char in text)
            plain.decode()
        except UnicodeError:
            continue
        return plain
    return match[0]


def _byte(char: str, charset: str) -> bytes:
    return bytes([ord(char)]) if ord(char) < 0x100 else char.encode(charset)


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


def _shifted(data: bytes) -> Found:
    """Give what escape sequences shift to other characters: ISO 2022 of Japan and Korea, HZ of China."""
    for charset in _SHIFTS:
        if (b"~{" if charset == "hz" else b"\x1b$") not in data:
            continue

        def plain(match: re.Match[bytes], charset: str = charset) -> bytes:
            text = match[0] if charset == "hz" else (b"\x1b$)C" + match[0] if charset.endswith("kr") else match[0])
            return text.decode(charset, "ignore").encode()

        yield from around(charset.replace("_", "-"), data, _SHIFTED, plain)


def _struck(data: bytes) -> Found:
    """Give the text that a printer shows where it goes back and strikes again: bold and underlined in man pages."""
    lines = [line for line in data.split(b"\n") if b"\x08" in line]
    if not lines:
        return
    text = b"\n".join(lines).decode("utf-8", "replace")
    for _ in range(3):  # bold may strike more than twice
        text = _STRUCK.sub(lambda match: match[1] if match[2] == "_" else match[2], text)
    yield "overstruck", text.encode()


def _tex(data: bytes) -> Found:
    """Give letters without the accents that TeX puts before them; the words view has none either."""
    data = b"\n;\n".join(signals().windows("tex", data, _NEAR))
    yield from around("tex", data, _TEX, lambda match: next(group for group in match.groups() if group))


def _literals(data: bytes) -> Found:
    """Give strings that a program or a catalogue of messages puts together of several, as one."""
    data = b"\n;\n".join(signals().windows("literals", data, _NEAR))
    yield from around("literals", data, _LITERALS, lambda _match: b"")


def _numerals(data: bytes) -> Found:
    """Give numbers that are written in Chinese numerals figure by figure, as telephone numbers are."""
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if _IN_NUMERALS.search(line)]
    read = (
        _IN_NUMERALS.sub(lambda match: match[0].translate(_NUMERALS).rstrip("\u30fc\u306e\uff0d") + "-", line)
        for line in lines
    )
    if lines:
        yield "numerals", "\n".join(each.replace("--", "-") for each in read).encode()


def _near(mark: str, read: Callable[[bytes], Found]) -> Callable[[bytes], Found]:
    """Return the reader for the parts of a text around its mark only."""
    return lambda data: read(b"\n;\n".join(signals().windows(mark, data, _WRITTEN_AROUND)))


_WRITTEN: Mapping[str, Callable[[bytes], Found]] = {
    "hyphenated": hyphenated,
    "emphasis": emphasised,
    "thousands": thousands,
    "mailbox": mailboxes,
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
    "uuencode": _uuencoded,
    "utf-7": _utf7,
    "punycode": _punycode,
    "mojibake": _mojibake,
    "cloudflare": _cloudflare,
    "keyed array": _keyed,
    "git patch": _patches,
    "shifted": _shifted,
    "overstruck": _struck,
    "tex": _tex,
    "literals": _literals,
    "numerals": _numerals,
    **{mark: _near(mark, read) for mark, read in _WRITTEN.items()},
}
