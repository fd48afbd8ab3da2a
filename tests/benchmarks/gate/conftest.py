"""What the gate's benchmarks share: takes of voices nobody trained on, and the file their figures go to."""

import os
from collections.abc import Iterator

import pytest

from scenarios.wakewords.corpus import Kind, takes
from scenarios.wakewords.train import Answers, ask_engine
from tests.benchmarks.figures import Note, noting

SHARE = float(os.environ.get("EARLID_BENCH_SHARE", "1"))  # of the usual number of takes: 0.1 for a quick look


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and kept in out/bench/gate.json."""
    with noting("gate") as add:
        add("share", of_the_usual_takes=SHARE)
        yield add


@pytest.fixture(scope="session")
def unheard() -> Answers:
    """What the engine makes of voices held out of training; phrases of both kinds. Another seed than training's."""
    counts: dict[Kind, int] = {"wake": 12_000, "lead_in": 12_000, "confusable": 45_000, "ordinary": 6_000}
    asked = (
        take
        for kind, count in counts.items()
        for take in takes(int(count * SHARE), kind=kind, seed=77)
        if take.voice_split == "held_out"
    )
    return ask_engine(asked)
