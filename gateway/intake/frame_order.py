"""Puts the frames of one stream into the order of recording and drops repeated ones. Pure.

A broker may deliver a frame twice, or swap two neighbours. Frame numbers show this. Frames without numbers are taken in
the order of arrival.
"""

from collections import deque
from dataclasses import dataclass, field

from gateway.intake.session import follows
from gateway.wire import AudioFrame

_AHEAD = 8  # so many frames wait for a missing one; after that it counts as lost
_RECENT = 32  # past frames remembered, to recognise a repeated one
_PAUSE_S = 1.0  # frames without numbers: a longer silence of the network is a gap


@dataclass(slots=True)
class FrameOrder:
    """`last` is the frame returned last. `still`: all frames so far have the same time (no clock)."""

    last: AudioFrame | None = None
    still: bool = True
    waiting: dict[int, AudioFrame] = field(default_factory=dict)
    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def put(self, frame: AudioFrame, silent_s: float) -> tuple[bool, list[AudioFrame]]:
        """Take in a frame. Returns (gap, frames): whether audio is missing before these frames, and the frames now due.

        After a gap the order starts again. `silent_s` is the time in seconds since the last frame arrived.
        """
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
        assert self.last is not None  # noqa: S101 (only called after the first frame)
        if self.still and frame.at_ms == self.last.at_ms:
            return True
        return follows(self.last, frame) is None

    def _run(self, frame: AudioFrame) -> list[AudioFrame]:
        """This frame and the waiting frames that follow it directly."""
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
        """Start again with this frame, or with the first waiting frame."""
        self.last, self.still = None, True
        if frame is None:
            frame = self.waiting.pop(min(self.waiting))
        else:
            self.waiting.clear()
        self.recent.clear()
        return self._run(frame)
