"""Decodes the tokens of a text: base64, hex, base32, base58 and others, as they are, backwards and rotated.

A token does not say how it is encoded, so each is read in every way. What reads is kept. Pieces that read as a whole
make one layer a step. Readable runs of other pieces make another layer. Each packed piece is a layer of its own. Where
there are many tokens, the sieve first drops in bulk those that cannot read.
"""

import binascii
import codecs
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np

from scenarios.leaks.decode.base85 import ALPHABETS
from scenarios.leaks.decode.bases import LONGEST, NUMERALS, base45, base91, bits_of
from scenarios.leaks.decode.containers import begins_container, is_container, is_wide
from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.kernels.places import KEYED, LZSTRING, OFFSET, WHOLE
from scenarios.leaks.decode.packed import lzstring
from scenarios.leaks.decode.packed.keyed import one_byte_key
from scenarios.leaks.decode.packed.marks import Found, is_binary, plausible
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.runs import HEAD, could_open, could_read
from scenarios.leaks.decode.sieve import (
    BASE32,
    BASE64,
    HEX,
    JOINTS,
    SEGMENT,
    Packing,
    framed,
    reading,
    sifted,
    unpacked,
)
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.decode.tokens import SHORTEST, dense, tokens_of

_ONLY_HEX = re.compile(rb"[0-9a-f]{16,}|[0-9A-F]{16,}")  # base64 hardly ever looks like this
_HEX = re.compile(rb"[0-9A-Fa-f]{12,}")
_SPACED_HEX = re.compile(
    rb"(?:0x)?[0-9A-Fa-f]{2}([ :,-]{1,2})(?:(?:0x)?[0-9A-Fa-f]{2}\1){4,}(?:0x)?[0-9A-Fa-f]{2}"
    rb"(?:(?:\1|[ \t,]*\\?\r?\n[ \t]*)(?:0x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z]))*"
)
_HEX_FILLER = re.compile(rb"0x|[ :,\\\t\r\n-]")
_B32 = re.compile(rb"(?<![A-Za-z2-7])(?:[A-Z2-7]{10,}|[a-z2-7]{10,})")
_ALNUM = re.compile(rb"[A-Za-z0-9]{9,}")
_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_RUN = re.compile(rb"(?:[A-Za-z0-9 .,@+_:/'()-]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){6,}")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ABC = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROT13 = bytes.maketrans(_ABC, codecs.encode(_ABC.decode(), "rot13").encode())
_STRING, _BEHIND = 4, 4  # bytes of a string, and of what may look like more of it
_SURE = 12  # bytes that read, from which no other offset is asked
_FEW = 12  # tokens that are read one by one
_FEW_SYMBOLS = 120
_AROUND = 60
_HEAD_SYMBOLS = 20
_OFFSETS = tuple(tuple(at for at in range(4) if told >> at & 1) for told in range(16))
_LATIN_LEAST, _LATIN_SHARE = 8, 0.6


class Pieces:
    """Collects decoded pieces by step."""

    def __init__(self) -> None:
        self._own: list[tuple[str, bytes]] = []
        self._clean: dict[str, list[bytes]] = {}
        self._runs: dict[str, list[bytes]] = {}

    def add(self, step: str, piece: bytes) -> bool:
        """Keep a piece if it reads or can be opened. Return whether all of it does, so that no other offset need be
        tried.
        """
        if is_container(piece) or is_wide(piece) or opens(piece):
            self._own.append((step, piece))
            return True
        if plausible(piece):
            self._clean.setdefault(step, []).append(piece)
            return len(piece) >= _SURE
        if latin := _latin(piece):
            self._clean.setdefault(step, []).append(latin)
            return False
        if runs := _RUN.findall(piece):
            self._runs.setdefault(step, []).extend(runs)
            self._runs[step].extend(_measured(piece))
        return False

    def found(self) -> Found:
        """Yield (step, bytes): packed pieces first, then the readable ones one a line, then runs with zeros between
        them.

        The zeros make a layer of runs count as noise.
        """
        yield from self._own
        for step, lines in self._clean.items():
            yield step, b"\n".join(lines)
        for step, lines in self._runs.items():
            yield step, b"\0".join([*lines, b""])


def _measured(piece: bytes) -> Iterator[bytes]:
    """Yield the beginnings of readable runs that have their length in the byte before them, or in their first byte. The
    rest belongs to what stands behind.
    """
    for match in _RUN.finditer(piece):
        begin, end = match.span()
        for at in (begin, begin + 1):
            size = piece[at - 1] if at else 0
            if _STRING <= size < end - at <= size + _BEHIND:
                yield piece[at : at + size]


def _latin(piece: bytes) -> bytes:
    """Return the piece as UTF-8 if it is Latin-1 text: mostly letters and no control character. Else return nothing."""
    if len(piece) < _LATIN_LEAST or piece.isascii() or any(code < 32 or 126 < code < 0xC0 for code in piece):
        return b""
    letters = sum(code in _LETTERS for code in piece)
    return piece.decode("latin-1").encode() if letters >= _LATIN_SHARE * len(piece) else b""


_LETTERS = frozenset(_ABC + b" ")


def guessed(data: bytes, marks: frozenset[str], tried: set[bytes], *, noise: bool = False) -> Found:
    """Yield what the tokens of a UTF-8 text hide, for the alphabets that `marks` name.

    Of noise only base64 and hex are read: chance finds pieces of the other alphabets in it without end.
    """
    pieces = Pieces()
    distinct = dense(data)
    if not marks.isdisjoint({"base64", "hex", "base32"}):
        tokens = tokens_of(distinct, tried, b"\0" if noise else b"")
        _plainly(tokens, marks, pieces)
        if not noise:
            _numerals(tokens, pieces)
            _turned(tokens, pieces)
    if "hex bytes" in marks:
        for match in _SPACED_HEX.finditer(b"\n".join(signals().windows("hex bytes", data, _AROUND))):
            # One value may go on over the ends of lines, or each line may hold one.
            for written in dict.fromkeys((match[0], *match[0].splitlines())):
                pieces.add("hex", bytes.fromhex(_HEX_FILLER.sub(b"", written).decode()))
    if not noise:
        for name, alphabet in ALPHABETS.items():
            if name in marks:
                for piece in alphabet.pieces(distinct, tried):
                    pieces.add(name, piece)
        for name, read, text in (("base45", base45, data), ("base91", base91, distinct)):  # base45 has spaces
            if name in marks:
                for piece in read(text):
                    pieces.add(name, piece)
    yield from pieces.found()


def _plainly(tokens: Sequence[bytes], marks: frozenset[str], pieces: Pieces) -> None:
    likely = _worth(tokens, BASE64, lambda token: not _ONLY_HEX.fullmatch(token))
    told = [-1] * len(likely) if _are_few(tokens) else framed(likely)
    for token, places in zip(likely, told, strict=True):
        for frame in _frames(token.translate(_STANDARD), pieces, places):
            if pieces.add("base64", frame):
                break
    for token, places in zip(likely, told, strict=True):
        if places >> LZSTRING & 1 and (text := lzstring.from_token(token)):
            pieces.add("lzstring", text.encode("utf-8", "replace"))
    for token in _worth(_each(_HEX, tokens), HEX):
        whole = bytes.fromhex(token[: len(token) // 2 * 2].decode())
        for under in () if _HEX.fullmatch(whole) else one_byte_key(whole):  # hex of hex is read below
            pieces.add("xor", under)
        for offset in (0, 1):
            pieces.add("hex", bytes.fromhex(token[offset : offset + (len(token) - offset) // 2 * 2].decode()))
    if "base32" in marks:
        for token in _worth(_each(_B32, tokens), BASE32):
            for offset in range(min(8, len(token) - 9)):
                if pieces.add("base32", bits_of(token[offset:])):
                    break


def _worth(
    tokens: Sequence[bytes], packing: Packing, wanted: Callable[[bytes], object] = lambda _: True
) -> list[bytes]:
    chosen = [token for token in tokens if wanted(token)]
    return chosen if _are_few(chosen) else sifted(chosen, packing)


def _are_few(tokens: Collection[bytes]) -> bool:
    """Return whether the tokens are read one by one, without the sieve. It drops bytes of charsets that it does not
    know, such as EBCDIC, and deflate of a few bytes. In many tokens these are lost; in few they are not.
    """
    return len(tokens) <= _FEW


def _each(pattern: re.Pattern[bytes], tokens: Iterable[bytes]) -> list[bytes]:
    """Return all matches in all tokens. No alphabet holds line ends, so no match crosses two tokens."""
    found: list[bytes] = pattern.findall(b"\n".join(tokens))
    return found


def _frames(token: bytes, pieces: Pieces, places: int) -> Iterator[bytes]:
    """Yield what a base64 token gives at every offset, and behind each slash or plus: a path before the token has the
    same symbols. `places` are those worth a look: see `sieve.framed`.
    """
    if places & (1 << WHOLE | 1 << KEYED):
        whole = decoded(token)
        if places >> WHOLE & 1:
            yield whole
            if begins_container(whole):
                return
        for text in one_byte_key(whole) if places >> KEYED & 1 and not plausible(whole) else ():
            pieces.add("xor", text)
    if not places >> 1:
        return
    joints = [at for at, symbol in enumerate(token) if symbol in b"/+"][:JOINTS]
    for which, joint in enumerate(joints):
        if places >> which + 1 & 1 and len(token) - joint > SEGMENT:
            yield decoded(token[joint + 1 :])
    for offset in range(1, min(4, len(token) - 7)):
        if places >> OFFSET + offset - 1 & 1:
            yield decoded(token[offset:])


def decoded(symbols: bytes) -> bytes:
    """Decode base64 without padding: whole groups, and what a shorter last group holds."""
    spare = len(symbols) % 4
    usable = symbols[: len(symbols) - spare] if spare < 2 else symbols + b"=" * (4 - spare)
    return binascii.a2b_base64(usable)


def _numerals(tokens: Sequence[bytes], pieces: Pieces) -> None:
    words = dict.fromkeys(
        word
        for word in _each(_ALNUM, (t for t in tokens if b"+" not in t and t.count(b"_") < 2))
        if len(word) <= LONGEST and not _WORD.fullmatch(word) and not _ONLY_HEX.fullmatch(word)
    )
    few = _are_few(words) and sum(map(len, words)) <= _FEW_SYMBOLS
    for numeral in NUMERALS:
        for token in list(words) if few else numeral.likely(list(words)):
            piece = numeral.number(token)
            if plausible(piece) or (is_binary(piece) and (is_container(piece) or is_wide(piece) or opens(piece))):
                pieces.add(numeral.name, piece)


def _turned(tokens: Sequence[bytes], pieces: Pieces) -> None:
    """Collect the tokens that read when they are written backwards or rotated by thirteen. The next layer decodes
    them.
    """
    for step, other in (
        ("reversed", [token[::-1] for token in tokens]),
        ("rot13", [token.translate(_ROT13) for token in tokens]),
    ):
        chosen = list(_shortlisted(other))
        longest = [_longest_part(token) for token in chosen]
        numerals = _could_be_numerals(longest)
        told = zip(chosen, _could_be_base64(chosen), longest, strict=True)
        kept = [token for token, base64, part in told if _hides(token, base64, part, part in numerals)]
        if kept:
            pieces.add(step, b"\n".join(kept))


def _shortlisted(tokens: Sequence[bytes]) -> Iterable[bytes]:
    if _are_few(tokens):
        return tokens
    base64 = sifted([token for token in tokens if not _ONLY_HEX.fullmatch(token)], BASE64)
    others = (
        token for pattern, packing in ((_HEX, HEX), (_B32, BASE32)) for token in sifted(_each(pattern, tokens), packing)
    )
    return dict.fromkeys((*base64, *others, *(t for n in NUMERALS[:1] for t in n.likely(_each(_ALNUM, tokens)))))


def _could_be_base64(tokens: Sequence[bytes]) -> Sequence[Sequence[int]]:
    """Return, for each token, the offsets at which it could begin something that reads or opens."""
    if _are_few(tokens):
        return [range(4)] * len(tokens)
    if kernels(0) is not None:
        bare = [token.strip(b"=") for token in tokens]
        return [_OFFSETS[told] for told in reading(bare)]
    bare = [token.strip(b"=")[:_HEAD_SYMBOLS].ljust(_HEAD_SYMBOLS, b"=") for token in tokens]
    sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
    values = BASE64.values[np.frombuffer(b"".join(bare), np.uint8)].reshape(len(tokens), _HEAD_SYMBOLS)
    offsets: list[list[int]] = [[] for _ in tokens]
    for offset in range(4):
        head = unpacked(np.ascontiguousarray(values[:, offset : offset + 16]).ravel(), 0, BASE64).reshape(-1, HEAD)
        told = could_read(head[:, :5]) | could_open(head, (sizes - offset) * 3 // 4)
        for at in np.flatnonzero(told).tolist():
            offsets[at].append(offset)
    return offsets


def _could_be_numerals(words: Sequence[bytes]) -> frozenset[bytes]:
    return frozenset(words if _are_few(words) else NUMERALS[0].likely([w for w in words if len(w) > SHORTEST]))


def _longest_part(token: bytes) -> bytes:
    """Return the longest part of a token between slashes and pluses."""
    bare = token.strip(b"=").translate(_STANDARD)
    return max(re.split(rb"[/+]", bare), key=len) if b"/" in bare or b"+" in bare else bare


def _hides(token: bytes, offsets: Sequence[int], longest: bytes, numeral: bool) -> bool:
    """Return whether any alphabet makes something readable of the token, whatever stands before or behind its encoded
    part.
    """
    if offsets:
        bare = token.strip(b"=").translate(_STANDARD)
        mixed = not bare.islower() and not bare.isupper()
        if mixed and any(_reads(decoded(bare[offset:])) for offset in offsets):
            return True
    if len(longest) < SHORTEST + 1:
        return False
    if _HEX.fullmatch(longest):
        return any(_reads(bytes.fromhex(longest[o : o + (len(longest) - o) // 2 * 2].decode())) for o in (0, 1))
    if _B32.fullmatch(longest) and _reads(bits_of(longest)):
        return True
    return numeral and _reads(NUMERALS[0].number(longest))


def _reads(piece: bytes) -> bool:
    return plausible(piece) or opens(piece)
