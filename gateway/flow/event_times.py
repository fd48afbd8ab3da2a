"""Corrects event times of devices whose clock cannot be right. Event times in, event times out.

A clock that stands still or was set back makes two requests look like one. The gateway notices it like this: it heard
of the two requests seconds apart, although the device says they were within its refractory time. In addition, either
both begin in the same millisecond, or they do not hold the same sound or words.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from gateway.gate.loudness_shape import Shape, same_sound

_SITES, _OF_EACH = 4_096, 16
_REMEMBERED_S = 90.0  # an utterance may be sent again for so long
_LATE_MS = 2_000  # largest delay of a session without an outage


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One utterance with the times its device states (epoch milliseconds).

    `seen_s` is when the gateway first heard of it (monotonic seconds). `key` names session and audio, `audio` is a hash
    of the audio alone.
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
    """Remembers the last utterances of each device. One worker owns it."""

    def __init__(self, refractory_ms: int) -> None:
        self._refractory_ms = refractory_ms
        self._sites: OrderedDict[str, deque[tuple[Said, int]]] = OrderedDict()

    def woke_ms(self, site_id: str, said: Said) -> int:
        """When the utterance was said, in epoch milliseconds.

        It is the device's time. If that cannot be right, it is the time of the earlier utterance plus the time that
        passed at the gateway between the two.
        """
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
        if said.audio == other.audio:  # said again later, its times would not overlap
            return said.start_ms < other.end_ms and other.start_ms < said.end_ms
        return _other_words(said, other) or not same_sound(said.sound, other.sound)


def _other_words(said: Said, other: Said) -> bool:
    """Whether fewer than half of the shorter one's words are in the other."""
    fewer = min(len(said.words), len(other.words))
    return fewer > 1 and len(said.words & other.words) < fewer / 2
