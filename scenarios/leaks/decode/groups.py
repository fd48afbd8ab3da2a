"""Judges groups of five symbols, which stand for four bytes each, in bulk (numpy): could they be text?"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.runs import HEAD, Bytes, Mask, Numbers, could_read

GROUP = 5  # symbols
Groups = npt.NDArray[np.uint32]
_TEXT = np.array([code in (9, 10, 13) or (code >= 32 and code != 127) for code in range(256)])


class Survey(NamedTuple):
    """What is known of every place of a text: the number of the group there, whether it is valid, and whether its bytes
    could be text. Then the places where text may begin, and those of compressions' marks.
    """

    codes: Bytes
    groups: Groups
    valid: Mask
    texty: Mask
    starts: Numbers
    marks: Numbers


def heads(groups: Groups, places: Numbers) -> Bytes:
    """Return the first twelve bytes at each place."""
    head = np.stack([groups[places + GROUP * step] for step in range(3)], axis=1)
    return head.astype(">u4").view(np.uint8).reshape(len(places), HEAD)


def beginnings(groups: Groups, texty: Mask) -> Numbers:
    """Return the places where text may begin. Two groups alone are short: they must read like a value."""
    starts = np.flatnonzero(texty[: -2 * GROUP] & texty[GROUP:-GROUP])
    told = heads(groups, starts)
    kept = could_read(told[:, :8], whole=True)
    kept |= texty[starts + 2 * GROUP] & could_read(told)
    return starts[kept]


def is_texty(groups: Groups) -> Mask:
    """Mark the groups whose four bytes hold no control character except tabs and line ends.

    A control character has its upper three bits empty. That test runs in bulk; the few groups that fail it are looked
    at byte by byte.
    """
    upper = groups & np.uint32(0xE0E0E0E0)
    empty = (upper - np.uint32(0x01010101)) & ~upper & np.uint32(0x80808080)
    told = empty == 0
    rest = np.flatnonzero(~told)
    if len(rest):
        four = groups[rest].astype(">u4").view(np.uint8).reshape(-1, 4)
        told[rest] = _TEXT[four].all(axis=1)
    return np.asarray(told, np.bool_)
