"""Runs a SimPy environment, as fast as possible or paced.

Before a receipt's deadline passes, the gateway is asked to settle everything.
"""

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
    """The pace of a run. `factor` is simulated seconds per second of wall time; None runs as fast as possible.

    A paced run is not valid if the 99th percentile of its events is more than `limit_ms` late.
    """

    factor: float | None = None
    limit_ms: float = 250.0


class _Wait(msgspec.Struct, kw_only=True):
    event: simpy.Event
    until_ms: float
    asked: bool = False  # the gateway has settled everything, and this receipt did not come


class Receipts:
    """The receipts that devices wait for, each with its deadline in simulated milliseconds."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._waits: dict[Key, _Wait] = {}
        self._early: dict[Key, Receipt] = {}

    def expect(self, key: Key, within_ms: float) -> simpy.Event:
        """An event whose value is the receipt, or None if none came within `within_ms` milliseconds."""
        event = self._env.event()
        early = self._early.pop(key, None)
        if early is not None:
            return event.succeed(early)
        wait = _Wait(event=event, until_ms=self._env.now + within_ms)
        self._waits[key] = wait
        self._env.process(self._give_up(key, wait))
        return event

    def forget(self, key: Key) -> None:
        """Forget an earlier receipt, because the session is sent again."""
        self._early.pop(key, None)

    def deliver(self, answers: list[Answer]) -> None:
        """Deliver the receipts of a drain, in an order that does not depend on the network."""
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
        """The first deadline for which the gateway was not asked yet; infinite if there is none."""
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
    """Run `env` to its end. Returns how late the events were on a paced clock, else None.

    Errors of a process pass through.

    Raises:
        LinkError: the link broke.
    """
    lateness = _Lateness(began_s=now_s(), began_ms=env.now, factor=clock.factor or math.inf)
    while (at_ms := env.peek()) < math.inf:
        if at_ms >= receipts.due_ms:
            asked_s = now_s()
            receipts.deliver(link.drain())
            lateness.waited(at_ms, asked_s, now_s())
            continue  # these receipts are handled before the deadline
        if clock.factor is not None:
            ahead_s = lateness.ahead_s(at_ms, now_s())
            if ahead_s > 0:
                sleep(ahead_s)
            lateness.stepped(ahead_s)
        env.step()
    if clock.factor is None:
        return None
    return pace(lateness.late_ms, clock.limit_ms, own_ms=lateness.own_ms, longest_wait_ms=lateness.longest_wait_ms)


class _Lateness:
    """How late the events of a paced run are, and how much of that came from waiting for the gateway.

    `factor` is simulated seconds per second of wall time; infinite for a run as fast as possible.
    """

    def __init__(self, *, began_s: float, began_ms: float, factor: float) -> None:
        self._began_s, self._began_ms, self._factor = began_s, began_ms, factor
        self.late_ms, self.own_ms = array("d"), array("d")
        self.longest_wait_ms = 0.0
        self._of_gateway_s = 0.0  # of the present lateness

    def ahead_s(self, at_ms: float, now_s: float) -> float:
        """Wall seconds until an event of the simulated time `at_ms`; below zero it is late."""
        return self._began_s + (at_ms - self._began_ms) / 1000 / self._factor - now_s

    def waited(self, at_ms: float, asked_s: float, now_s: float) -> None:
        """The fleet waited for the gateway from `asked_s` to `now_s`; `at_ms` is the next event."""
        self.longest_wait_ms = max(self.longest_wait_ms, (now_s - asked_s) * 1000)
        before = max(0.0, -self.ahead_s(at_ms, asked_s))
        self._of_gateway_s += max(0.0, -self.ahead_s(at_ms, now_s)) - before

    def stepped(self, ahead_s: float) -> None:
        late_s = max(0.0, -ahead_s)
        self._of_gateway_s = min(self._of_gateway_s, late_s)  # what was caught up is nobody's lateness any more
        self.late_ms.append(late_s * 1000)
        self.own_ms.append((late_s - self._of_gateway_s) * 1000)


def pace(
    late_ms: Sequence[float], limit_ms: float, *, own_ms: Sequence[float] | None = None, longest_wait_ms: float = 0.0
) -> Pace:
    """Statistics of the lateness of events, in wall milliseconds. `own_ms` leaves out what the gateway caused."""
    if not late_ms:
        return Pace(steps=0, p50_ms=0.0, p99_ms=0.0, max_ms=0.0, limit_ms=limit_ms)
    p50, p99 = (float(np.percentile(late_ms, share)) for share in (50, 99))
    return Pace(
        steps=len(late_ms),
        p50_ms=p50,
        p99_ms=p99,
        max_ms=max(late_ms),
        limit_ms=limit_ms,
        own_p99_ms=None if own_ms is None else float(np.percentile(own_ms, 99)),
        longest_wait_ms=longest_wait_ms,
    )
