"""Finds unsalted hashes of identities. Whoever can guess a phone number or a serial can undo its hash.

The usual forms of every needle are hashed once, when the first digest is met. A token is looked up by its first 32 bits
and then compared as a whole. Truncated hashes are found from twelve hex digits on. Checksums of 32 bits are looked for
only in fleets so small that chance hits stay rare.
"""

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.signals import BULK, signals
from scenarios.leaks.match.digests import COMMON, OTHERS, Algorithm, Wanted, heads, room_for
from scenarios.leaks.match.hashed import SHORT, encoded, forms_of
from scenarios.leaks.needles.needle import Needle

_HEX = re.compile(
    r"[0-9A-Fa-f](?<![0-9A-Za-z].)(?:(?<=0)x[0-9A-Fa-f])?[0-9A-Fa-f]{7}(?:-?[0-9A-Fa-f]{4}){0,30}(?![0-9A-Za-z])",
    re.DOTALL,
)
_WORD_64, _WORD_32 = re.compile(r"[A-Za-z0-9+/_-]{22,}"), re.compile(r"[A-Za-z0-9]{26,}")
_BASE32 = re.compile(r"[A-Z2-7]+|[a-z2-7]+")
# Symbols of digests of 16, 20, 28, 32, 48 and 64 bytes.
_INTEGRITY = re.compile(r"^(?:sha|md)[0-9]{1,3}-")
_SIZES_64, _SIZES_32 = frozenset({22, 27, 38, 43, 64, 86}), frozenset({26, 32, 45, 52, 77, 103})
_BYTES = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{2}(?:([: ])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){14,62}(?![0-9A-Fa-f])")
_DECIMAL = re.compile(r"([-0-9](?<![\w.+-].)[0-9]{7,10})(?![\w.])", re.DOTALL)
_URL_SAFE = str.maketrans("+/", "-_")
_AROUND = 200  # characters; a digest of 64 bytes in dashes
_LEAST = 6  # bytes of a digest that was cut off
_PREFIX, _PREFIX_BITS = 4, np.uint64(32)  # bytes by which it is looked up; the other half of an entry says whose it is
_PREFIX_MASK, _BLOCK = np.uint64(0xFFFFFFFF00000000), 1 << 20
_RARE = 1e-6  # chance hits a token that are borne
_CRC_DIGITS = 8
_MOST_BYTES = 64 * 1024  # of something binary that is searched for digests as they are
_LEAST_RAW = 16


class Hashes:
    """The hashes of all identifying values. `keys` are test keys; HMAC-SHA-256 under them is known too."""

    def __init__(self, needles: Iterable[Needle], *, keys: Sequence[bytes] = ()) -> None:
        self._needles = tuple(needles)
        self._functions: tuple[Algorithm, ...] = (
            *COMMON,
            *OTHERS,
            *(Algorithm("hmac-sha256", partial(_keyed, key)) for key in keys),
        )
        self._plain: list[tuple[Needle, bytes]] = []
        self._sent: list[tuple[Needle, bytes]] = []
        self._index: npt.NDArray[np.uint64] | None = None  # sorted; an entry is a prefix, then a reference
        self._short: dict[int, tuple[Needle, str]] = {}

    def search(self, text: str) -> Iterator[tuple[Needle, str]]:
        """Yield (needle, algorithm) of every hash in a text.

        Hashes stand in hex (either case; dashes, colons and spaces allowed), in base64, in base32, or, if short, in
        decimal.
        """
        hexes, words, pairs = _windows(text)
        tokens = [token.removeprefix("0x").replace("-", "") for token in map(str.lower, _HEX.findall(hexes))]
        short: list[int] = []
        if self._short or self._index is None:  # none are known of a large fleet
            short = [int(token, 16) for token in tokens if len(token) == _CRC_DIGITS]
            short += [number & 0xFFFFFFFF for number in map(int, _DECIMAL.findall(hexes)) if number < 1 << 32]
        written = [token for token in tokens if len(token) >= 2 * _LEAST]
        digests = [*_from_base64(words), *_from_base32(words)]
        digests += [bytes.fromhex(re.sub("[^0-9A-Fa-f]", "", match[0])) for match in _BYTES.finditer(pairs)]
        if short or written or digests:
            self.build()
        for number in short:
            if number in self._short:
                yield self._short[number]
        if written or digests:
            numbers = [int(token[: 2 * _PREFIX], 16) for token in written]
            numbers += [int.from_bytes(digest[:_PREFIX], "big") for digest in digests]
            for at, place in self._places(np.array(numbers, np.uint64)):
                token = written[at] if at < len(written) else ""
                whole = bytes.fromhex(token[: len(token) // 2 * 2]) if token else digests[at - len(written)]
                yield from self._same(whole, place)

    def search_bytes(self, data: bytes) -> Iterator[tuple[Needle, str]]:
        """Yield (needle, algorithm) of raw digests at any place in binary data of up to 64 KiB."""
        if not _LEAST_RAW <= len(data) <= _MOST_BYTES:
            return
        self.build()
        codes = np.frombuffer(data, np.uint8).astype(np.uint64)
        size = len(codes) - _LEAST_RAW + 1
        wanted = np.zeros(size, np.uint64)
        for at in range(_PREFIX):
            wanted = wanted << np.uint64(8) | codes[at : at + size]
        for at, place in self._places(wanted):
            yield from self._same(data[at:], place, whole=True)

    def _places(self, wanted: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
        """Yield (position in `wanted`, position in the index) of the prefixes that the index holds."""
        index = self._index
        if index is None or not len(index):
            return
        places = np.searchsorted(index, wanted << _PREFIX_BITS)
        met = index[np.minimum(places, len(index) - 1)] >> _PREFIX_BITS
        for hit in np.flatnonzero(met == wanted).tolist():
            yield hit, int(places[hit])

    def _same(self, digest: bytes, place: int, *, whole: bool = False) -> Iterator[tuple[Needle, str]]:
        """Yield the entries with this prefix whose digest begins with the token. With `whole`, the data must begin with
        the full digest.
        """
        index = self._index
        if index is None:
            return
        first = int(index[place]) >> 32
        while place < len(index) and int(index[place]) >> 32 == first:
            needle, algorithm, full = self._entry(int(index[place]) & 0xFFFFFFFF)
            if (digest.startswith(full) and len(full) >= _LEAST_RAW) if whole else full.startswith(digest):
                yield needle, algorithm
            place += 1

    def _entry(self, ref: int) -> tuple[Needle, str, bytes]:
        plain = len(self._plain) * len(self._functions)
        values, functions = (self._plain, self._functions) if ref < plain else (self._sent, COMMON)
        function, value = divmod(ref if ref < plain else ref - plain, len(values))
        needle, form = values[value]
        return needle, functions[function].name, functions[function].digest(form)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_functions"}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Restore without test keys: a needle file has none."""
        self.__dict__.update(state, _functions=(*COMMON, *OTHERS))

    def build(self, *, jobs: int = 1, said: Callable[[float], None] | None = None) -> None:
        """Hash all forms with all functions and sort the prefixes. Runs once. For `jobs` and `said` see `heads`."""
        if self._index is not None:
            return
        for needle, forms in forms_of(self._needles):
            self._plain += [(needle, form) for form in forms]
            self._sent += [(needle, form) for form in dict.fromkeys(encoded(forms[0]))]
        plain, sent = ([form for _, form in values] for values in (self._plain, self._sent))
        ours, theirs = (len(self._functions), len(plain)), (len(COMMON), len(sent))
        first = ours[0] * ours[1]
        index = room_for(first + theirs[0] * theirs[1], jobs=jobs)
        wanted = [
            Wanted(self._functions, plain, index[:first].reshape(ours)),
            Wanted(COMMON, sent, index[first:].reshape(theirs)),
        ]
        heads(wanted, jobs=jobs, said=said)
        for begin in range(0, len(index), _BLOCK):  # in blocks and in place: at 5,000 homes it has 50 million entries
            block = index[begin : begin + _BLOCK]
            block &= _PREFIX_MASK
            block |= np.arange(begin, begin + len(block), dtype=np.uint64)
        index.sort()
        self._index = index
        for at, (name, number) in enumerate(SHORT, 1):
            if len(self._plain) * at / 2**32 < _RARE:
                self._short |= {number(form): (needle, name) for needle, form in self._plain}


def _keyed(key: bytes, values: Iterable[bytes]) -> Iterator[bytes]:
    return (hmac.digest(key, value, "sha256") for value in values)


def _windows(text: str) -> tuple[str, str, str]:
    """Return the parts of a text where digests may stand: in hex, in base64 or base32, and in hex with separators
    between the bytes.
    """
    if len(text) < BULK:
        return text, text, text
    data = text.encode("utf-8", "replace")
    kinds = (("hash", 16, _AROUND), ("hash words", 32, _AROUND), ("hex bytes", _AROUND, _AROUND))
    spans = (signals().spans(mark, data, before=before, after=after) for mark, before, after in kinds)
    found = [b"\n".join(data[begin:end] for begin, end in each).decode("utf-8", "replace") for each in spans]
    return found[0], found[1], found[2]


def _from_base64(text: str) -> Iterator[bytes]:
    for written in _WORD_64.findall(text):
        # A page that says which script it expects writes the function in front: "sha384-oqVuAf...".
        token = _INTEGRITY.sub("", written)
        if len(token) in _SIZES_64:
            yield base64.urlsafe_b64decode(token.translate(_URL_SAFE) + "=" * (-len(token) % 4))


def _from_base32(text: str) -> Iterator[bytes]:
    for token in _WORD_32.findall(text):
        if len(token) in _SIZES_32 and _BASE32.fullmatch(token):
            yield base64.b32decode(token.upper() + "=" * (-len(token) % 8))
