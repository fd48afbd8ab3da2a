"""The same texts for the detector, `rg -F` (the speed ceiling of a known-value search) and Presidio's patterns.

Presidio does not know whom it looks for, so its recall is no fault of its own: it says what a pattern recogniser
without the answer key is good for. It lives in an environment of its own, made here from its own lock.
"""

import json
import resource
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.needles.needles import needles_of
from scenarios.leaks.scorecard.clean import clean_corpus
from scenarios.leaks.scorecard.plants import every_cell, values
from tests.benchmarks.leaks.conftest import CASES
from tests.environments import environment

pytestmark = pytest.mark.bench
HERE = Path(__file__).parent
HOME = control_household(1_000).model_copy(update={"household_id": "H00"})
EVERY = 12  # of the scorecard's cells; Presidio reads some ten kilobytes a second
CLEAN = 60


@pytest.fixture(scope="module")
def plants() -> Any:
    return every_cell(HOME)[::EVERY]


@pytest.fixture(scope="module")
def clean() -> Any:
    parts = [part for haystack in clean_corpus(2, CLEAN, (HOME,)) for part in haystack.parts]
    return [part.data for part in parts if part.kind == "response_body"]


@pytest.fixture(scope="module")
def peers() -> Any:
    """Python of the environment with Presidio."""
    return environment(HERE / "peers.lock", "Presidio") / "python"


def test_presidio_patterns(peers: Any, plants: Any, clean: Any, note: Any) -> None:
    texts = [plant.data.decode("utf-8", "replace") for plant in plants]
    clean_texts = [data.decode("utf-8", "replace") for data in clean]
    json_2kb = CASES["json_2kb"]().decode()
    told = run_presidio(peers, [*texts, *clean_texts])
    timed = run_presidio(peers, [json_2kb] * 4)
    found = told["found"]
    note(
        "presidio_pattern_recognisers",
        recognisers=told["recognisers"],
        planted=len(texts),
        told_of=sum(found[: len(texts)]),
        clean=len(clean_texts),
        told_of_clean=sum(found[len(texts) :]),
        json_2kb_us=round(timed["seconds"] / 4 * 1e6),
    )
    assert 0 < sum(found[: len(texts)]) < len(texts)  # a peer that finds nothing was not asked rightly


def test_detector_over_the_same(plants: Any, clean: Any, note: Any) -> None:
    detector = LeakDetector(Identities(schema=1, households=(HOME,)))
    start = time.process_time()
    found = [_says(detector, plant.data) for plant in plants]
    seconds = time.process_time() - start
    accused = [_says(detector, data) for data in clean]
    note(
        "detector_over_the_same",
        planted=len(plants),
        told_of=sum(found),
        clean=len(clean),
        told_of_clean=sum(accused),
        seconds=round(seconds, 2),
    )
    assert all(found)
    assert not any(accused)


@pytest.mark.skipif(shutil.which("rg") is None, reason="no ripgrep here")
def test_ripgrep(plants: Any, identities: Any, note: Any, tmp_path: Path) -> None:
    folder = tmp_path / "plants"
    folder.mkdir()
    for at, plant in enumerate(plants):
        (folder / f"{at}").write_bytes(plant.data)
    known = tmp_path / "known"
    known.write_text("\n".join(v for value in values(HOME).values() for v in value.split(", ")) + "\n")
    listed = subprocess.run(["rg", "-F", "-a", "-z", "-l", "-f", known, folder], capture_output=True, text=True)
    many = tmp_path / "many"
    many.write_text("\n".join(sorted({needle.value for needle in needles_of(identities).needles})) + "\n")
    big, empty = tmp_path / "big", tmp_path / "empty"
    big.write_bytes(CASES["plain_4mb"]() * 16)
    empty.write_bytes(b"\n")
    start_up = min(_rg(many, empty) for _ in range(3))
    took = min(_rg(many, big) for _ in range(3))
    note(
        "ripgrep_fixed_strings",
        needles=len(many.read_text().splitlines()),
        planted=len(plants),
        told_of=len(listed.stdout.splitlines()),
        start_up_ms=round(start_up * 1e3),
        plain_64mb_mb_per_s=round(big.stat().st_size / max(took - start_up, 1e-6) / 1e6, 1),
    )
    assert 0 < len(listed.stdout.splitlines()) < len(plants)


def _rg(needles: Path, file: Path) -> float:
    """Processor seconds of one search."""
    before = _spent()
    subprocess.run(["rg", "-F", "-a", "-c", "-j", "1", "-f", needles, file], capture_output=True)
    return _spent() - before


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _says(detector: LeakDetector, data: bytes) -> bool:
    return bool(detector.scan(Haystack(parts=(Part(kind="response_body", name="", data=data),))))


def run_presidio(python: Path, texts: list[str]) -> dict[str, Any]:
    said = "".join(json.dumps(text) + "\n" for text in texts)
    command = [python, "-I", HERE / "presidio_patterns.py"]
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=1_200)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])
