"""Checks that a served clip has the samples that its device sent, in their order, except for covered parts.

The clip is compared with the true recording sample by sample. Reordered frames, a splice over a gap and a flipped bit
thus differ from redaction, which leaves silence or a tone.
"""

import itertools
from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.contract.model import Contract
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations

Pcm = npt.NDArray[np.int16]
Condition = Literal["intact", "covered", "reordered", "corrupt"]

_BLOCK = 320  # 20 ms, a quarter of a device's frame
_PROBE = 64
_DISTINCT = 12  # values in a probe: less is silence, or sounds like another place
_COVERED = 160  # 10 ms: shorter is no cover
_FADE = 160  # beside a cover the recording may fade, and a tone begin softly
_LOUD = 30_000  # where nothing of the recording is left to compare with
_PURE = 0.95  # share of a tone's power in the three bins around its peak


class Integrity(msgspec.Struct, frozen=True, kw_only=True):
    """How many served clips were compared with what was sent, and how many differ. Of those that are `covered` from end
    to end nothing is left to compare."""

    compared: int
    reordered: int
    corrupt: int
    covered: int = 0


def integrity(ledger: Ledger, seen: Observations, contract: Contract) -> Integrity | None:
    """Compare all served clips. None if no clip was served with sound, or if the contract alters voices."""
    if contract.redact.voice != "keep":
        return None
    found = [
        condition(truth, served.samples)
        for row in ledger.rows
        for served in (seen.served[ref] for ref in row.refs if ref in seen.served)
        if served.samples is not None and (truth := seen.sounds.get(row.utterance.utterance_id)) is not None
    ]
    if not found:
        return None
    covered = found.count("covered")
    return Integrity(
        compared=len(found) - covered,
        reordered=found.count("reordered"),
        corrupt=found.count("corrupt"),
        covered=covered,
    )


def condition(truth: Pcm, heard: Pcm) -> Condition:
    """Whether `heard` is one piece of `truth`, except for covered parts. Both are int16 at 16 kHz. Of a clip that is
    "covered" nothing is left."""
    places = list(_places(truth, heard))
    if any(later < earlier for earlier, later in itertools.pairwise(places)):
        return "reordered"
    if len(set(places)) != 1:
        return "covered" if not places and _covered(heard, np.full_like(heard, _LOUD)) else "corrupt"
    at = places[0]
    if at < 0 or at + len(heard) > len(truth):
        return "corrupt"
    return "intact" if _covered(heard, truth[at : at + len(heard)]) else "corrupt"


def _places(truth: Pcm, heard: Pcm) -> Iterator[int]:
    """Possible places in `truth` where the clip begins: one for each of its blocks that is found there."""
    whole, at = truth.tobytes(), None
    for start in range(0, len(heard) - _PROBE + 1, _BLOCK):
        probe = heard[start : start + _PROBE]
        if len(np.unique(probe)) < _DISTINCT:
            continue
        if at is not None and np.array_equal(truth[start + at : start + at + _PROBE], probe):
            yield at
            continue
        found = whole.find(probe.tobytes())
        while found > 0 and found % 2:  # half a sample further on is somewhere else
            found = whole.find(probe.tobytes(), found + 1)
        if found >= 0:
            at = found // 2 - start
            yield at


def _covered(heard: Pcm, sent: Pcm) -> bool:
    """Whether every differing sample is in silence or in a tone, or fades towards one."""
    differs = heard != sent
    fading = (np.abs(heard.astype(int)) <= np.abs(sent.astype(int)) + 1) & (heard.astype(int) * sent >= 0)
    for start, end in _runs(heard == 0):
        if end - start >= _COVERED:
            differs[start:end] = False
            for side in (slice(max(0, start - _FADE), start), slice(end, end + _FADE)):
                differs[side] &= ~fading[side]
    return all(_is_tone(heard[start + _FADE : end - _FADE]) for start, end in _runs(_joined(differs)))


def _is_tone(piece: Pcm) -> bool:
    if len(piece) < _COVERED:
        return False
    power = np.square(np.abs(np.fft.rfft(piece * np.hanning(len(piece)))))
    top = int(power.argmax())
    return bool(power[max(0, top - 2) : top + 3].sum() >= _PURE * power.sum() > 0)


def _joined(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Join runs with gaps of less than 10 ms, because a tone sometimes equals the recording."""
    marks = marks.copy()
    for start, end in _runs(~marks):
        if start > 0 and end < len(marks) and end - start < _COVERED:
            marks[start:end] = True
    return marks


def _runs(marks: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
