"""Computes the hash functions that people use: of one value, or the beginnings of the digests of very many."""

import hashlib
import mmap
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import mmh3
import numpy as np
import numpy.typing as npt

Step = Callable[[Iterable[bytes]], Iterable[bytes]]
Heads = npt.NDArray[np.uint64]
_HEAD = 8  # bytes
_BLOCK = 2_048  # values; what they share is held while they are hashed, and a process takes one block at a time
_SPACES = (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)
_RARE = (
    "sha224", "sha384", "sha512_256", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s", "ripemd160",
    "sm3",
)  # fmt: skip
# The hash of another hash in hex: (outer, inner).
_TWICE = (
    ("md5", "md5"), ("sha1", "sha1"), ("sha256", "sha256"), ("md5", "sha1"), ("sha1", "md5"), ("sha256", "md5"),
    ("sha256", "sha1"), ("sha1", "sha256"), ("md5", "sha256"),
)  # fmt: skip


class Algorithm(NamedTuple):
    """`outer` is applied to what `inner` gives. Algorithms that begin alike share their inner step: it is done once.

    A step takes many values, because calling a function for each of four million digests takes as long as the digests.
    """

    name: str
    outer: Step
    inner: Step = iter

    def digest(self, data: bytes) -> bytes:
        """Return the digest of one value: at least 16 bytes, always as many."""
        return next(iter(self.outer(self.inner([data]))))


class Wanted(NamedTuple):
    """Digests to compute. `found` takes the first eight bytes of each: a row is an algorithm, a column a value."""

    algorithms: Sequence[Algorithm]
    values: Sequence[bytes]
    found: Heads


def room_for(count: int, *, jobs: int) -> Heads:
    """Return an array for `count` numbers that `jobs` processes can fill together."""
    if jobs <= 1 or not count:
        return np.empty(count, np.uint64)
    return np.frombuffer(mmap.mmap(-1, count * 8), np.uint64)


def heads(wanted: Sequence[Wanted], *, jobs: int = 1, said: Callable[[float], None] | None = None) -> None:
    """Fill every `found`, which is of `room_for` the same `jobs`.

    Python computes one digest at a time. So further processes are forked, and this one does its part and what a child
    left that could not end. `said` is told how much of this process's part is done, from 0 to 1.
    """
    blocks = [
        Wanted(algorithms, values[begin : begin + _BLOCK], found[:, begin : begin + _BLOCK])
        for algorithms, values, found in wanted
        for begin in range(0, len(values), _BLOCK)
    ]
    parts = [blocks[job::jobs] for job in range(jobs)]
    children = [(_forked(part), part) for part in parts[1:] if part]
    for number, block in enumerate(parts[0], 1):
        _fill(block)
        if said is not None:
            said(number / len(parts[0]))
    for child, part in children:
        if child is None or os.waitpid(child, 0)[1]:
            for block in part:
                _fill(block)


def _forked(blocks: Sequence[Wanted]) -> int | None:
    """Return the process that fills these blocks, or None if there can be no more processes."""
    try:
        child = os.fork()
    except OSError:
        return None
    if child == 0:
        with suppress(BaseException):
            for block in blocks:
                _fill(block)
            os._exit(0)
        os._exit(1)
    return child


def _fill(block: Wanted) -> None:
    algorithms, values, found = block
    begun: dict[Step, list[bytes]] = {}
    for row, (_, outer, inner) in enumerate(algorithms):
        if inner not in begun:
            begun[inner] = list(inner(values))
        digests = np.frombuffer(b"".join(outer(begun[inner])), np.uint8).reshape(len(values), -1)
        found[row] = np.ascontiguousarray(digests[:, :_HEAD]).view(">u8")[:, 0]


def hashing(name: str, before: bytes = b"") -> Step:
    """Return the step that hashes values with `before` in front of them. A copied state is quicker than a new one."""
    begun = hashlib.new(name, before, usedforsecurity=False)

    def digests(values: Iterable[bytes]) -> Iterator[bytes]:
        copied = begun.copy
        for value in values:
            state = copied()
            state.update(value)
            yield state.digest()

    return digests


def _in_hex(step: Step) -> Step:
    return lambda values: map(str.encode, map(bytes.hex, step(values)))


def _known(name: str) -> bool:
    try:
        hashlib.new(name, b"")
    except ValueError:  # OpenSSL without its old functions
        return False
    return True


def _as_uuid(version: int) -> Step:
    """Return the step that makes a name-based UUID of a hash (RFC 9562): 16 bytes, with version and variant set."""

    def made(digests: Iterable[bytes]) -> Iterator[bytes]:
        for digest in digests:
            out = bytearray(digest[:16])
            out[6], out[8] = out[6] & 0x0F | version << 4, out[8] & 0x3F | 0x80
            yield bytes(out)

    return made


def _swapped(digests: Iterable[bytes]) -> Iterator[bytes]:
    """Reverse the bytes of both numbers: some programs print the highest byte first."""
    return (digest[7::-1] + digest[:7:-1] for digest in digests)


def _swapped_32(digests: Iterable[bytes]) -> Iterator[bytes]:
    """Reverse the bytes of all four numbers."""
    return (digest[3::-1] + digest[7:3:-1] + digest[11:7:-1] + digest[:11:-1] for digest in digests)


def _murmur(values: Iterable[bytes]) -> Iterator[bytes]:
    return map(mmh3.hash_bytes, values)


def _murmur_32(values: Iterable[bytes]) -> Iterator[bytes]:
    return map(partial(mmh3.hash_bytes, x64arch=False), values)


_HASHES = {name: hashing(name) for name in ("md5", "sha1", "sha256", "sha512")}
_HEXES = {name: _in_hex(step) for name, step in _HASHES.items()}
_NAMED = {3: "md5", 5: "sha1"}  # of a UUID's version

COMMON: tuple[Algorithm, ...] = tuple(Algorithm(name, step) for name, step in _HASHES.items())
OTHERS: tuple[Algorithm, ...] = (
    *(Algorithm(name, hashing(name)) for name in _RARE if _known(name)),
    *(
        Algorithm(f"uuid{version}", _as_uuid(version), hashing(name, space.bytes))
        for version, name in _NAMED.items()
        for space in _SPACES
    ),
    *(Algorithm(f"{outer} of {inner}", _HASHES[outer], _HEXES[inner]) for outer, inner in _TWICE),
    *(Algorithm(f"{name} of {name}", _HASHES[name], _HASHES[name]) for name in ("sha256", "md5")),
    Algorithm("murmur3", iter, _murmur),
    Algorithm("murmur3", iter, _murmur_32),
    Algorithm("murmur3", _swapped, _murmur),
    Algorithm("murmur3", _swapped_32, _murmur_32),
)
