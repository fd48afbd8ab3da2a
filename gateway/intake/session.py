"""One session while its messages arrive, and the decision whether it is complete. Pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.clip import Clip
from gateway.wire import RATE_HZ, SAMPLE_BYTES, AudioFrame, SessionEnd, SessionStart, Transcript

_JUMP_MS = 500  # largest hole between two frames, by the device's clock
_FAR_MS = 300_000  # largest distance from the session's start; no contract allows clips that long


class Taken(NamedTuple):
    """What is remembered of a session whose clip was taken out.

    `seen` is when its first message arrived (monotonic seconds). `at_ms` is its start by the device's clock. `sound` is
    a hash of its audio, valid in this process only; it is None if the session was not complete. `cut` is true for a
    clip cut from a stream, which may go on under the same id.
    """

    seen: float
    at_ms: int | None
    sound: int | None
    cut: bool = False


@dataclass(slots=True)
class Session:
    """One utterance whose messages still arrive. `owed` is the number of its first session end without an outcome.

    `before` are complete sessions of the same id that still waited when this one started. They are the same utterance
    sent again, or another utterance of a device that reuses ids. `earlier` is the one that was taken out last.
    """

    opened: float
    heard: float
    seen: float = 0.0
    before: "tuple[Session, ...]" = ()
    earlier: Taken | None = None
    early_transcript: bool = False  # the transcript came before the session
    cut: bool = False  # cut from a stream
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

    @property
    def pcm(self) -> bytes:
        return b"".join(self.frames[seq].pcm for seq in sorted(self.frames))

    @property
    def at_ms(self) -> int | None:
        return self.start.at_ms if self.start else None


def stands_still(frames: Sequence[AudioFrame]) -> bool:
    """Whether all frames have the same time: the device has no clock, or its clock stands. Only the frame numbers then
    give the order, and the time itself says nothing: many devices send 0."""
    return len({frame.at_ms for frame in frames}) == 1


def follows(earlier: AudioFrame, later: AudioFrame) -> str | None:
    """Why `later` does not directly follow `earlier` by the device's times, or None if it does.

    "gap": the times run backwards. "clock": the times leave a hole of more than 500 ms in the audio.
    """
    if earlier.at_ms is None or later.at_ms is None:
        return None
    if later.at_ms <= earlier.at_ms:
        return "gap"
    length_ms = len(earlier.pcm) * 1000 // (RATE_HZ * SAMPLE_BYTES)
    return "clock" if later.at_ms - earlier.at_ms > length_ms + _JUMP_MS else None


def whole(session: Session) -> str | None:
    """Why the session is not complete, or None if it is.

    It is complete with a start, an end that counts n frames, and the frames 0 to n-1 in sequence. "gap": something of
    this is missing. "clock": the times go on and leave a hole, or are far from the start.
    """
    frames = [session.frames[seq] for seq in sorted(session.frames)]
    counted = session.end.frames if session.end else -1
    if session.start is None or len(frames) != counted or sorted(session.frames) != list(range(len(frames))):
        return "gap"
    if len(frames) > 1 and stands_still(frames):
        return None
    wrong = [fault for pair in itertools.pairwise(frames) if (fault := follows(*pair)) is not None]
    if wrong:
        return wrong[0]
    return None if all(_near(frame, session.start) for frame in frames) else "clock"


def _near(frame: AudioFrame, start: SessionStart) -> bool:
    return frame.at_ms is None or abs(frame.at_ms - start.at_ms) <= _FAR_MS


def handed_on(key: tuple[str, str], session: Session, muted: bool) -> tuple[list[Clip], Taken]:
    """The clips of a session that ends here, and what is remembered of it.

    The last clip is the session's own. Clips before it are of the same id and have other audio. `muted` is the current
    state of the device's switch.
    """
    fault = session.fault or ("timed_out" if session.end is None else whole(session))
    pcm = b"" if fault else session.pcm
    others = []
    for each in session.before:
        if fault is None and each.pcm == pcm:  # the same utterance, sent again
            session.seen, session.muted = min(session.seen, each.seen), session.muted or each.muted
            session.transcript = session.transcript or each.transcript
            session.pressed_ms = each.pressed_ms if session.pressed_ms is None else session.pressed_ms
        else:
            others.append(each)
    sound = None if fault else hash(pcm)
    if (earlier := session.earlier) is not None:
        if earlier.at_ms == session.at_ms and earlier.sound in (None, sound):
            session.seen = earlier.seen
        elif session.early_transcript and earlier.sound not in (None, sound):
            session.transcript = None  # it may belong to the earlier session
    if any(each.transcript is None for each in others):
        session.transcript = None
    clips = [_clip(key, each, each.pcm, None, session.owed, muted) for each in others]
    clips.append(_clip(key, session, pcm, fault, session.owed, muted))
    return clips, Taken(session.seen, session.at_ms, sound, session.cut)


def _clip(key: tuple[str, str], session: Session, pcm: bytes, fault: str | None, owed: int | None, muted: bool) -> Clip:
    return Clip(
        site_id=key[0],
        session_id=key[1],
        at_ms=session.at_ms or 0,
        pcm=pcm,
        trigger=session.start.trigger if session.start else None,
        button_at_ms=session.pressed_ms,
        muted=session.muted or muted,
        transcript=session.transcript,
        fault=fault,
        owed=owed,
        seen_s=session.seen,
    )
