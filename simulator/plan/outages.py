"""Reboots and offline times of a device, and their effect on each sending. Pure.

The result depends only on the plan and the length of a sound. It uses nominal time: a missing receipt takes as long as
a device waits for it. So a run is the same with any clock and any other devices.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

Kind = Literal["reboot", "offline"]


class Outages(msgspec.Struct, frozen=True, kw_only=True):
    """How often devices are away. `reboots` and `offline` are mean numbers per device over the simulated time.

    A reboot takes `boot_ms`. The device then hears nothing, and it loses its ring buffer and all utterances without a
    receipt. An offline device goes on recording. It keeps up to `holds` utterances and sends them when it is back.
    """

    reboots: float = 0.0
    boot_ms: int = 45_000
    offline: float = 0.0
    offline_ms: tuple[int, int] = (30_000, 600_000)
    holds: int = 4


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """[from_ms, until_ms) of epoch milliseconds."""

    kind: Kind
    from_ms: int
    until_ms: int

    def holds(self, at_ms: float) -> bool:
        return self.from_ms <= at_ms < self.until_ms


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One sending: the first `frames` frames, `step_ms` apart, not before `at_ms`. `cut_by` says what broke it off.

    `waits` is true if the device has to wait until `at_ms`: for the first sending, and after it was offline.
    """

    at_ms: int
    frames: int
    step_ms: int
    waits: bool
    cut_by: Kind | None = None


def draw(outages: Outages, *, began_ms: int, span_ms: int, rng: np.random.Generator) -> tuple[Outage, ...]:
    """A device's outages within the span, in order; they do not overlap."""
    found: list[Outage] = []
    for kind, mean in (("reboot", outages.reboots), ("offline", outages.offline)):
        for at in sorted(rng.uniform(0, span_ms, int(rng.poisson(mean)))):
            lasts = outages.boot_ms if kind == "reboot" else int(rng.integers(*outages.offline_ms, endpoint=True))
            one = Outage(
                kind="reboot" if kind == "reboot" else "offline",
                from_ms=began_ms + int(at),
                until_ms=began_ms + int(at) + lasts,
            )
            if all(one.until_ms <= other.from_ms or other.until_ms <= one.from_ms for other in found):
                found.append(one)
    return tuple(sorted(found, key=lambda outage: outage.from_ms))


def unheard(at_ms: Sequence[int], outages: Sequence[Outage], holds: int) -> list[Literal["booting", "offline"] | None]:
    """For each sound in order of time, why it is never sent (booting, or too many held), or None."""
    held: dict[int, int] = {}
    found: list[Literal["booting", "offline"] | None] = []
    for at in at_ms:
        outage = next((outage for outage in outages if outage.holds(at)), None)
        if outage is None:
            found.append(None)
        elif outage.kind == "reboot":
            found.append("booting")
        else:
            held[outage.from_ms] = held.get(outage.from_ms, 0) + 1
            found.append("offline" if held[outage.from_ms] > holds else None)
    return found


def ring_ms(at_ms: int, wanted_ms: int, outages: Sequence[Outage]) -> int:
    """Milliseconds in the ring buffer at `at_ms`: at most `wanted_ms`, and less right after a reboot."""
    started = max(
        (outage.until_ms for outage in outages if outage.kind == "reboot" and outage.until_ms <= at_ms), default=0
    )
    return min(wanted_ms, at_ms - started)


def attempts(
    at_ms: int,
    frames: int,
    outages: Sequence[Outage],
    *,
    tries: int,
    deadline_ms: int,
    frame_ms: int,
    resend_ms: int,
) -> tuple[Attempt, ...]:
    """All sendings that a sound of `frames` frames may need. Empty if a reboot deletes it first."""
    found: list[Attempt] = []
    start, step, waits = at_ms, frame_ms, True
    while len(found) < tries:
        for outage in outages:
            if outage.kind == "offline" and outage.holds(start):
                start, step, waits = outage.until_ms, resend_ms, True
        if any(outage.kind == "reboot" and at_ms < outage.from_ms <= start for outage in outages):
            break
        hit = next((outage for outage in outages if start < outage.from_ms < start + frames * step), None)
        sent = frames if hit is None else -(-(hit.from_ms - start) // step)
        cut_by = hit.kind if hit is not None and sent < frames else None
        found.append(Attempt(at_ms=start, frames=sent, step_ms=step, waits=waits, cut_by=cut_by))
        start = start + frames * step + deadline_ms if cut_by is None or hit is None else hit.until_ms
        step, waits = resend_ms, cut_by is not None
        if cut_by == "reboot":
            break
    return tuple(found)
