"""Finds the runs of an alphabet's symbols, and judges many beginnings at once (numpy)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.sieve import begins_brotli, begins_deflate, begins_ebcdic, begins_packed

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BULK = 16_384  # bytes from which numpy is quicker than an expression
HEAD = 12  # bytes by which a beginning is judged
_TEXT = np.array([code in (9, 10, 13) or (code >= 32 and code != 127) for code in range(256)])
_IN_VALUES = frozenset(" .,@+_:/'()-")
_VALUE = np.array([code >= 0x80 or chr(code).isalnum() or chr(code) in _IN_VALUES for code in range(256)])


class Runs(NamedTuple):
    """The beginning and end of each run in `codes`. Zeros follow the text in `codes`, so that looking ahead is safe."""

    codes: Bytes
    starts: Numbers
    ends: Numbers


def runs_of(data: bytes, members: Mask, least: int) -> Runs:
    """Return the runs of at least `least` bytes of the alphabet. `members` marks its byte values."""
    codes = np.frombuffer(data + b"\0" * 64, np.uint8)
    if fast := kernels(len(data)):
        return Runs(codes, *fast.spans_of(codes, len(data), members, least))
    inside = members[codes]
    inside[len(data) :] = False
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if inside[0]:
        edges = np.concatenate([[0], edges])
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= least
    return Runs(codes, starts[long], ends[long])


def words_in(data: bytes, found: Runs, wanted: Mask) -> dict[bytes, None]:
    """Return each of the marked runs once, in order."""
    chosen = Runs(found.codes, found.starts[wanted], found.ends[wanted])
    return dict.fromkeys(data[at:end] for at, end in _pairs(chosen))


def distinct(data: bytes, members: Mask, least: int) -> dict[bytes, None]:
    """Return each run of at least `least` of the `members` once, in order."""
    return dict.fromkeys(data[at:end] for at, end in _pairs(runs_of(data, members, least)))


def _pairs(found: Runs) -> Iterable[tuple[int, int]]:
    return zip(found.starts.tolist(), found.ends.tolist(), strict=True)


def members_of(symbols: bytes) -> Mask:
    told = np.zeros(256, np.bool_)
    told[np.frombuffer(symbols, np.uint8)] = True
    return told


def could_open(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the beginnings that could be packed data or wide text. `head` holds `HEAD` bytes a row, `sizes` the length
    of each.
    """
    return np.asarray(ends_itself(head, sizes) | reaches_the_end(head, sizes), np.bool_)


def ends_itself(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the beginnings of packed data that can be opened even if other bytes follow it."""
    return np.asarray(begins_deflate(head, sizes) | begins_packed(head), np.bool_)


def reaches_the_end(head: Bytes, sizes: Numbers) -> Mask:
    """Mark the beginnings of brotli and wide text, which no other bytes may follow."""
    zero = (head[:, 0] == 0) | (head[:, 1] == 0)
    marked = ((head[:, 0] == 0xFF) & (head[:, 1] == 0xFE)) | ((head[:, 0] == 0xFE) & (head[:, 1] == 0xFF))
    return np.asarray(begins_brotli(head, sizes) | zero | marked | begins_ebcdic(head, sizes), np.bool_)


def could_read(head: Bytes, *, whole: bool = False) -> Mask:
    """Mark the beginnings of UTF-8 text without control characters. With `whole`, the text must also look like a
    value.
    """
    leads, follows = head >= 0xC2, (head & 0xC0) == 0x80
    after = np.zeros_like(leads)
    after[:, 1:] = leads[:, :-1]
    behind = np.zeros_like(leads)
    behind[:, 1:] = follows[:, :-1]
    well = _TEXT[head] & (~follows | after | behind) & (~after | follows) & (head < 0xF5) & (head != 0xC0)
    well &= head != 0xC1
    if whole:
        well &= _VALUE[head]
    return np.asarray(well.all(axis=1), np.bool_)
