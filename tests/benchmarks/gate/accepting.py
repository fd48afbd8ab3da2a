"""What a gate of any threshold would ask its second stage about, and what that says."""

from functools import cache

import numpy as np

from gateway.gate.verify import Verifier, load_verifier, verified_window
from gateway.gate.wake import Heard


@cache
def shipped() -> Verifier:
    return load_verifier()


def candidates_of(heard: Heard, threshold: float) -> list[tuple[float, float]]:
    """(peak score, verifier's score) of every run of scores at or above `threshold`, as the gate cuts them."""
    found = []
    above = np.flatnonzero(heard.scores >= threshold)
    for run in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1) if len(above) else []:
        top = int(run[heard.scores[run].argmax()])
        window = verified_window(heard, top)
        assert window is not None
        found.append((float(heard.scores[top]), shipped().score(window)))
    return found
