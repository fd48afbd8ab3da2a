"""What a gate of any threshold would ask its second stage about, and what that says; and what `strict` keeps."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from gateway.clip import Clip
from gateway.contract.model import Contract, load_contract
from gateway.gate.decide import decide, words_heard
from gateway.gate.recheck import recheck_trimmed_clip
from gateway.gate.verify import Verifier, load_verifier, verified_window
from gateway.gate.wake import Heard, Pcm

_KNOWN = 16


class Hears(Protocol):
    """An engine that hears whole clips."""

    def hear(self, pcm: Pcm) -> Heard: ...


class HeardOnce:
    """An engine that remembers its last few clips: several verifiers judge the same cuts."""

    def __init__(self, engine: Hears) -> None:
        self._engine = engine
        self._known: dict[bytes, Heard] = {}

    def hear(self, pcm: Pcm) -> Heard:
        key = pcm.tobytes()
        if key not in self._known:
            if len(self._known) >= _KNOWN:
                del self._known[next(iter(self._known))]
            self._known[key] = self._engine.hear(pcm)
        return self._known[key]


Keeps = Callable[[Hears, Pcm, Heard], bool]


@cache
def strict() -> Contract:
    return load_contract("strict")


def strict_keeps(engine: Hears, pcm: Pcm, heard: Heard) -> bool:
    """The gate itself: a decision, and the wake word found again in what is cut."""
    return keeps_with(shipped())(engine, pcm, heard)


def keeps_with(verifier: Verifier, contract: Contract | None = None) -> Keeps:
    """The same with another second stage, or by another contract than `strict`."""
    rules = contract or strict()

    def keeps(engine: Hears, pcm: Pcm, heard: Heard) -> bool:
        clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm.astype("<i2").tobytes(), trigger="wake")
        decision = decide(clip, rules, heard, verifier)
        return recheck_trimmed_clip(clip, decision, rules, engine.hear, verifier).keep

    return keeps


@cache
def shipped() -> Verifier:
    return load_verifier()


def candidates_of(heard: Heard, threshold: float) -> list[tuple[float, float]]:
    """(peak score, verifier's score) of every word the gate would find at `threshold`."""
    found = []
    for _, top in words_heard(heard.scores, threshold):
        window = verified_window(heard, top)
        assert window is not None
        found.append((float(heard.scores[top]), shipped().score(window, float(heard.scores[top]))))
    return found
