"""What the gate's benchmarks share: takes of voices nobody trained on, and the file their figures go to."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from scenarios.wakewords.answers import Answers, ask_engine
from scenarios.wakewords.corpus import Kind, takes
from tests.benchmarks.figures import Note, noting

SHARE = float(os.environ.get("EARLID_BENCH_SHARE", "1"))  # of the usual number of takes: 0.1 for a quick look
ENGINE = 0.5  # the engine's own threshold, what "the engine accepts" means


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and kept in out/bench/gate.json."""
    with noting("gate") as add:
        add("share", of_the_usual_takes=SHARE)
        yield add


@pytest.fixture(scope="session")
def unheard() -> Answers:
    """What the engine makes of voices held out of training; phrases of both kinds. Another seed than training's."""
    counts: dict[Kind, int] = {"wake": 12_000, "lead_in": 3_000, "confusable": 26_000}
    asked = (
        take
        for kind, count in counts.items()
        for take in takes(int(count * SHARE), kind=kind, seed=79)
        if take.voice_split == "held_out"
    )
    return ask_engine(asked, told=told("held-out voices"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table, whether or not pytest shows what tests print."""
    path = Path("out/bench/gate.json")
    if not path.exists() or terminalreporter.config.getoption("capture") == "no":
        return
    terminalreporter.section(str(path))
    for name, figures in json.loads(path.read_text()).items():
        terminalreporter.write_line(name)
        for key, value in figures.items():
            said = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            terminalreporter.write_line(f"    {key:<44} {said}")


def told(what: str) -> Callable[[int], None]:
    """Says how far a long rendering is."""
    return lambda heard: print(f"{what}: {heard} takes heard", flush=True)  # noqa: T201


def of_kind(answers: Answers, *kinds: str) -> np.ndarray:
    return answers.which(lambda take: take.kind in kinds)


def share(yes: np.ndarray, among: np.ndarray) -> float:
    """Of `among`, how many are `yes`; NaN of none."""
    return round(float(yes[among].mean()), 3) if among.any() else float("nan")


def wilson(count: int, total: int) -> tuple[float, float]:
    """The share's 95 % bounds (Wilson 1927)."""
    bounds = binomtest(count, total).proportion_ci(method="wilson")
    return round(float(bounds.low), 3), round(float(bounds.high), 3)
