"""One session on its way in, and whether what came of it is whole; pure."""

import itertools
from dataclasses import dataclass, field

from gateway.wire import RATE_HZ, SAMPLE_BYTES, AudioFrame, SessionEnd, SessionStart, Transcript

_JUMP_MS = 500  # between a frame's end and the next one's start, by the device's clock
_FAR_MS = 300_000  # from the session's start: longer than any contract lets a clip be


@dataclass(slots=True)
class Session:
    """One utterance on its way in. `owed` is the number of the first of its ends that has no outcome yet."""

    opened: float
    heard: float
    start: SessionStart | None = None
    end: SessionEnd | None = None
    ended: float | None = None
    owed: int | None = None
    pressed_ms: int | None = None
    transcript: Transcript | None = None
    frames: dict[int, AudioFrame] = field(default_factory=dict)
    numbered: bool | None = None
    arrived: int = 0
    size: int = 0
    muted: bool = False
    fault: str | None = None


def follows(earlier: AudioFrame, later: AudioFrame) -> str | None:
    """Why, by the device's own times, one frame does not come right after another: they run backwards (`gap`), or leave
    a hole in the audio (`clock`)."""
    if earlier.at_ms is None or later.at_ms is None:
        return None
    if later.at_ms <= earlier.at_ms:
        return "gap"
    length_ms = len(earlier.pcm) * 1000 // (RATE_HZ * SAMPLE_BYTES)
    return "clock" if later.at_ms - earlier.at_ms > length_ms + _JUMP_MS else None


def whole(session: Session) -> str | None:
    """None where start and frames 0..n-1 are all there, n being what the device counted, one right after another;
    else "gap", or "clock" where their times leave a hole or lie far from the start's."""
    frames = [session.frames[seq] for seq in sorted(session.frames)]
    counted = session.end.frames if session.end else -1
    if session.start is None or len(frames) != counted or sorted(session.frames) != list(range(len(frames))):
        return "gap"
    wrong = [fault for pair in itertools.pairwise(frames) if (fault := follows(*pair)) is not None]
    if wrong:
        return wrong[0]
    far = any(frame.at_ms is not None and abs(frame.at_ms - session.start.at_ms) > _FAR_MS for frame in frames)
    return "clock" if far else None
