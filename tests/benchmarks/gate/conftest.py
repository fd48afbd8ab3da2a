"""What the gate's benchmarks share: takes of voices nobody trained on, and the file their figures go to."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scenarios.wakewords.corpus import Kind, takes
from scenarios.wakewords.train import Answers, ask_engine

OUT = Path("out/bench/gate.json")
SHARE = float(os.environ.get("EARLID_BENCH_SHARE", "1"))  # of the usual number of takes: 0.1 for a quick look
Note = Callable[..., None]


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and written to out/bench/gate.json when the session ends."""
    figures: dict[str, dict[str, Any]] = {"share": {"of_the_usual_takes": SHARE}}

    def add(name: str, **values: Any) -> None:
        figures[name] = values
        print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))  # noqa: T201

    yield add
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")


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
