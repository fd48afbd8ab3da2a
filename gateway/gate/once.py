"""One utterance, one clip: remembers for a short while what was heard where, and says when it was heard before.

Pure memory, no audio: times, words as a hash, and how loud each 20 ms was. All of it in event time.
"""

import hashlib
import re
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.clip import Clip, GateDecision
from gateway.contract import Contract
from gateway.gate.decide import samples_of
from gateway.gate.extent import loudness_db
from gateway.wire import RATE_HZ

MEDIA_WINDOW_MS = 2_000  # broadcasts reach homes within this of each other
_REMEMBERED = 4_096
_SENT_AGAIN_S = 90.0  # an utterance comes so late at the most: sent again, each time after a while
_LEAST_WORDS = 3
_ALIKE = 0.75  # correlation of two loudness curves of one utterance: other voices saying the same stay below
_MOST_LAG, _LEAST_OVERLAP = 100, 40  # 2 s, 0.8 s in 20 ms frames


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """What is remembered of a clip the wake word admitted. `woke_ms` is event time, epoch milliseconds; `decided_s` the
    gateway's own, monotonic seconds."""

    site_id: str
    session_id: str
    household: str
    woke_ms: int
    decided_s: float
    words: str | None
    loudness: npt.NDArray[np.float32]

    def same_sound(self, other: "Utterance") -> bool:
        """Two microphones heard one sound: the loudness curves have one shape at some shift."""
        shorter, longer = sorted((self.loudness, other.loudness), key=len)
        best = -1.0
        for lag in range(-_MOST_LAG, _MOST_LAG + 1):
            one, two = (longer[lag:], shorter) if lag >= 0 else (longer, shorter[-lag:])
            overlap = min(len(one), len(two))
            if overlap >= _LEAST_OVERLAP:
                best = max(best, _correlation(one[:overlap], two[:overlap]))
        return best >= _ALIKE


class Recent:
    """The last few thousand utterances the wake word admitted. One worker owns it."""

    def __init__(self, contract: Contract) -> None:
        self._gate = contract.gate
        self._heard: deque[Utterance] = deque(maxlen=_REMEMBERED)
        self._kept: deque[Utterance] = deque(maxlen=_REMEMBERED)

    def note(self, said: Utterance) -> None:
        """Something was heard, whatever becomes of it."""
        if not any(each.session_id == said.session_id and each.site_id == said.site_id for each in self._near(said)):
            self._heard.append(said)

    def keep(self, said: Utterance) -> None:
        self._kept.append(said)

    def again(self, said: Utterance) -> str | None:
        """Why this is not another utterance: the device fired twice, another device of the home has it, or the same
        sound was in many homes at once. None when it is one of its own."""
        if self._gate.media_homes is not None and self._homes(said) >= self._gate.media_homes:
            return "media"
        for kept in self._kept:
            if kept.household != said.household or not _within(kept, said, self._gate.refractory_ms):
                continue
            if kept.site_id == said.site_id and kept.session_id != said.session_id:
                return "refractory"
            if kept.site_id != said.site_id and self._gate.same_utterance == "one_clip" and _one_utterance(kept, said):
                return "heard_elsewhere"
        return None

    def _homes(self, said: Utterance) -> int:
        if said.words is None:
            return 0
        alike = {said.household}
        for each in self._near(said):
            if each.household not in alike and each.words == said.words and each.same_sound(said):
                alike.add(each.household)
        return len(alike)

    def _near(self, said: Utterance) -> list[Utterance]:
        return [each for each in self._heard if _within(each, said, MEDIA_WINDOW_MS + 1)]


def utterance(clip: Clip, decision: GateDecision, household: str, now: float) -> Utterance:
    """What is remembered of a clip that is decided at `now`."""
    woke = decision.wake_sample or 0
    said = samples_of(clip)[decision.start_sample : decision.end_sample]
    return Utterance(
        site_id=clip.site_id,
        session_id=clip.session_id,
        household=household,
        woke_ms=clip.at_ms + woke * 1000 // RATE_HZ,
        decided_s=now,
        words=_words(clip),
        loudness=loudness_db(said).astype(np.float32),
    )


def _within(one: Utterance, other: Utterance, window_ms: int) -> bool:
    """Whether they were said within less than that; a device whose clock stands still says everything at once."""
    near = abs(one.woke_ms - other.woke_ms) < window_ms
    return near and abs(one.decided_s - other.decided_s) < _SENT_AGAIN_S


def _one_utterance(one: Utterance, other: Utterance) -> bool:
    return (one.words is not None and one.words == other.words) or one.same_sound(other)


def _words(clip: Clip) -> str | None:
    """A hash of the transcript's words; None for too few of them to tell anything."""
    words = re.findall(r"[a-z']+", clip.transcript.text.lower()) if clip.transcript else []
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if len(words) >= _LEAST_WORDS else None


def _correlation(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> float:
    one, two = one - one.mean(), two - two.mean()
    scale = float(np.sqrt((one @ one) * (two @ two)))
    return float(one @ two) / scale if scale > 0 else 0.0
