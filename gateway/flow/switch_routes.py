"""What a mute switch changes: its device's open sessions, its stream, its waiting clips, and what the vault keeps."""

from collections import Counter

from gateway.flow.broadcast_wait import BroadcastWait
from gateway.flow.dependencies import Dependencies
from gateway.intake.assembler import Assembler
from gateway.intake.stream_listener import StreamListener
from gateway.wire import Mute, WireError, decode_json


class SwitchRoutes:
    """Obeys the mute switches of all devices. `counts` is the service's."""

    def __init__(
        self,
        parts: Dependencies,
        assembler: Assembler,
        streams: StreamListener,
        broadcast_wait: BroadcastWait,
        counts: Counter[str],
    ) -> None:
        self._parts = parts
        self._assembler = assembler
        self._streams = streams
        self._broadcast_wait = broadcast_wait
        self._counts = counts

    def hear(self, site: str, payload: bytes, *, late: bool = False) -> None:
        """Obey a mute switch. An unreadable one counts as off. An empty one clears the broker's retained message.

        Args:
            late: the broker had stored the message.
        """
        try:
            said = decode_json(payload, Mute)
        except WireError:
            if payload:
                self._counts["bad_message"] += 1
            self._turn(site, muted=True, late=late)
        else:
            self._turn(site, muted=said.muted, at_ms=said.at_ms, late=late)

    def lost(self, site: str) -> None:
        """A message that may have been a switch was dropped. It may have said off, so the microphone counts as off."""
        self._turn(site, muted=True)

    def _turn(self, site: str, *, muted: bool, at_ms: int | None = None, late: bool = False) -> None:
        if not self._assembler.mute(site, muted, at_ms, late=late):
            self._counts["stale_switch"] += 1
            return
        if muted:
            self._streams.mute(site)
            self._broadcast_wait.mute(site)
        else:
            self._streams.reset(site)

    def write(self) -> None:
        """Write the switches before anything is decided, so that a kill cannot turn a microphone on again."""
        switches = self._parts.switches
        try:
            switches.flush(self._parts.vault, self._parts.monotonic())
            if switches.unknown:
                self._counts["unknown_switch"] = switches.unknown
        except OSError as error:
            self._counts[f"broke:{type(error).__name__}"] += 1
