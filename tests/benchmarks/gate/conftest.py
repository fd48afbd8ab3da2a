"""What the gate's benchmarks share: takes of voices nobody trained on, and the file their figures go to.

`make bench-gate` runs the files on two workers. What the engine says to takes is asked once and shared by both.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from scenarios.wakewords.answers import Answers, ask_engine, keep, kept
from scenarios.wakewords.corpus import Kind, Take, takes
from scenarios.wakewords.train import corpus
from tests.benchmarks.figures import Note, locked, noting

SHARE = float(os.environ.get("EARLID_BENCH_SHARE", "1"))  # of the usual number of takes: 0.1 for a quick look
LONGEST_FIRST = ("test_unseen", "test_curves", "test_people_unheard", "test_false_accepts", "test_false_rejects")
CORPUS = 0.05  # of the usual training corpus: what benchmarks fit anew on
ENGINE = 0.5  # the engine's own threshold, what "the engine accepts" means


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and kept in out/bench/gate.json."""
    with noting("gate") as add:
        add("share", of_the_usual_takes=SHARE)
        yield add


@pytest.fixture(scope="session")
def unheard(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What the engine makes of voices held out of training; phrases of both kinds. Another seed than training's."""
    counts: dict[Kind, int] = {"wake": 7_000, "lead_in": 2_400, "confusable": 18_000}
    asked = (
        take
        for kind, count in counts.items()
        for take in takes(int(count * SHARE), kind=kind, seed=79)
        if take.voice_split == "held_out"
    )
    return asked_once(asked, "held-out voices", tmp_path_factory)


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What training hears of espeak's voices, in small."""
    return asked_once(corpus(CORPUS * SHARE, ("espeak",), seed=1), "training, espeak", tmp_path_factory)


def asked_once(asked: Iterable[Take], name: str, folders: pytest.TempPathFactory) -> Answers:
    """What the engine says; the first worker that wants it asks, the other waits and reads."""
    of_all = folders.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else folders.getbasetemp()
    drawn, file = list(asked), of_all / f"{name}.npz"
    with locked(file):
        if not file.exists():
            keep(ask_engine(drawn, told=told(name)), file)
    return kept(file, drawn)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that two workers end at about the same time."""
    items.sort(key=lambda item: LONGEST_FIRST.index(item.path.stem) if item.path.stem in LONGEST_FIRST else 99)


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
