"""Text -> what base32, base58 and base85 hide in it, and base64 and hex that were reversed or rotated.

None of these alphabets marks itself, and ordinary text is full of their letters: a piece is kept only when what it
gives can be read (`plausible`). Groups are taken at every offset, so that a prefix of the same alphabet shifts nothing.
"""

import binascii
import codecs
import re
from collections.abc import Iterator

from scenarios.leaks.archives import opens, plausible
from scenarios.leaks.signals import ALL

_B32 = re.compile(r"(?<![A-Za-z2-7])(?:[A-Z2-7]{10,}|[a-z2-7]{10,})")
_B32_VALUES = {letter: at for at, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}
_B58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{9,512}")
_B58_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_B58_VALUES = {letter: at for at, letter in enumerate(_B58_ALPHABET)}
_ORDINARY = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")  # a word or a number
_B85_ALPHABET = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"  # RFC 1924's symbols
)
_A85_VALUES = {chr(33 + at): at for at in range(85)}
_B85_VALUES = {letter: at for at, letter in enumerate(_B85_ALPHABET)}
_B85_SYMBOLS = r"0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~"
# Five symbols stand for four bytes, most significant first: of readable bytes (0x20 to 0x7e) the first symbol is one
# of 31. Runs of such groups are rare in text; what is compressed is known by the symbols its mark turns into.
_A85 = re.compile(r"(?:[*-I][!-uz]{4}){2,}|(?:\+,\^[C-F]|G[Qabgh]|:eLln|rAT%|6<\\%_)[!-uz]{8,}")
_B85 = re.compile(
    rf"(?:[9A-Za-e][{_B85_SYMBOLS}]{{4}}){{2,}}|(?:ABz|c[$%m-]|P\)h>@|\{{Wp48|LRx4!)[{_B85_SYMBOLS}]{{8,}}"
)
_PREFIX = 40  # symbols before the first group that reads
_MARKS = (b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01", b"PK\x03\x04", b"\xfd7zX", b"BZh9")
_MAX_SYMBOLS = 200_000  # of base85 in one run; longer ones are read up to there
_TOKEN = re.compile(r"={0,6}[A-Za-z0-9+/_-]{10,4000}={0,6}")
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_JOINTS = re.compile(r"[_/+-]")
_SHORTEST = 9  # symbols


def pieces(text: str, marks: frozenset[str] = ALL) -> Iterator[tuple[str, bytes]]:
    """(step, bytes) of every run that can be read, or opened, once decoded; only alphabets `marks` saw are tried."""
    tokens = not marks.isdisjoint({"base64", "hex", "base32"})
    readers = (
        ("base32", _base32, "base32" in marks),
        ("base58", _base58, tokens),
        ("ascii85", _ascii85, "ascii85" in marks),
        ("base85", _rfc1924, "base85" in marks),
    )
    for step, read, worth_it in readers:
        if worth_it:
            yield from ((step, piece) for piece in read(text) if _reads(piece))
    if tokens:
        yield from turned(text)


def turned(text: str) -> Iterator[tuple[str, bytes]]:
    """Tokens written backwards or rotated by thirteen: the plain token, for the next look to decode."""
    for token in _tokens(text):
        if _ORDINARY.fullmatch(token):
            continue
        for step, other in (("reversed", token[::-1]), ("rot13", codecs.encode(token, "rot13"))):
            if _decodes(other):
                yield step, other.encode()


def _tokens(text: str) -> Iterator[str]:
    """Each token, and its last part when it may be a path's."""
    for match in _TOKEN.finditer(text):
        token: str = match[0]
        yield token
        last = token.rpartition("/")[2]
        if len(last) >= _SHORTEST and last != token:
            yield last


def _decodes(token: str) -> bool:
    """Whether hex, base64, base32 or base58 gives something to read, whatever was put before or after it."""
    bare = token.strip("=")
    if not bare.islower() and not bare.isupper() and any(_reads(_base64(bare[offset:])) for offset in range(4)):
        return True
    longest = max(_JOINTS.split(bare), key=len)
    if len(longest) < _SHORTEST:
        return False
    if _HEX.fullmatch(longest):
        return any(plausible(_hex(longest[offset:])) for offset in (0, 1))
    if _B32.fullmatch(longest) and _reads(_bits(longest.upper())):
        return True
    return _B58.fullmatch(longest) is not None and _reads(_number_of(longest))


def _reads(piece: bytes) -> bool:
    return plausible(piece) or opens(piece)


def _base64(token: str) -> bytes:
    symbols = token.strip("=").replace("-", "+").replace("_", "/").encode()
    symbols = symbols[: len(symbols) - (len(symbols) % 4 == 1)]
    return binascii.a2b_base64(symbols + b"=" * (-len(symbols) % 4))


def _hex(token: str) -> bytes:
    return bytes.fromhex(token[: len(token) // 2 * 2])


def _base32(text: str) -> Iterator[bytes]:
    for match in _B32.finditer(text):
        token = match[0].upper()
        if match[0].islower() and not any(c.isdigit() for c in token) and len(token) < 24:
            continue
        for offset in range(min(8, len(token) - 9)):
            yield _bits(token[offset:])


def _bits(token: str) -> bytes:
    """RFC 4648 section 6, without padding: five bits a symbol, what is left over at the end dropped."""
    number = 0
    for letter in token:
        number = number << 5 | _B32_VALUES[letter]
    spare = len(token) * 5 % 8
    return (number >> spare).to_bytes(len(token) * 5 // 8, "big")


def _base58(text: str) -> Iterator[bytes]:
    for match in _B58.finditer(text):
        token = match[0]
        if _ORDINARY.fullmatch(token) or (token.islower() and _HEX.fullmatch(token)):
            continue
        yield _number_of(token)


def _number_of(token: str) -> bytes:
    number = 0
    for letter in token:
        number = number * 58 + _B58_VALUES[letter]
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _ascii85(text: str) -> Iterator[bytes]:
    yield from _groups(text, _A85, re.compile("[!-uz]{0,4}"), _A85_VALUES)


def _rfc1924(text: str) -> Iterator[bytes]:
    yield from _groups(text, _B85, re.compile(f"[{_B85_SYMBOLS}]{{0,4}}"), _B85_VALUES)


def _groups(text: str, runs: re.Pattern[str], tail: re.Pattern[str], values: dict[str, int]) -> Iterator[bytes]:
    """Runs at all five offsets: a run found at one may hide another that began a symbol later.

    What follows a run belongs to it or not: the longest end that still reads is taken.
    """
    read_to = [0] * 5
    for match in runs.finditer(text):
        for start in range(match.start(), match.start() + 5):
            again = runs.match(text, start)
            if again is None or start < read_to[start % 5]:
                continue
            run = again[0][:_MAX_SYMBOLS]
            read_to[start % 5] = start + len(run)
            skipped = next((at for at in range(0, min(len(run), _PREFIX), 5) if _starts_well(run[at:], values)), None)
            if skipped is None:
                continue
            run = run[skipped:]
            yield from _with_ends(text, start + skipped, run, tail, values)


def _with_ends(text: str, start: int, run: str, tail: re.Pattern[str], values: dict[str, int]) -> Iterator[bytes]:
    """A run as it is; when that does not read, without the last groups, with every end that does."""
    whole = _base85(run[: len(run) - len(run) % 5], values)
    for cut in range(min(len(whole) // 4, _PREFIX // 5)):
        kept = whole[: len(whole) - 4 * cut]
        end = tail.match(text, start + len(kept) // 4 * 5)
        rest = end[0] if end else ""
        longer = (kept + _base85(rest[:size], values) for size in (0, 2, 3, 4) if size <= len(rest))
        found = [piece for piece in longer if plausible(piece)]
        yield from found
        if found:
            return
    yield whole


def _starts_well(run: str, values: dict[str, int]) -> bool:
    """Whether the first two groups can be text, or anything that is told by its mark."""
    first = _base85(run[:5], values)
    return first.startswith(_MARKS) or plausible(first + _base85(run[5:10], values))


def _base85(run: str, values: dict[str, int]) -> bytes:
    """Groups of five symbols; `z` for four zeros (Adobe); a lone group of n symbols gives n - 1 bytes."""
    if "z" in run and "z" not in values:
        run = run.replace("z", "!!!!!")
    out = bytearray()
    whole = len(run) if len(run) < 5 else len(run) - len(run) % 5
    for at in range(0, whole, 5):
        group = [values.get(symbol, -1) for symbol in run[at : at + 5]]
        if min(group) < 0:
            break
        number = _number(group + [84] * (5 - len(group)))
        if number >= 1 << 32:
            break
        out += number.to_bytes(4, "big")[: len(group) - 1 or 0]
    return bytes(out)


def _number(group: list[int]) -> int:
    number = 0
    for value in group:
        number = number * 85 + value
    return number
