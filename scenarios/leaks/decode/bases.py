"""Text -> what base32, base58 and base85 (base85.py) hide in it, and base64 and hex reversed or rotated.

None of these alphabets marks itself, and ordinary text is full of their letters: a piece is kept only when what it
gives can be read (`plausible`). Groups are taken at every offset, so that a prefix of the same alphabet shifts nothing.
"""

import binascii
import re
from collections.abc import Iterator

from scenarios.leaks.decode.archives import opens, plausible
from scenarios.leaks.decode.base85 import ASCII85, RFC1924
from scenarios.leaks.decode.signals import ALL

_B32 = re.compile(r"(?<![A-Za-z2-7])(?:[A-Z2-7]{10,}|[a-z2-7]{10,})")
_B32_VALUES = {letter: at for at, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}
_B58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{9,512}")
_B58_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_B58_VALUES = {letter: at for at, letter in enumerate(_B58_ALPHABET)}
_ABC = "abcdefghijklmnopqrstuvwxyz"
_ROT13 = str.maketrans(_ABC + _ABC.upper(), 2 * (_ABC[13:] + _ABC[:13]).upper()) | str.maketrans(
    _ABC, _ABC[13:] + _ABC[:13]
)
_TURNED = "\0turned"  # behind a token that was read backwards and rotated
_ORDINARY = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")  # a word or a number
_TOKEN = re.compile(r"={0,6}[A-Za-z0-9+/_-]{10,4000}={0,6}")
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_JOINTS = re.compile(r"[_/+-]")
_SHORTEST = 9  # symbols
_BLOCK = 1_024  # symbols, a multiple of eight


def pieces(text: str, marks: frozenset[str] = ALL, tried: set[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """(step, bytes) of every run that can be read, or opened, once decoded; only alphabets `marks` saw are tried."""
    tokens = not marks.isdisjoint({"base64", "hex", "base32"})
    readers = (("base32", _base32, "base32" in marks), ("base58", _base58, tokens))
    for step, read, worth_it in readers:
        if worth_it:
            yield from ((step, piece) for piece in read(text) if _reads(piece))
    for step, alphabet in (("ascii85", ASCII85), ("base85", RFC1924)):
        if step in marks:
            yield from ((step, piece) for piece in alphabet.pieces(text.encode("utf-8", "replace")))
    if tokens:
        yield from turned(text, set() if tried is None else tried)


def turned(text: str, tried: set[str]) -> Iterator[tuple[str, bytes]]:
    """Tokens written backwards or rotated by thirteen: the plain token, for the next look to decode."""
    for token in _tokens(text):
        if _ORDINARY.fullmatch(token) or token + _TURNED in tried:
            continue
        tried.add(token + _TURNED)
        for step, other in (("reversed", token[::-1]), ("rot13", token.translate(_ROT13))):
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
    """RFC 4648 section 6, without padding: five bits a symbol, what is left over at the end dropped.

    Long tokens in blocks of whole groups: one number of a million digits would take for ever.
    """
    return b"".join(_block(token[at : at + _BLOCK]) for at in range(0, len(token), _BLOCK))


def _block(token: str) -> bytes:
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
