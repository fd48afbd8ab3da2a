"""Time: one SimPy environment run at once or paced, which never steps past a receipt's deadline unasked."""

import math
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import simpy

from gateway.wire import Receipt
from simulator.links.link import Answer, Link
from simulator.world.truth import Pace

Key = tuple[str, str]  # site id, session id


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """`factor` None: virtual, as fast as the work allows. Else simulated seconds per second of wall time.

    A paced run whose 99th percentile of events is more than `limit_ms` late is not valid.
    """

    factor: float | None = None
    limit_ms: float = 250.0


class _Wait(msgspec.Struct, kw_only=True):
    event: simpy.Event
    until_ms: float
    asked: bool = False  # the gateway has settled everything up to now and this receipt did not come


class Receipts:
    """Who waits for which receipt, and until when in simulated milliseconds."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._waits: dict[Key, _Wait] = {}
        self._early: dict[Key, Receipt] = {}

    def expect(self, key: Key, within_ms: float) -> simpy.Event:
        """An event that gives the receipt, or None when it has not come within `within_ms`."""
        event = self._env.event()
        early = self._early.pop(key, None)
        if early is not None:
            return event.succeed(early)
        wait = _Wait(event=event, until_ms=self._env.now + within_ms)
        self._waits[key] = wait
        self._env.process(self._give_up(key, wait))
        return event

    def forget(self, key: Key) -> None:
        """The session is sent anew: an earlier answer does not count."""
        self._early.pop(key, None)

    def deliver(self, answers: list[Answer]) -> None:
        """Hand out what a drain brought, in an order that does not depend on the network."""
        for site_id, receipt in sorted(answers, key=lambda a: (a[0], a[1].session_id, a[1].outcome, a[1].reason)):
            key = (site_id, receipt.session_id)
            wait = self._waits.pop(key, None)
            if wait is None:
                self._early[key] = receipt
            else:
                wait.event.succeed(receipt)
        for wait in self._waits.values():
            wait.asked = True

    @property
    def due_ms(self) -> float:
        """The first deadline the gateway has not been asked about; infinite when there is none."""
        return min((wait.until_ms for wait in self._waits.values() if not wait.asked), default=math.inf)

    def _give_up(self, key: Key, wait: _Wait) -> Any:
        yield self._env.timeout(wait.until_ms - self._env.now)
        if self._waits.get(key) is wait:
            del self._waits[key]
            wait.event.succeed(None)


def run(
    env: simpy.Environment,
    *,
    link: Link,
    receipts: Receipts,
    clock: Clock,
    now_s: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Pace | None:
    """Run `env` until nothing is left to happen; how late it was, on a paced clock.

    Raises:
        LinkError: the link broke; whatever a process raises comes through as well.
    """
    began_s, began_ms = now_s(), env.now
    late_ms = array("d")
    while (at_ms := env.peek()) < math.inf:
        if at_ms >= receipts.due_ms:
            receipts.deliver(link.drain())
            continue  # what came happens now, before the deadline
        if clock.factor is not None:
            ahead_s = began_s + (at_ms - began_ms) / 1000 / clock.factor - now_s()
            if ahead_s > 0:
                sleep(ahead_s)
            late_ms.append(max(0.0, -ahead_s) * 1000)
        env.step()
    return None if clock.factor is None else pace(late_ms, clock.limit_ms)


def pace(late_ms: Sequence[float], limit_ms: float) -> Pace:
    """What to say of a run whose events were so late."""
    if not late_ms:
        return Pace(steps=0, p50_ms=0.0, p99_ms=0.0, max_ms=0.0, limit_ms=limit_ms)
    p50, p99 = (float(np.percentile(late_ms, share)) for share in (50, 99))
    return Pace(steps=len(late_ms), p50_ms=p50, p99_ms=p99, max_ms=max(late_ms), limit_ms=limit_ms)
