"""How fast real texts of this machine are searched with all decoding, beside `rg -F -f` and one bare Hyperscan pass.

EARLID_BENCH_MB (default 4) is how much of each corpus is read.
"""

import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hyperscan
import pytest

from gateway.identities import Identities
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.needles.needles import needles_of
from scenarios.leaks.together import search_all
from tests.benchmarks.figures import Note
from tests.benchmarks.leaks.real_texts import americans, corpora, texts

pytestmark = pytest.mark.bench
MEGABYTE = 1_000_000
_DIGEST = b"etag: 9f8e7d6c5b4a39281706f5e4d3c2b1a0"
MOST = int(float(os.environ.get("EARLID_BENCH_MB", "4")) * MEGABYTE)


def log_lines(most: int) -> Iterator[bytes]:
    rng, size = random.Random(3), 0
    while size < most:
        day, hour, minute = rng.randrange(1, 29), rng.randrange(24), rng.randrange(60)
        line = f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:07.{rng.randrange(1_000):03d}Z INFO "
        line += f"review[{rng.randrange(9_999)}] id={rng.randbytes(8).hex()} GET /clips/{rng.randrange(9_999)} "
        line += f'200 {rng.randrange(90_000)} {rng.random() * 90:.3f}ms "Mozilla/5.0 (X11; Linux x86_64)"\n'
        size += len(line)
        yield line.encode()


def pieces(corpus: str) -> list[bytes]:
    if corpus == "log lines":
        return [b"".join(log_lines(MOST))]
    return [data for _, data in texts(corpus, MOST)]


@pytest.fixture(scope="module")
def alone(identities: Identities) -> Callable[[bytes], Any]:
    keys = sorted({needle.key for needle in needles_of(identities).needles})
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[key.encode() for key in keys], ids=list(range(len(keys))), literal=True)
    return lambda data: database.scan(data, match_event_handler=lambda *_found: None)


@pytest.mark.parametrize("corpus", [*corpora(), "log lines"])
def test_real_text(
    corpus: str,
    detector: LeakDetector,
    identities: Identities,
    alone: Callable[[bytes], Any],
    note: Note,
    tmp_path: Path,
) -> None:
    detector.scan(_DIGEST)  # the index of hashes is made when the first is met: see test_loading
    parts = pieces(corpus)
    size = sum(map(len, parts))
    haystacks = [_haystack(data) for data in parts]
    start = time.process_time()
    notes = [note for searched in search_all(detector, haystacks) for note in searched.notes]
    took = time.process_time() - start
    start = time.process_time()
    for data in parts:
        alone(data)
    bare = max(time.process_time() - start, 1e-6)
    figures = {"mb_per_s": round(size / took / MEGABYTE, 2), "bare_hyperscan_mb_per_s": round(size / bare / MEGABYTE)}
    if shutil.which("rg"):
        (tmp_path / "text").write_bytes(b"\n".join(parts))
        values = {needle.value for needle in needles_of(identities).needles if "\n" not in needle.value}
        (tmp_path / "known").write_text("\n".join(sorted(values)) + "\n")
        figures["rg_mb_per_s"] = round(size / _rg(tmp_path / "known", tmp_path / "text") / MEGABYTE, 1)
    note(f"real text, {corpus}", megabytes=round(size / MEGABYTE, 1), not_searched_to_the_end=len(notes), **figures)
    assert size > 0


@pytest.mark.parametrize("households", [400, 5_000])
def test_loading(households: int, note: Note) -> None:
    known = americans(households)
    start = time.process_time()
    made = LeakDetector(known)
    took = round(time.process_time() - start, 2)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    start = time.process_time()
    made.scan(_DIGEST)
    first = round(time.process_time() - start, 2)
    name = f"loading, {households} homes"
    note(name, needles=made.needle_count, seconds=took, peak_memory_mb=peak, first_hash_seconds=first)


def _haystack(data: bytes) -> Haystack:
    return Haystack(parts=(Part(kind="file", name="", data=data),))


def _rg(known: Path, file: Path) -> float:
    """Processor seconds of one search, with the time to load the values."""
    before = _spent()
    subprocess.run(["rg", "-F", "-a", "-c", "-j", "1", "-f", known, file], capture_output=True)
    return max(_spent() - before, 1e-6)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
