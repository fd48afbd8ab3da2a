"""When something was said, as far as its device's clock can be believed: event times in, event times out; no audio.

A clock that stands still, or was set back, says that two requests were one. This gives it away: the gateway heard of
them seconds apart, though the device says they were within its refractory time; and either both began in the very same
millisecond, or they are said to overlap and do not hold the same sound or words.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from gateway.gate.loudness_shape import Shape, same_sound

_SITES, _OF_EACH = 4_096, 16
_REMEMBERED_S = 90.0  # as long as an utterance may be sent again
_LATE_MS = 2_000  # how much later than it was said one of two sessions may be heard of, without an outage


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One utterance as its device tells of it, epoch milliseconds; `seen_s` is when the gateway heard of it first.

    `key` names session and audio, `audio` the audio alone.
    """

    key: str
    audio: int
    start_ms: int
    end_ms: int
    woke_ms: int
    seen_s: float
    sound: Shape
    words: frozenset[str] = frozenset()


class EventTimes:
    """The last utterances of each device. One worker owns it."""

    def __init__(self, refractory_ms: int) -> None:
        self._refractory_ms = refractory_ms
        self._sites: OrderedDict[str, deque[tuple[Said, int]]] = OrderedDict()

    def woke_ms(self, site_id: str, said: Said) -> int:
        """When it was said: what the device says, or where its clock cannot be right, so much later than what it said
        before as the gateway heard of it later."""
        known = self._sites.setdefault(site_id, deque(maxlen=_OF_EACH))
        self._sites.move_to_end(site_id)
        if len(self._sites) > _SITES:
            self._sites.popitem(last=False)
        for other, at_ms in known:
            if other.key == said.key:
                return at_ms
        woke = said.woke_ms
        for other, at_ms in known:
            later_ms = (said.seen_s - other.seen_s) * 1000
            if self._refractory_ms + _LATE_MS <= later_ms < _REMEMBERED_S * 1000 and self._lies(said, other, at_ms):
                woke = max(woke, at_ms + int(later_ms))
        known.append((said, woke))
        return woke

    def _lies(self, said: Said, other: Said, at_ms: int) -> bool:
        if min(abs(said.woke_ms - at_ms), abs(said.woke_ms - other.woke_ms)) >= self._refractory_ms:
            return False
        if said.start_ms == other.start_ms:
            return True
        overlap = said.start_ms < other.end_ms and other.start_ms < said.end_ms
        return overlap and (
            said.audio == other.audio or _other_words(said, other) or not same_sound(said.sound, other.sound)
        )


def _other_words(said: Said, other: Said) -> bool:
    """Whether most words of the shorter are not the other's."""
    fewer = min(len(said.words), len(other.words))
    return fewer > 1 and len(said.words & other.words) < fewer / 2
