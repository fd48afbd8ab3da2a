"""The sessions whose clip was not taken out yet: bounded in number, for each device, and in bytes of audio."""

from collections import Counter
from collections.abc import ItemsView, Iterator

from gateway.intake.orphan_cache import Key
from gateway.intake.session import Session
from gateway.wire import AudioFrame

MAX_OPEN_SESSIONS = 4_096
MAX_OPEN_PER_SITE = 8
MAX_HELD_BYTES = 256 * 1024 * 1024  # audio of all open sessions


class OpenSessions:
    """Sessions by key, and the audio they hold. Not thread-safe: one worker owns it."""

    def __init__(self) -> None:
        self._sessions: dict[Key, Session] = {}
        self._per_site: Counter[str] = Counter()
        self._held_bytes = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._sessions

    def __getitem__(self, key: Key) -> Session:
        return self._sessions[key]

    def get(self, key: Key) -> Session | None:
        return self._sessions.get(key)

    def items(self) -> ItemsView[Key, Session]:
        """Oldest first."""
        return self._sessions.items()

    def of_site(self, site_id: str) -> Iterator[Session]:
        return (session for (site, _), session in self._sessions.items() if site == site_id)

    @property
    def held_bytes(self) -> int:
        """Bytes of PCM in memory."""
        return self._held_bytes

    def has_room(self, site_id: str) -> bool:
        """Whether this device may open another session."""
        full = len(self._sessions) >= MAX_OPEN_SESSIONS or self._held_bytes >= MAX_HELD_BYTES
        return not full and self._per_site[site_id] < MAX_OPEN_PER_SITE

    def add(self, key: Key, session: Session) -> None:
        self._sessions[key] = session
        self._per_site[key[0]] += 1

    def remove(self, key: Key) -> Session | None:
        """Forget a session and the audio it holds. Returns it, or None if there is none."""
        session = self._sessions.pop(key, None)
        if session is not None:
            self._held_bytes -= session.size + sum(each.size for each in session.before)
            self._per_site[key[0]] -= 1
            if not self._per_site[key[0]]:
                del self._per_site[key[0]]
        return session

    def hold_before(self, session: Session) -> None:
        """Count the audio of the complete sessions that wait in `session.before`."""
        self._held_bytes += sum(each.size for each in session.before)

    def hold(self, session: Session, seq: int, frame: AudioFrame) -> bool:
        """Keep a frame of the session. Returns False when no more audio fits."""
        if self._held_bytes + len(frame.pcm) > MAX_HELD_BYTES:
            return False
        session.frames[seq] = frame
        session.size += len(frame.pcm)
        self._held_bytes += len(frame.pcm)
        return True

    def let_go(self, session: Session, fault: str) -> None:
        """Mark the session with a fault, unless it has one, and free its audio."""
        session.fault = session.fault or fault
        self._held_bytes -= session.size
        session.size = 0
        session.frames.clear()
