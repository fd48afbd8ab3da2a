"""Many small texts -> what was found in each: one look at all of them tells that most hold nothing.

Decoding costs about as much for a few kilobytes as for fifty. Many texts are looked at at once, for what stands in them
and for what is encoded; where something is found, each half of them is asked again, and each text that holds something
is searched by itself: findings never come from more than one text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from scenarios.leaks.decode.encodings import SHORT
from scenarios.leaks.detector import LeakDetector, Searched
from scenarios.leaks.haystack import Haystack

LARGEST = 64 * 1024  # bytes; a larger text gains nothing by others beside it
MOST = 1024 * 1024  # bytes of one look for what is encoded
_SHOWN = 128 * 1024  # bytes of one look for what is not
_BETWEEN = b"\n;\n"  # no number, token or wrapped line goes on over it
_FEW = 12  # words; of more of them the decoders look only at those that are likely to be encoded
_TOKEN = re.compile(rb"[A-Za-z0-9]{20}")
_CONTROL = bytes(set(range(32)) - {9, 10, 13, 27})


def search_all(detector: LeakDetector, haystacks: Sequence[Haystack]) -> list[Searched]:
    """As `detector.search` of each, in order."""
    alone = {at for at, haystack in enumerate(haystacks) if not all(_joins(part.data) for part in haystack.parts)}
    long: dict[int, list[bytes]] = {}
    short: dict[int, list[bytes]] = {}
    for at, haystack in enumerate(haystacks):
        if at in alone:
            continue
        for part in haystack.parts:
            (short if len(part.data) <= SHORT else long).setdefault(at, []).append(part.data)
    for texts, are_short in ((short, True), (long, False)):
        for group in _groups({at: _BETWEEN.join(each) for at, each in texts.items()}, _SHOWN):
            alone |= _those(group, lambda each: detector.shows(each, _BETWEEN))
        for group in _groups({at: _BETWEEN.join(each) for at, each in texts.items() if at not in alone}, MOST):
            alone |= _those(group, partial(_hide, detector, are_short))
    return [
        detector.search(haystack)
        if at in alone
        else Searched(findings=(), notes=(), bytes=sum(len(part.data) for part in haystack.parts))
        for at, haystack in enumerate(haystacks)
    ]


def _those(group: Mapping[int, bytes], holds: Callable[[Sequence[bytes]], bool]) -> set[int]:
    """Which of them hold something: all are asked at once, and halves of them only where one does."""
    if not holds(list(group.values())):
        return set()
    if len(group) == 1:
        return set(group)
    order = list(group)
    halves = (order[: len(order) // 2], order[len(order) // 2 :])
    return {at for half in halves for at in _those({each: group[each] for each in half}, holds)}


def _hide(detector: LeakDetector, are_short: bool, texts: Sequence[bytes]) -> bool:
    return detector.hides(_BETWEEN.join(texts), short=are_short)


def _groups(texts: dict[int, bytes], most: int) -> list[dict[int, bytes]]:
    found: list[dict[int, bytes]] = []
    size = most
    for at, text in texts.items():
        if size + len(text) > most:
            found.append({})
            size = 0
        found[-1][at] = text
        size += len(text)
    return found


def _joins(data: bytes) -> bool:
    """Plain text, no single token, and none that something packed could be by chance.

    Then it and its neighbours are read as they would be alone.
    """
    if len(data) > LARGEST or len(data.translate(None, _CONTROL)) != len(data):
        return False
    if len(data.split(None, _FEW)) <= _FEW and _TOKEN.search(data):
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(data) > SHORT
