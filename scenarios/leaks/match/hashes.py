"""Text -> hashes of identities: an unsalted hash of a phone number or a serial *is* the number or the serial.

Every needle's plain forms are hashed once. A token of the text is looked up by its first 48 bits and then compared
whole, so that truncated hashes are found from twelve hex digits on; CRC-32 has only 32 bits and is looked for while
chance hits stay rare.
"""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import numpy as np

from scenarios.leaks.needles.literals import digits_of
from scenarios.leaks.needles.needle import Needle

_ALGORITHMS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("md5", lambda data: hashlib.md5(data, usedforsecurity=False).digest()),
    ("sha1", lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    *(
        (name, lambda data, name=name: hashlib.new(name, data).digest())
        for name in ("sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")
    ),
    *(
        (f"uuid{version}", lambda data, make=make, space=space: make(space, data.decode()).bytes)
        for version, make in ((3, uuid.uuid3), (5, uuid.uuid5))
        for space in (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)
    ),
)
_FIELDS = ("customer_id", "devices", "phones", "emails", "secrets", "name")
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){0,30}(?![0-9A-Za-z])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{22,86}(?![A-Za-z0-9+/_-])")
_DIGEST_SIZES = {16, 20, 28, 32, 48, 64}
_PREFIX = 6  # bytes
_RARE = 1e-6  # chance hits a token that are borne
_CRC_DIGITS = 8


class _Entry(msgspec.Struct, frozen=True):
    needle: Needle
    algorithm: str
    digest: bytes


class Hashes:
    """Every hash of every identifying value; `keys` are test keys whose HMAC-SHA-256 is known, too."""

    def __init__(self, needles: Iterable[Needle], *, keys: Sequence[bytes] = ()) -> None:
        self._plain = [(needle, form) for needle, forms in _plain_forms(needles) for form in forms]
        self._keys = keys
        self._index, self._refs = self._build()
        crcs = {zlib.crc32(form.encode()): needle for needle, form in self._plain}
        self._crcs = crcs if len(crcs) / 2**32 < _RARE else {}

    def search(self, text: str) -> Iterator[tuple[Needle, str]]:
        """(needle, algorithm) of every hash in hex (dashes allowed, upper or lower case) or base64."""
        tokens = [match[0].replace("-", "").lower() for match in _HEX.finditer(text)]
        for token in tokens:
            if len(token) == _CRC_DIGITS and int(token, 16) in self._crcs:
                yield self._crcs[int(token, 16)], "crc32"
        digests = [bytes.fromhex(token[: len(token) // 2 * 2]) for token in tokens if len(token) >= 2 * _PREFIX]
        digests += _from_base64(text)
        if not digests or not len(self._index):
            return
        wanted = np.array([int.from_bytes(digest[:_PREFIX], "big") for digest in digests], np.int64)
        places = np.searchsorted(self._index, wanted)
        hits = np.flatnonzero(self._index[np.minimum(places, len(self._index) - 1)] == wanted)
        for hit in hits:
            yield from self._same(digests[hit], int(places[hit]))

    def _same(self, digest: bytes, place: int) -> Iterator[tuple[Needle, str]]:
        """Entries with the same first bytes whose digest the token is, or is the beginning of."""
        first = self._index[place]
        while place < len(self._index) and self._index[place] == first:
            form, algorithm = divmod(int(self._refs[place]), len(self._names()))
            needle, plain = self._plain[form]
            if self._digest(plain, algorithm).startswith(digest):
                yield needle, self._names()[algorithm]
            place += 1

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in _ALGORITHMS) + ("hmac-sha256",) * len(self._keys)

    def _digest(self, plain: str, algorithm: int) -> bytes:
        if algorithm < len(_ALGORITHMS):
            return _ALGORITHMS[algorithm][1](plain.encode())
        return hmac.digest(self._keys[algorithm - len(_ALGORITHMS)], plain.encode(), "sha256")

    def _build(self) -> tuple[np.ndarray, np.ndarray]:
        count = len(self._names())
        prefixes = np.empty(len(self._plain) * count, np.int64)
        for form, (_, plain) in enumerate(self._plain):
            for algorithm in range(count):
                prefixes[form * count + algorithm] = int.from_bytes(self._digest(plain, algorithm)[:_PREFIX], "big")
        order = np.argsort(prefixes)
        return prefixes[order], order.astype(np.int64)


def _plain_forms(needles: Iterable[Needle]) -> Iterator[tuple[Needle, list[str]]]:
    """What people hash: the value as it is, in one case, a number's digits with and without the plus."""
    done: set[tuple[str, str, str]] = set()
    for needle in needles:
        key = (needle.field, needle.household_id, needle.value)
        if key in done or not any(part in needle.field for part in _FIELDS) or needle.field.endswith("given_name"):
            continue
        done.add(key)
        value = needle.value.strip()
        forms = [value, value.lower(), value.upper()]
        if needle.family == "digits":
            digits = digits_of(value)
            national = needle.key if needle.key != digits else digits[-10:]
            forms += [digits, national, f"+{digits}"]
        yield needle, list(dict.fromkeys(forms))


def _from_base64(text: str) -> Iterator[bytes]:
    for match in _BASE64.finditer(text):
        token = match[0].replace("-", "+").replace("_", "/")
        if len(token) % 4 == 1:
            continue
        try:
            digest = base64.b64decode(token + "=" * (-len(token) % 4))
        except binascii.Error:
            continue
        if len(digest) in _DIGEST_SIZES:
            yield digest
