"""Recognises clips of one utterance, so that only one of them is kept.

It remembers what was heard where for a short while: times, hashes of the words, and the shape of the sound. No audio is
held. All times are event times. Each household has a bounded share of the memory, so that no household can push out
another's, and few sounds are compared for each clip.
"""

import hashlib
import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.clip import Clip, GateDecision
from gateway.contract.model import Contract
from gateway.gate.decide import samples_of
from gateway.gate.loudness_shape import Shape, likeness, same_sound, shape
from gateway.wire import RATE_HZ

MEDIA_WINDOW_MS = 2_000  # broadcasts reach homes within this of each other
_HOUSEHOLDS, _HEARD_OF_EACH, _KEPT_OF_EACH = 1_024, 8, 64
_SENT_AGAIN_S = 90.0  # an utterance comes so late at the most: sent again, each time after a while
_LEAST_WORDS = 3
_SAME_WORDS = 0.6  # shared of all: two transcripts of one sentence, each with its own errors
_LIKE_ENOUGH = 0.5  # of alike words: 42 of 45 pairs of one sound, 9 dB apart in rooms at 5 to 20 dB, are more alike


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """An admitted clip as it is remembered.

    `woke_ms` is the event time of the wake word or of the press, in epoch milliseconds. `decided_s` is the gateway's
    own clock, in monotonic seconds.
    """

    site_id: str
    session_id: str
    household: str
    woke_ms: int
    decided_s: float
    words: frozenset[str]
    sound: Shape
    pressed: bool = False


class DuplicateFilter:
    """The last admitted utterances, some of each household. One worker owns it."""

    def __init__(self, contract: Contract) -> None:
        self._gate = contract.gate
        self._heard, self._kept = _Memory(_HEARD_OF_EACH), _Memory(_KEPT_OF_EACH)

    def note(self, said: Utterance) -> None:
        """Something was heard, whatever becomes of it."""
        known = self._heard.of(said.household)
        if not any(each.session_id == said.session_id and each.site_id == said.site_id for each in known):
            self._heard.add(said)

    def keep(self, said: Utterance) -> None:
        self._kept.add(said)

    def again(self, said: Utterance) -> str | None:
        """Why this is not another utterance: the device fired twice, another device of the home has it, or the same
        sound was in many homes at once. None when it is one of its own."""
        if self._gate.media_homes is not None and not said.pressed and self._homes(said) >= self._gate.media_homes:
            return "media"
        for kept in self._kept.of(said.household):
            if not _within(kept, said, self._gate.refractory_ms):
                continue
            if kept.site_id == said.site_id and kept.session_id != said.session_id:
                return "refractory"
            if kept.site_id != said.site_id and self._gate.same_utterance == "one_clip" and _one_utterance(kept, said):
                return "heard_elsewhere"
        return None

    def _homes(self, said: Utterance) -> int:
        """Households, its own too, that heard this sound at that moment."""
        found = 1
        for heard in self._heard.besides(said.household):
            near = (each for each in heard if _within(each, said, MEDIA_WINDOW_MS + 1) and not each.pressed)
            found += any(_words_alike(each, said) and same_sound(each.sound, said.sound) for each in near)
        return found


class _Memory:
    """Utterances by household. The household that was heard longest ago is forgotten first."""

    def __init__(self, of_each: int) -> None:
        self._of_each = of_each
        self._households: OrderedDict[str, deque[Utterance]] = OrderedDict()

    def add(self, said: Utterance) -> None:
        self._households.setdefault(said.household, deque(maxlen=self._of_each)).append(said)
        self._households.move_to_end(said.household)
        if len(self._households) > _HOUSEHOLDS:
            self._households.popitem(last=False)

    def of(self, household: str) -> list[Utterance]:
        return list(self._households.get(household, ()))

    def besides(self, household: str) -> Iterator[deque[Utterance]]:
        """Those of each other household."""
        return (said for other, said in self._households.items() if other != household)


def utterance(clip: Clip, decision: GateDecision, household: str, now: float) -> Utterance:
    """What is remembered of a clip that is decided at `now`."""
    woke = decision.start_sample if decision.wake_sample is None else decision.wake_sample
    return Utterance(
        site_id=clip.site_id,
        session_id=clip.session_id,
        household=household,
        woke_ms=clip.at_ms + woke * 1000 // RATE_HZ,
        decided_s=now,
        words=_words(clip),
        sound=shape(samples_of(clip)[decision.start_sample : decision.end_sample]),
        pressed=decision.wake_sample is None,
    )


def _within(one: Utterance, other: Utterance, window_ms: int) -> bool:
    """Whether two utterances are less than so long apart.

    A device whose clock stands still gives all of them one time.
    """
    near = abs(one.woke_ms - other.woke_ms) < window_ms
    return near and abs(one.decided_s - other.decided_s) < _SENT_AGAIN_S


def _one_utterance(one: Utterance, other: Utterance) -> bool:
    """The same words, the same sound, or much of both: each microphone's transcript has errors of its own, and a far
    one's sound is mostly its room. In one home within `refractory_ms`, keeping twice is worse than one sample less."""
    if len(one.words) >= _LEAST_WORDS and one.words == other.words:
        return True
    like = likeness(one.sound, other.sound) if _words_alike(one, other) else -1.0
    return like >= _LIKE_ENOUGH or same_sound(one.sound, other.sound)


def _words_alike(one: Utterance, other: Utterance) -> bool:
    if min(len(one.words), len(other.words)) < _LEAST_WORDS:
        return False
    return len(one.words & other.words) >= _SAME_WORDS * len(one.words | other.words)


def _words(clip: Clip) -> frozenset[str]:
    """Hashes of the transcript's words."""
    words = re.findall(r"\w[\w']*", clip.transcript.text.lower()) if clip.transcript else []
    return frozenset(hashlib.sha256(word.encode()).hexdigest()[:16] for word in words)
