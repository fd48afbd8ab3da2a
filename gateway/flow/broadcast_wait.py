"""Clips the gate admitted that wait for others of their moment: they may all be one broadcast. Not for long."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gateway.clip import Clip, GateDecision
from gateway.gate.duplicate_filter import MEDIA_WINDOW_MS, Utterance
from gateway.intake.assembler import Assembler
from gateway.intake.orphan_cache import Key

_WAIT_S = 10.0  # who hears the same says so within; then what is known has to do
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """It waits for `others` to be decided, until `until` at the most."""

    clip: Clip
    decision: GateDecision
    said: Utterance
    others: frozenset[Key]
    until: float


class BroadcastWait:
    """What waits. `media_homes` is how many homes make a broadcast, None for a contract that does not ask; `known` says
    whether a site is one that counts. One worker owns it."""

    def __init__(self, assembler: Assembler, media_homes: int | None, known: Callable[[str], bool]) -> None:
        self._assembler, self._homes, self._known = assembler, media_homes, known
        self._held: list[Held] = []

    @property
    def held_bytes(self) -> int:
        return sum(len(held.clip.pcm) for held in self._held)

    def first_owed(self) -> int | None:
        """The number of the first end whose clip waits; None where none does."""
        return min((held.clip.owed for held in self._held if held.clip.owed is not None), default=None)

    def put(self, clip: Clip, decision: GateDecision, said: Utterance, now: float) -> None:
        others = self._others(clip)
        self._held.append(Held(clip=clip, decision=decision, said=said, others=others, until=now + _WAIT_S))

    def mute(self, site_id: str) -> None:
        """The switch beats everything, also what the gate admitted a moment ago."""
        self._held = [
            dataclasses.replace(held, clip=msgspec.structs.replace(held.clip, muted=True))
            if held.clip.site_id == site_id
            else held
            for held in self._held
        ]

    def over(self, now: float) -> list[Held]:
        """Those that need wait no longer, taken out; where too much waits, all."""
        if not self._held:
            return []
        still_open, full = self._assembler.open, self.held_bytes > _MOST_BYTES
        waits = [bool(held.others & still_open) and held.until > now and not full for held in self._held]
        over = [held for held, wait in zip(self._held, waits, strict=True) if not wait]
        self._held = [held for held, wait in zip(self._held, waits, strict=True) if wait]
        return over

    def _others(self, clip: Clip) -> frozenset[Key]:
        """Sessions still open that began when this one did, where there are enough of them to be a broadcast."""
        if self._homes is None:
            return frozenset()
        others = self._assembler.begun_near(clip.at_ms, MEDIA_WINDOW_MS, besides=clip.site_id)
        near = {held.clip.site_id for held in self._held if abs(held.clip.at_ms - clip.at_ms) <= MEDIA_WINDOW_MS}
        if len({site for site, _ in others} | near) < self._homes - 1:
            return frozenset()
        known = frozenset(key for key in others if self._known(key[0]))
        return known if len({site for site, _ in known} | near) >= self._homes - 1 else frozenset()
