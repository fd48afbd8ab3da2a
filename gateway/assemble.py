"""Frames and device messages in, whole Clips out; all of it in memory, none of it trusted.

Event time orders frames within a session; the wall clock (`now`, monotonic seconds) only says when to stop waiting.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.clip import Clip
from gateway.switches import Switches
from gateway.wire import (
    RATE_HZ,
    SAMPLE_BYTES,
    AudioFrame,
    Button,
    Context,
    Mute,
    SessionEnd,
    SessionStart,
    Transcript,
)

V = TypeVar("V")

MAX_OPEN_SESSIONS = 4_096
MAX_OPEN_PER_SITE = 8
MAX_HELD_BYTES = 256 * 1024 * 1024  # audio of all open sessions
MAX_FRAMES = 20_000  # of one session, whatever they hold
MAX_SITES = 65_536  # whose context is remembered
_JUMP_MS = 500  # between a frame's end and the next one's start, by the device's clock
_FAR_MS = 300_000  # from the session's start: longer than any contract lets a clip be
_MAX_STRAYS = 4_096  # transcripts and button presses that came before their session

Key = tuple[str, str]


@dataclass(slots=True)
class _Session:
    """One utterance on its way in."""

    opened: float
    heard: float
    start: SessionStart | None = None
    end: SessionEnd | None = None
    ended: float | None = None
    frames: dict[int, AudioFrame] = field(default_factory=dict)
    arrived: int = 0
    size: int = 0
    muted: bool = False
    fault: str | None = None


@dataclass(slots=True)
class _Site:
    context: Context | None = None


class Assembler:
    """Collects sessions until each can be decided. Not thread-safe: one worker owns it.

    Args:
        max_clip_ms: longer sessions are let go of at once and end as `too_long`.
        transcript_wait_s: how long after a session's end its transcript is waited for.
        frames_wait_s: how long after the end missing frames are waited for.
        idle_s: a session that says nothing for so long ends as `timed_out`.
        switches: which microphones are off; forgotten with the assembler when left out.
    """

    def __init__(
        self,
        *,
        max_clip_ms: int,
        transcript_wait_s: float,
        frames_wait_s: float = 0.5,
        idle_s: float = 10.0,
        switches: Switches | None = None,
    ) -> None:
        self._switches = switches or Switches()
        self._max_bytes = max_clip_ms * 32 + 64_000
        self._transcript_wait_s = transcript_wait_s
        self._frames_wait_s = frames_wait_s
        self._idle_s = idle_s
        self._sessions: dict[Key, _Session] = {}
        self._per_site: Counter[str] = Counter()
        self._held_bytes = 0
        self._sites: dict[str, _Site] = {}
        self._transcripts: dict[Key, Transcript] = {}
        self._buttons: dict[Key, int] = {}
        self._refused: dict[Key, None] = {}  # told once that there is no room; until they start anew

    @property
    def ended(self) -> frozenset[Key]:
        """Sessions whose end has come but not yet their clip."""
        return frozenset(key for key, session in self._sessions.items() if session.end is not None)

    @property
    def open(self) -> frozenset[Key]:
        """Sessions whose clip has not been taken out."""
        return frozenset(self._sessions)

    @property
    def held_bytes(self) -> int:
        """PCM in memory."""
        return self._held_bytes

    def begun_near(self, at_ms: int, window_ms: int, *, besides: str) -> frozenset[Key]:
        """Open sessions of other devices that began within `window_ms` of `at_ms`, event time."""
        return frozenset(
            key
            for key, session in self._sessions.items()
            if key[0] != besides and session.start is not None and abs(session.start.at_ms - at_ms) <= window_ms
        )

    def start(self, site_id: str, message: SessionStart, now: float) -> bool:
        """Open a session; the same session again starts over (the device sends it again). False when full."""
        key = (site_id, message.session_id)
        self._close(key)
        self._refused.pop(key, None)
        session = self._open(key, now)
        if session is None:
            return False
        session.start = message
        return True

    def refused(self, site_id: str, session_id: str) -> bool:
        """Whether this session was told that there is no room: nothing more of it is taken in or answered."""
        return (site_id, session_id) in self._refused

    def frame(self, site_id: str, session_id: str, frame: AudioFrame, now: float) -> bool:
        """Take a frame in. A frame twice is one frame; two different ones with one number are a gap."""
        session = self._open((site_id, session_id), now)
        if session is None:
            return False
        session.heard = now
        seq = session.arrived if frame.seq is None else frame.seq
        known = session.frames.get(seq)
        if known is not None:
            if known != frame:
                self._let_go(session, "gap")
            return True
        session.arrived += 1
        size = session.size + len(frame.pcm)
        if size > self._max_bytes or session.arrived > MAX_FRAMES:
            self._let_go(session, "too_long")
        elif self._held_bytes + len(frame.pcm) > MAX_HELD_BYTES:
            self._let_go(session, "shed")
        elif session.fault is None:
            session.frames[seq], session.size = frame, size
            self._held_bytes += len(frame.pcm)
        return True

    def spoil(self, site_id: str, session_id: str, reason: str, now: float) -> bool:
        """A frame of this session could not be read: nothing of it can be kept."""
        session = self._open((site_id, session_id), now)
        if session is None:
            return False
        session.heard = now
        self._let_go(session, reason)
        return True

    def end(self, site_id: str, message: SessionEnd, now: float) -> bool:
        session = self._open((site_id, message.session_id), now)
        if session is None:
            return False
        session.end, session.ended, session.heard = message, now, now
        return True

    def button(self, site_id: str, message: Button) -> None:
        _bounded_put(self._buttons, (site_id, message.session_id), message.at_ms)

    def mute(self, site_id: str, message: Mute) -> None:
        """The switch beats everything: sessions already open are muted too."""
        self._switches.set(site_id, message.muted)
        if message.muted:
            for (site, _), session in self._sessions.items():
                session.muted = session.muted or site == site_id

    def muted(self, site_id: str) -> bool:
        return self._switches.told_off(site_id)

    def hand_over(self, clip: Clip, now: float) -> bool:
        """Take in a clip that was cut elsewhere, whole: it waits for its transcript as others do. False when full."""
        frame = AudioFrame(pcm=clip.pcm, seq=0, at_ms=clip.at_ms)
        started = SessionStart(session_id=clip.session_id, at_ms=clip.at_ms, trigger=clip.trigger or "wake")
        if not self.start(clip.site_id, started, now) or not self.frame(clip.site_id, clip.session_id, frame, now):
            return False
        return self.end(clip.site_id, SessionEnd(session_id=clip.session_id, at_ms=clip.at_ms, frames=1), now)

    def context(self, site_id: str, message: Context) -> None:
        self._site(site_id).context = message

    def transcript(self, message: Transcript) -> None:
        _bounded_put(self._transcripts, (message.site_id, message.session_id), message)

    def ready(self, now: float, most: int | None = None) -> list[Clip]:
        """Clips that need wait no longer, taken out: `most` of them, one of each device in turn."""
        due = self._turns(now)
        return [self._take(key) for key in due[:most]]

    def has_ready(self, now: float) -> bool:
        return any(self._due(key, session, now) for key, session in self._sessions.items())

    def _turns(self, now: float) -> list[Key]:
        """Every due session: the first of each device, then the second of each, and so on."""
        seen: Counter[str] = Counter()
        turns: list[tuple[int, Key]] = []
        for key, session in self._sessions.items():
            if self._due(key, session, now):
                turns.append((seen[key[0]], key))
                seen[key[0]] += 1
        return [key for _, key in sorted(turns, key=lambda turn: turn[0])]

    def _due(self, key: Key, session: _Session, now: float) -> bool:
        if session.end is None or session.ended is None:
            return now - session.heard > self._idle_s
        if session.fault is not None:
            return True
        waited = now - session.ended
        if len(session.frames) < session.end.frames and waited < self._frames_wait_s:
            return False
        return key in self._transcripts or waited >= self._transcript_wait_s

    def _take(self, key: Key) -> Clip:
        session = self._close(key) or _Session(opened=0.0, heard=0.0)
        site = self._site(key[0])
        fault = session.fault or ("timed_out" if session.end is None else _gap(session))
        frames = [] if fault else [session.frames[seq] for seq in sorted(session.frames)]
        return Clip(
            site_id=key[0],
            session_id=key[1],
            at_ms=session.start.at_ms if session.start else 0,
            pcm=b"".join(frame.pcm for frame in frames),
            trigger=session.start.trigger if session.start else None,
            button_at_ms=self._buttons.pop(key, None),
            muted=session.muted or self._switches.muted(key[0]),
            context=site.context,
            transcript=self._transcripts.pop(key, None),
            fault=fault,
        )

    def _open(self, key: Key, now: float) -> _Session | None:
        if key not in self._sessions:
            full = len(self._sessions) >= MAX_OPEN_SESSIONS or self._held_bytes >= MAX_HELD_BYTES
            if full or self._per_site[key[0]] >= MAX_OPEN_PER_SITE:
                _bounded_put(self._refused, key, None)
                return None
            self._sessions[key] = _Session(opened=now, heard=now, muted=self._switches.told_off(key[0]))
            self._per_site[key[0]] += 1
        return self._sessions[key]

    def _close(self, key: Key) -> _Session | None:
        session = self._sessions.pop(key, None)
        if session is not None:
            self._held_bytes -= session.size
            self._per_site[key[0]] -= 1
            if not self._per_site[key[0]]:
                del self._per_site[key[0]]
        return session

    def _let_go(self, session: _Session, fault: str) -> None:
        """Nothing of it can be kept any more: its audio is let go of at once."""
        session.fault = session.fault or fault
        self._held_bytes -= session.size
        session.size = 0
        session.frames.clear()

    def _site(self, site_id: str) -> _Site:
        while site_id not in self._sites and len(self._sites) >= MAX_SITES:
            del self._sites[next(iter(self._sites))]
        return self._sites.setdefault(site_id, _Site())


def _gap(session: _Session) -> str | None:
    """ "gap" unless start and frames 0..n-1 are all there, in event-time order, n being what the device counted;
    "clock" where their times leave a hole in the audio or lie far from the start's."""
    seqs = sorted(session.frames)
    if session.start is None or session.end is None or seqs != list(range(session.end.frames)):
        return "gap"
    timed = [(frame.at_ms, frame) for seq in seqs if (frame := session.frames[seq]).at_ms is not None]
    for (earlier, frame), (later, _) in itertools.pairwise(timed):
        if later <= earlier:
            return "gap"
        if later - earlier > len(frame.pcm) * 1000 // (RATE_HZ * SAMPLE_BYTES) + _JUMP_MS:
            return "clock"
    if any(abs(at - session.start.at_ms) > _FAR_MS for at, _ in timed):
        return "clock"
    return None


def _bounded_put(held: dict[Key, V], key: Key, value: V) -> None:
    while len(held) >= _MAX_STRAYS:
        del held[next(iter(held))]
    held[key] = value
