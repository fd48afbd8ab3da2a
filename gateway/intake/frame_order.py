"""The frames of one stream in the order they were recorded, each once; pure.

A broker may deliver a frame twice, and two that were sent in a row the other way round. Numbered frames tell; of others
the order of arrival is all there is.
"""

from collections import deque
from dataclasses import dataclass, field

from gateway.intake.session import follows
from gateway.wire import AudioFrame

_AHEAD = 8  # frames that wait for one before them; beyond it that one is lost
_RECENT = 32  # frames by which one that comes again is known
_PAUSE_S = 1.0  # frames without numbers: a longer silence of the network is a gap


@dataclass(slots=True)
class FrameOrder:
    """`last` is the frame handed on last. `still`: every frame so far said the same time, the device has no clock."""

    last: AudioFrame | None = None
    still: bool = True
    waiting: dict[int, AudioFrame] = field(default_factory=dict)
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def put(self, frame: AudioFrame, silent_s: float) -> tuple[bool, list[AudioFrame]]:
        """(whether what comes does not go on where the last ended, the frames that are next). After such a gap this
        begins anew. `silent_s` is how long no frame had come."""
        if self.last is None:
            return False, self._run(frame)
        if frame.seq is None or self.last.seq is None:
            if frame.seq is self.last.seq and silent_s <= _PAUSE_S:
                return False, self._run(frame)
            return True, self._anew(frame)
        if (frame.seq, hash(frame)) in self.recent or self.waiting.get(frame.seq) == frame:
            return False, []
        ahead = frame.seq - self.last.seq - 1
        if 0 < ahead <= 2 * _AHEAD and frame.seq not in self.waiting:
            self.waiting[frame.seq] = frame
            return (False, []) if len(self.waiting) <= _AHEAD else (True, self._anew())
        if ahead == 0 and self._follows(frame):
            return False, self._run(frame)
        return True, self._anew(frame)

    def _follows(self, frame: AudioFrame) -> bool:
        assert self.last is not None  # noqa: S101 (asked of a stream that has begun)
        if self.still and frame.at_ms == self.last.at_ms:
            return True
        return follows(self.last, frame) is None

    def _run(self, frame: AudioFrame) -> list[AudioFrame]:
        """This frame and those that waited for it."""
        made = [frame]
        self._note(frame)
        while frame.seq is not None and (after := self.waiting.get(frame.seq + 1)) and self._follows(after):
            frame = self.waiting.pop(frame.seq + 1)
            made.append(frame)
            self._note(frame)
        return made

    def _note(self, frame: AudioFrame) -> None:
        self.still = self.still and (self.last is None or self.last.at_ms == frame.at_ms)
        self.last = frame
        if frame.seq is not None:
            self.recent.append((frame.seq, hash(frame)))

    def _anew(self, frame: AudioFrame | None = None) -> list[AudioFrame]:
        """Begin with this frame, or with the first of those that waited."""
        self.last, self.still = None, True
        if frame is None:
            frame = self.waiting.pop(min(self.waiting))
        else:
            self.waiting.clear()
        self.recent.clear()
        return self._run(frame)
