"""Times in which nobody listens at the other end of a link, because broker or gateway is stopped or paused."""

from collections.abc import Callable, Sequence

import msgspec

from simulator.links.link import Answer, Link


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """[from_ms, until_ms) of simulated time. What is sent meanwhile arrives later, unless it `loses` all of it."""

    from_ms: int
    until_ms: int
    loses: bool

    def holds(self, now_ms: float) -> bool:
        return self.from_ms <= now_ms < self.until_ms


class AbsentLink:
    """A link around a link. During an absence a drain brings no receipts and waits for nobody."""

    def __init__(self, inner: Link, absences: Sequence[Absence], now_ms: Callable[[], float]) -> None:
        self._inner, self._absences, self._now_ms = inner, tuple(absences), now_ms

    def send(self, topic: str, payload: bytes) -> None:
        if not any(each.loses for each in self._now()):
            self._inner.send(topic, payload)

    def drain(self) -> list[Answer]:
        return [] if self._now() else self._inner.drain()

    def close(self) -> None:
        self._inner.close()

    def _now(self) -> list[Absence]:
        now = self._now_ms()
        return [each for each in self._absences if each.holds(now)]
