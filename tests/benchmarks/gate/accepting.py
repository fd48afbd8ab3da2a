"""What a gate of any threshold would ask its second stage about, and what that says."""

from functools import cache

from gateway.gate.decide import words_heard
from gateway.gate.verify import Verifier, load_verifier, verified_window
from gateway.gate.wake import Heard


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
