"""What a gate of any thresholds would do with a clip: its candidates, each with what the second stage says."""

from functools import cache

import numpy as np

from gateway.gate.verify import AFTER_PEAK_HOPS, Verifier, load_verifier
from gateway.gate.wake import Heard


@cache
def shipped() -> Verifier:
    return load_verifier()


def candidates_of(heard: Heard, threshold: float) -> list[tuple[float, float]]:
    """(peak score, verifier's score) of every run of scores at or above `threshold`.

    A run at a higher threshold lies within one at a lower: counting those whose peak reaches it is counting them.
    """
    found = []
    above = np.flatnonzero(heard.scores >= threshold)
    for run in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1) if len(above) else []:
        top = int(run[heard.scores[run].argmax()])
        window = heard.window(min(top + AFTER_PEAK_HOPS, len(heard.scores) - 1))
        assert window is not None
        found.append((float(heard.scores[top]), shipped().score(window)))
    return found
