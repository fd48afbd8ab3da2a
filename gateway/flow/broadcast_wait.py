"""Clips the gate admitted that wait for others of their moment: they may all be one broadcast, or one utterance that
several microphones of a home have heard, of which the best copy is kept. Not for long."""

import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gateway.clip import Clip, GateDecision
from gateway.flow.copy_quality import copy_quality
from gateway.gate.duplicate_filter import MEDIA_WINDOW_MS, Utterance
from gateway.intake.assembler import Assembler
from gateway.intake.orphan_cache import Key

_WAIT_S = 10.0  # who hears the same says so within; then what is known has to do
_BEGAN_APART_MS = 1_000  # two sessions of one utterance, besides what is between their wake words
_MOST_ASKED = 64  # sites of one moment of which it is asked whose they are
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """It waits for `others` to be decided, until `until` at the most."""

    clip: Clip
    decision: GateDecision
    said: Utterance
    others: frozenset[Key]
    until: float
    quality: float = 0.0


class BroadcastWait:
    """What waits. `media_homes` is how many homes make a broadcast, None for a contract that does not ask; `known` says
    whether a site is one that counts. `home` is a site's household, where a contract wants one clip of what several
    devices of a home have heard within `near_ms` of each other. One worker owns it."""

    def __init__(
        self,
        assembler: Assembler,
        media_homes: int | None,
        known: Callable[[str], bool],
        home: Callable[[str], str | None] | None = None,
        near_ms: int = 0,
    ) -> None:
        self._assembler, self._homes, self._known = assembler, media_homes, known
        self._home, self._near_ms = home, near_ms
        self._held: list[Held] = []

    @property
    def held_bytes(self) -> int:
        return sum(len(held.clip.pcm) for held in self._held)

    def first_owed(self) -> int | None:
        """The number of the first end whose clip waits; None where none does."""
        return min((held.clip.owed for held in self._held if held.clip.owed is not None), default=None)

    def put(self, clip: Clip, decision: GateDecision, said: Utterance, now: float) -> None:
        others = self._others(clip) | self._of_the_home(clip, said.household)
        quality = copy_quality(clip, decision)
        held = Held(clip=clip, decision=decision, said=said, others=others, until=now + _WAIT_S, quality=quality)
        self._held.append(held)

    def mute(self, site_id: str) -> None:
        """The switch beats everything, also what the gate admitted a moment ago."""
        self._held = [
            dataclasses.replace(held, clip=msgspec.structs.replace(held.clip, muted=True))
            if held.clip.site_id == site_id
            else held
            for held in self._held
        ]

    def over(self, now: float) -> list[Held]:
        """Those that need wait no longer, taken out, the best copies first; where too much waits, all."""
        if not self._held:
            return []
        still_open, full = self._assembler.open, self.held_bytes > _MOST_BYTES
        waits = [bool(held.others & still_open) and held.until > now and not full for held in self._held]
        waiting = [held for held, wait in zip(self._held, waits, strict=True) if wait]
        waits = [
            wait or (held.until > now and not full and any(self._of_one_home(held, each) for each in waiting))
            for held, wait in zip(self._held, waits, strict=True)
        ]
        over = [held for held, wait in zip(self._held, waits, strict=True) if not wait]
        self._held = [held for held, wait in zip(self._held, waits, strict=True) if wait]
        return sorted(over, key=lambda held: -held.quality)

    def _of_one_home(self, one: Held, other: Held) -> bool:
        near = abs(one.said.woke_ms - other.said.woke_ms) < self._near_ms
        return self._home is not None and near and one.said.household == other.said.household

    def _of_the_home(self, clip: Clip, household: str) -> frozenset[Key]:
        """Sessions of the same home still open that began when this one did."""
        if self._home is None:
            return frozenset()
        near = self._assembler.begun_near(clip.at_ms, self._near_ms + _BEGAN_APART_MS, besides=clip.site_id)
        sites = itertools.islice(sorted({site for site, _ in near}), _MOST_ASKED)
        own = {site for site in sites if self._home(site) == household}
        return frozenset(key for key in near if key[0] in own)

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
