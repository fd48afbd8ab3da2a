"""Measures whether clips of one household can be linked. There is one attacker for each thing a reviewer sees.

An attacker rates how alike two clips are. The area under the ROC curve (AUC) is the chance that a pair of one household
rates higher than a pair of two households; 0.5 is guessing. Pairs share clips, so the interval comes from a bootstrap
over households. The chance value comes from a permutation test over households.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

_DRAWS = 400
_SHUFFLES = 2_000
_MOST_CLIPS = 240  # the number of pairs grows with the square


class ShownClip(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer sees of one clip: its position in the queue and the facts the tool shows.

    `household` is the true household. The attackers do not use it.
    """

    household: str
    position: int
    device: str | None = None
    customer: str | None = None
    recorded_on: str | None = None
    transcript: str | None = None


class Linkage(msgspec.Struct, frozen=True, kw_only=True):
    """One attacker's success.

    `low` to `high` is the 95 % interval of the AUC. `chance` is the probability that guessing does as well (0 to 1).
    AUC is None without a pair of one household or without a pair of two households.
    """

    by: str
    clips: int
    pairs: int
    auc: float | None
    low: float | None
    high: float | None
    chance: float | None


def linkage(clips: Sequence[ShownClip], *, seed: int = 0) -> tuple[Linkage, ...]:
    """Run every attacker on at most 240 of the clips, evenly chosen."""
    taken = [clips[int(at)] for at in np.linspace(0, len(clips) - 1, min(len(clips), _MOST_CLIPS))]
    return tuple(_attack(name, taken, alike, seed) for name, alike in ATTACKS.items())


def _attack(
    name: str, clips: Sequence[ShownClip], alike: Callable[[ShownClip, ShownClip], float], seed: int
) -> Linkage:
    homes, owners = np.unique([clip.household for clip in clips], return_inverse=True)
    one, two = np.triu_indices(len(clips), k=1)
    same = owners[one] == owners[two]
    pairs = int(same.sum())
    if not pairs or pairs == len(same):
        return Linkage(by=name, clips=len(clips), pairs=pairs, auc=None, low=None, high=None, chance=None)
    like = np.array([alike(clips[int(i)], clips[int(j)]) for i, j in zip(one, two, strict=True)])
    level = np.unique(like, return_inverse=True)[1]
    found, rng = auc(level, same, ~same), np.random.default_rng(seed)
    drawn = []
    for _ in range(_DRAWS):
        # Households are drawn with replacement. A household and its copy are not a pair of two households.
        weight = np.bincount(rng.integers(len(homes), size=len(homes)), minlength=len(homes))[owners]
        drawn.append(auc(level, same * weight[one], ~same * weight[one] * weight[two]))
    low, high = np.percentile([value for value in drawn if value is not None], [2.5, 97.5])
    beaten = 0
    for _ in range(_SHUFFLES):
        moved = rng.permutation(owners)
        again = moved[one] == moved[two]
        beaten += (auc(level, again, ~again) or 0.0) >= (found or 0.0)
    return Linkage(
        by=name,
        clips=len(clips),
        pairs=pairs,
        auc=round(found or 0.0, 3),
        low=round(float(low), 3),
        high=round(float(high), 3),
        chance=round((beaten + 1) / (_SHUFFLES + 1), 4),
    )


def auc(level: npt.NDArray[np.intp], same: npt.NDArray[Any], other: npt.NDArray[Any]) -> float | None:
    """The chance that a pair of `same` has a higher level than a pair of `other`; ties count half (Mann-Whitney).

    All arrays have one entry for each pair; `same` and `other` are weights. None if one of them is all zeros.
    """
    alike, apart = np.bincount(level, weights=same), np.bincount(level, weights=other)
    below = np.cumsum(apart) - apart / 2
    whole = alike.sum() * apart.sum()
    return float(alike @ below / whole) if whole else None


def _by_ids(a: ShownClip, b: ShownClip) -> float:
    return float(
        (a.device is not None and a.device == b.device) or (a.customer is not None and a.customer == b.customer)
    )


def _by_times(a: ShownClip, b: ShownClip) -> float:
    return -abs(_seconds(a) - _seconds(b))


def _by_order(a: ShownClip, b: ShownClip) -> float:
    return -abs(a.position - b.position)


def _by_words(a: ShownClip, b: ShownClip) -> float:
    """Share of words in common (Jaccard index, 0 to 1)."""
    one, two = set((a.transcript or "").split()), set((b.transcript or "").split())
    return len(one & two) / len(one | two) if one | two else 0.0


def _seconds(clip: ShownClip) -> float:
    try:
        return datetime.fromisoformat(clip.recorded_on or "").timestamp()
    except ValueError:
        return 0.0


ATTACKS: dict[str, Callable[[ShownClip, ShownClip], float]] = {
    "ids": _by_ids,
    "times": _by_times,
    "order": _by_order,
    "words": _by_words,
}
