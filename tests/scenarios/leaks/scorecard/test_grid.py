"""The grid plants what it says, and names the shortest chain that is missed."""

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector, Searched
from scenarios.leaks.scorecard.encoders import ENCODERS
from scenarios.leaks.scorecard.grid import Case, forms, grid, planted

HOME = control_household(1_000).model_copy(update={"household_id": "H00"})
DETECTOR = LeakDetector(Identities(schema=1, households=(HOME,)))


def test_a_plant_is_the_value_in_its_chain_in_its_channel() -> None:
    case = Case(field="members.name", form="x", text="Zoë", chain=("hex", "gzip"), channel="JSON value")
    assert planted(case).startswith(b'{"clip": 1, "note": "H4sI')


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_single_encoding_is_found() -> None:
    told = grid(DETECTOR, HOME, seed=20_261_128, pairs=0, triples=0, say=lambda _: None)
    singles = told.lengths[0]
    assert singles.planted == len(ENCODERS) * len(list(forms(HOME)))
    assert told.missed == ()


def test_a_blind_detector_misses_everything_by_its_shortest_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeakDetector, "search", lambda self, response: Searched(findings=(), notes=(), bytes=0))
    told = grid(DETECTOR, HOME, seed=1, pairs=5, triples=5, say=lambda _: None)
    assert not told.good
    assert all(" > " not in missed.partition(" / ")[0] for missed in told.missed)
