"""Holds admitted clips for a short time, until other clips of the same time are decided.

The clips may all be one broadcast. Or several microphones of one home heard one utterance; then the best copy is kept.
"""

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

_WAIT_S = 10.0  # the longest wait for other clips
_BEGAN_APART_MS = 1_000  # two sessions of one utterance may start so far apart, besides `near_ms`
_MOST_ASKED = 64  # so many sites of the same time are looked up in the vault
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One waiting clip. It waits until the sessions `others` are decided, or until `until` (monotonic seconds)."""

    clip: Clip
    decision: GateDecision
    said: Utterance
    others: frozenset[Key]
    until: float
    quality: float = 0.0


class BroadcastWait:
    """The waiting clips. One worker owns it.

    Args:
        assembler: knows which sessions are still open.
        media_homes: how many homes make a broadcast. None if the contract does not ask.
        known: whether a site counts as a home.
        home: the household of a site. None if the contract does not merge the devices of a home.
        near_ms: devices of a home that heard something within so many milliseconds may have heard one utterance.
    """

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
        """Bytes of PCM that wait."""
        return sum(len(held.clip.pcm) for held in self._held)

    def first_owed(self) -> int | None:
        """The number of the earliest session end whose clip waits, or None."""
        return min((held.clip.owed for held in self._held if held.clip.owed is not None), default=None)

    def put(self, clip: Clip, decision: GateDecision, said: Utterance, now: float) -> None:
        """Let an admitted clip wait."""
        others = self._others(clip) | self._of_the_home(clip, said.household)
        quality = copy_quality(clip, decision)
        held = Held(clip=clip, decision=decision, said=said, others=others, until=now + _WAIT_S, quality=quality)
        self._held.append(held)

    def mute(self, site_id: str) -> None:
        """Mute the waiting clips of a device that was switched off."""
        self._held = [
            dataclasses.replace(held, clip=msgspec.structs.replace(held.clip, muted=True))
            if held.clip.site_id == site_id
            else held
            for held in self._held
        ]

    def over(self, now: float) -> list[Held]:
        """Take out the clips that are due, the best copies first. All are due when too many bytes wait."""
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
        """Open sessions of the same home that began at about the same time."""
        if self._home is None:
            return frozenset()
        near = self._assembler.begun_near(clip.at_ms, self._near_ms + _BEGAN_APART_MS, besides=clip.site_id)
        sites = itertools.islice(sorted({site for site, _ in near}), _MOST_ASKED)
        own = {site for site in sites if self._home(site) == household}
        return frozenset(key for key in near if key[0] in own)

    def _others(self, clip: Clip) -> frozenset[Key]:
        """Open sessions of other devices that began at the same time, if they are enough for a broadcast."""
        if self._homes is None:
            return frozenset()
        others = self._assembler.begun_near(clip.at_ms, MEDIA_WINDOW_MS, besides=clip.site_id)
        near = {held.clip.site_id for held in self._held if abs(held.clip.at_ms - clip.at_ms) <= MEDIA_WINDOW_MS}
        if len({site for site, _ in others} | near) < self._homes - 1:
            return frozenset()
        known = frozenset(key for key in others if self._known(key[0]))
        return known if len({site for site, _ in known} | near) >= self._homes - 1 else frozenset()
