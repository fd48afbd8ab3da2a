"""Assembles frames and device messages into whole clips. All of it stays in memory, and no input is trusted.

Event time orders the frames of a session. `now` (monotonic seconds) only decides when to stop waiting.
"""

from collections import Counter

from gateway.clip import Clip
from gateway.intake.mute_switches import MuteSwitches
from gateway.intake.open_sessions import MAX_OPEN_PER_SITE, OpenSessions
from gateway.intake.orphan_cache import Key, OrphanCache
from gateway.intake.session import Session, Taken, handed_on, whole
from gateway.wire import (
    MAX_FRAMES,
    MAX_NAME,
    AudioFrame,
    Button,
    SessionEnd,
    SessionStart,
    Transcript,
)


class Assembler:
    """Collects sessions until each can be decided. Not thread-safe: one worker owns it.

    Args:
        max_clip_ms: the audio of a longer session is dropped at once, and the session ends as `too_long`.
        transcript_wait_s: seconds to wait for the transcript after a session's end.
        frames_wait_s: seconds to wait for missing frames after a session's end.
        idle_s: a session ends as `timed_out` after so many seconds without a message, or when it lasts so much longer
            than `max_clip_ms`.
        switches: which microphones are off. Without it the assembler makes one that is lost with it.
    """

    def __init__(
        self,
        *,
        max_clip_ms: int,
        transcript_wait_s: float,
        frames_wait_s: float = 0.5,
        idle_s: float = 10.0,
        switches: MuteSwitches | None = None,
    ) -> None:
        self._switches = switches or MuteSwitches()
        self._max_bytes = max_clip_ms * 32 + 64_000
        self._longest_s = max_clip_ms / 1000 + idle_s
        self._transcript_wait_s = transcript_wait_s
        self._frames_wait_s = frames_wait_s
        self._idle_s = idle_s
        self._sessions = OpenSessions()
        self._ends = 0
        self._transcripts: OrphanCache[Transcript] = OrphanCache()
        self._presses: OrphanCache[int] = OrphanCache()
        self._refused: OrphanCache[bool] = OrphanCache()  # answered busy once; ignored until they start anew
        self._taken: OrphanCache[Taken] = OrphanCache()  # late messages of a finished session must not open a new one

    @property
    def ends(self) -> int:
        """How many sessions have ended so far."""
        return self._ends

    def first_owed(self) -> int | None:
        """The number of the earliest session end whose clip was not taken out yet, or None."""
        return min((session.owed for _, session in self._sessions.items() if session.owed is not None), default=None)

    @property
    def open(self) -> frozenset[Key]:
        """The keys of all sessions whose clip was not taken out yet."""
        return frozenset(key for key, _ in self._sessions.items())

    @property
    def held_bytes(self) -> int:
        """Bytes of PCM in memory."""
        return self._sessions.held_bytes

    def begun_near(self, at_ms: int, window_ms: int, *, besides: str) -> frozenset[Key]:
        """Open sessions of devices other than `besides` that began within `window_ms` of `at_ms` (event time)."""
        return frozenset(
            key
            for key, session in self._sessions.items()
            if key[0] != besides and session.start is not None and abs(session.start.at_ms - at_ms) <= window_ms
        )

    def start(self, site_id: str, message: SessionStart, now: float) -> bool:
        """Open a session. Returns False when there is no room.

        A second start of the same id starts the session over, because the device sends it again. If the first one is
        whole already, it is kept as well: the second may be another utterance under the same id.
        """
        key = (site_id, message.session_id)
        before = self._sessions.get(key)
        if before is not None and before.start is None and before.numbered and before.end is None:
            before.start = message  # numbered frames overtook it
            return True
        if before is not None and len(before.before) >= MAX_OPEN_PER_SITE:
            self._refused.put(key, True, now)
            return False
        self._sessions.remove(key)
        self._refused.pop(key)
        earlier = self._taken.pop(key)
        session = self._open(key, now)
        if session is None:
            return False
        session.start, session.earlier = message, earlier
        if before is not None:  # a restart gets no extra time; otherwise a watermark could wait for ever
            session.opened, session.owed = before.opened, before.owed
            self._start_over(session, before)
        return True

    def _start_over(self, session: Session, before: Session) -> None:
        session.earlier = session.earlier or before.earlier
        kept = before.end is not None and before.frames and before.fault is None and whole(before) is None
        session.before = (*before.before, before) if kept else before.before
        self._sessions.hold_before(session)
        if not kept and before.at_ms in (None, session.at_ms):
            session.seen, session.pressed_ms = before.seen, before.pressed_ms
            session.transcript, session.early_transcript = before.transcript, before.early_transcript

    def refused(self, site_id: str, session_id: str) -> bool:
        """Whether this session was answered `busy`. Its further messages are ignored."""
        return (site_id, session_id) in self._refused

    def refuse(self, site_id: str, session_id: str, now: float) -> None:
        """Ignore further messages of this session: it was answered `busy`."""
        self._refused.put((site_id, session_id), True, now)

    def frame(self, site_id: str, session_id: str, frame: AudioFrame, now: float) -> bool:
        """Take in a frame. Returns False when there is no room for its session.

        A repeated frame counts once. Two different frames with one number make the session a `gap`. So does a mix of
        numbered and unnumbered frames.
        """
        key = (site_id, session_id)
        if key not in self._sessions and key in self._taken:
            return True
        session = self._open(key, now)
        if session is None:
            return False
        session.heard = now
        numbered = frame.seq is not None
        seq = session.arrived if frame.seq is None else frame.seq
        known = session.frames.get(seq)
        if session.numbered not in (None, numbered) or (known is not None and known != frame):
            self._sessions.let_go(session, "gap")
        if known is not None:
            return True
        session.numbered = numbered
        session.arrived += 1
        if session.size + len(frame.pcm) > self._max_bytes or session.arrived > MAX_FRAMES:
            self._sessions.let_go(session, "too_long")
        elif session.fault is None and not self._sessions.hold(session, seq, frame):
            self._sessions.let_go(session, "shed")
        return True

    def spoil(self, site_id: str, session_id: str, reason: str, now: float) -> bool:
        """A frame of this session could not be read, so nothing of the session is kept. False when there is no room."""
        key = (site_id, session_id)
        if key not in self._sessions and key in self._taken:
            return True
        session = self._open(key, now)
        if session is None:
            return False
        session.heard = now
        self._sessions.let_go(session, reason)
        return True

    def give_up(self, site_id: str, session_id: str, now: float, *, anew: bool) -> bool:
        """A start, end or press of this session could not be read. Ignore the session until it starts again.

        Args:
            anew: the unreadable message was a start.

        Returns:
            False if the session has ended already, or if its device was already told.
        """
        key = (site_id, session_id)
        session = self._sessions.get(key)
        if session is not None and session.end is not None:
            return False
        if not anew and (key in self._refused or key in self._taken):
            return False
        self._sessions.remove(key)
        if len(session_id) <= MAX_NAME:
            self._refused.put(key, True, now)
        return True

    def spoil_all(self, site_id: str, reason: str) -> None:
        """Messages of this device were lost, and their sessions are unknown. Fault all its open sessions."""
        for session in self._sessions.of_site(site_id):
            self._sessions.let_go(session, reason)

    def end(self, site_id: str, message: SessionEnd, now: float) -> bool:
        """Note that a session has ended. Returns False when there is no room for it."""
        key = (site_id, message.session_id)
        if key not in self._sessions and key in self._taken:
            return True
        session = self._open(key, now)
        if session is None:
            return False
        session.end, session.ended, session.heard = message, now, now
        self._ends += 1
        session.owed = session.owed or self._ends
        return True

    def button(self, site_id: str, message: Button, now: float) -> None:
        """Note a press. A press before its session waits for the session."""
        session = self._sessions.get((site_id, message.session_id))
        if session is not None:
            session.pressed_ms = message.at_ms
        else:
            self._presses.put((site_id, message.session_id), message.at_ms, now)

    def mute(self, site_id: str, muted: bool, at_ms: int | None = None, *, late: bool = False) -> bool:
        """Set the mute switch, also for open sessions. Returns False if the message is older than the last switch."""
        if not self._switches.hear(site_id, muted, at_ms, late=late):
            return False
        if muted:
            for session in self._sessions.of_site(site_id):
                for each in (session, *session.before):
                    each.muted = True
        return True

    def muted(self, site_id: str) -> bool:
        return self._switches.told_off(site_id)

    def knows(self, site_id: str, session_id: str) -> bool:
        """Whether this session was opened here or has already ended here, so that its frames belong here."""
        key = (site_id, session_id)
        session, taken = self._sessions.get(key), self._taken.get(key)
        return (session is not None and not session.cut) or (taken is not None and not taken.cut)

    def hand_over(self, clip: Clip, now: float) -> bool:
        """Take in a clip that the stream listener cut. It waits for its transcript like a session. False when full."""
        key = (clip.site_id, clip.session_id)
        frame = AudioFrame(pcm=clip.pcm, seq=0, at_ms=clip.at_ms)
        started = SessionStart(session_id=clip.session_id, at_ms=clip.at_ms, trigger=clip.trigger or "wake")
        if not self.start(clip.site_id, started, now) or not self.frame(clip.site_id, clip.session_id, frame, now):
            self._refused.pop(key)  # a later clip under this id may find room
            return False
        session = self._sessions[key]
        session.cut, session.muted = True, session.muted or clip.muted
        if clip.fault is not None:
            self._sessions.let_go(session, clip.fault)
        return self.end(clip.site_id, SessionEnd(session_id=clip.session_id, at_ms=clip.at_ms, frames=1), now)

    def transcript(self, message: Transcript, now: float) -> None:
        session = self._sessions.get((message.site_id, message.session_id))
        if session is not None:
            session.transcript, session.early_transcript = message, False
        else:
            self._transcripts.put((message.site_id, message.session_id), message, now)

    def ready(self, now: float, most: int | None = None) -> list[Clip]:
        """Take out the clips that are due: at most `most`, one of each device in turn."""
        for orphans in (self._transcripts, self._presses, self._refused, self._taken):
            orphans.forget_old(now)
        return [clip for key in self._turns(now)[:most] for clip in self._take(key, now)]

    def has_ready(self, now: float) -> bool:
        return any(self._due(session, now) for _, session in self._sessions.items())

    def _turns(self, now: float) -> list[Key]:
        """Keys of the due sessions: the first of each device, then the second of each device, and so on."""
        seen: Counter[str] = Counter()
        turns: list[tuple[int, Key]] = []
        for key, session in self._sessions.items():
            if self._due(session, now):
                turns.append((seen[key[0]], key))
                seen[key[0]] += 1
        return [key for _, key in sorted(turns, key=lambda turn: turn[0])]

    def _due(self, session: Session, now: float) -> bool:
        if now - session.opened > self._longest_s:
            return True
        if session.end is None or session.ended is None:
            return now - session.heard > self._idle_s
        if session.fault is not None:
            return True
        waited = now - session.ended
        if len(session.frames) < session.end.frames and waited < self._frames_wait_s:
            return False
        return session.transcript is not None or waited >= self._transcript_wait_s

    def _take(self, key: Key, now: float) -> list[Clip]:
        session = self._sessions.remove(key) or Session(opened=now, heard=now)
        clips, taken = handed_on(key, session, self._switches.muted(key[0]))
        self._taken.put(key, taken, now)
        return clips

    def _open(self, key: Key, now: float) -> Session | None:
        known = self._sessions.get(key)
        if known is not None:
            return known
        if not self._sessions.has_room(key[0]):
            self._refused.put(key, True, now)
            return None
        session = Session(opened=now, heard=now, seen=now, muted=self._switches.told_off(key[0]))
        session.pressed_ms, session.transcript = self._presses.pop(key), self._transcripts.pop(key)
        session.early_transcript = session.transcript is not None
        self._sessions.add(key, session)
        return session
