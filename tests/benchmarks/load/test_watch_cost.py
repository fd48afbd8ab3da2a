"""What the watch costs a load generator: microseconds to hand an answer over, and requests a second beside an unwatched
run of the same locustfile in the same minute. Each figure with a goal says whether it is held; what misses one is an
expected failure that names the figure."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO

import pytest
from earlid import Exchange, SearchClient, start_search

from gateway.identities import Identities
from simulator.world.households import make_identities
from tests.benchmarks.figures import noting
from tests.benchmarks.load.answers import BODIES

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[3]
HOUSEHOLDS = 500  # about 2,000 people
SECONDS, TURNS = 4, 3
HAND_OVER_US = 50  # of processor time, beside one copy of the body
SHARE = 0.9  # of the requests a second of an unwatched run, when the search has a core to itself

LOCUSTFILE = """
import time

from locust import FastHttpUser, events, task

began = []

@events.test_start.add_listener
def note(**_):
    began.append(time.process_time())

@events.test_stop.add_listener
def say(environment, **_):
    spent = time.process_time() - began[0]
    print(f"generator_us={{spent / max(environment.stats.total.num_requests, 1) * 1e6:.1f}}")

class Mine(FastHttpUser):
    @task
    def look(self):
        self.client.get("/{how}/{kind}", name="/{how}/{kind}")
"""


@pytest.fixture(scope="module")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("load") / "identities.json"
    known: Identities = make_identities(seed=5, households=HOUSEHOLDS)
    path.write_bytes(known.to_json())
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load.answers"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.mark.parametrize("kind", BODIES)
def test_what_it_costs_to_hand_an_answer_over(identities: Path, kind: str) -> None:
    body = BODIES[kind]
    head = [("status_line", "200 OK"), *[("header", f"x-{at}: value") for at in range(8)]]
    with noting("load") as note, start_search(identities, ["--jobs", "1"]) as search:
        client = SearchClient(search.address, gather=True)
        exchange = Exchange(name="/x", status=200, head=head, bodies=(("response_body", body),))
        client.search(exchange)  # what follows is known: the search keeps up, and only the hand-over is timed
        times, spent = [], time.process_time()  # of all threads: also of the one that sends
        for _ in range(2_000 if len(body) < 100_000 else 300):
            began = time.perf_counter()
            client.send(exchange)
            times.append(time.perf_counter() - began)
        client.drain()
        spent = time.process_time() - spent
        counts = client.end()
        assert counts["searched"] == counts["received"] == len(times) + 1
        times.sort()
        cost_us, goal_us = spent / len(times) * 1e6, HAND_OVER_US + _copy_us(body)
        note(
            f"hand over {kind}",
            processor_us=round(cost_us, 1),
            goal_us=round(goal_us, 1),
            goal=_held(cost_us <= goal_us),
            median_us=round(times[len(times) // 2] * 1e6, 1),
            p99_us=round(times[-len(times) // 100] * 1e6, 1),
        )
    if cost_us > goal_us:
        pytest.xfail(f"the goal is missed: {cost_us:.0f} us, {goal_us:.0f} us are wanted")


def _copy_us(body: bytes) -> float:
    """What one copy of it takes."""
    began = time.process_time()
    for _ in range(1_000):
        bytearray(body)
    return (time.process_time() - began) * 1e3


def _held(is_held: bool) -> str:
    return "held" if is_held else "missed"


@pytest.mark.parametrize("how", ["same", "fresh"])
@pytest.mark.parametrize("kind", BODIES)
def test_requests_a_second_with_and_without(identities: Path, server: str, tmp_path: Path, how: str, kind: str) -> None:
    """Runs take turns, so that both sides meet the same machine; the median of each is compared."""
    mine = tmp_path / "mine.py"
    mine.write_text(LOCUSTFILE.format(how=how, kind=kind))
    earlid = Path(sys.executable).parent / "earlid"
    unwatched: list[object] = [sys.executable, "-m", "locust"]
    plain, beside, watched = [], [], []
    for _ in range(TURNS):
        plain.append(_rate(unwatched, mine, server))
        with _busy_cores():
            beside.append(_rate(unwatched, mine, server))
        watched.append(_rate([earlid, "locust", "--identities", identities], mine, server))
    plain_rps, plain_us = (median(column) for column in zip(*plain, strict=True))
    _beside_rps, beside_us = (median(column) for column in zip(*beside, strict=True))
    watched_rps, watched_us = (median(column) for column in zip(*watched, strict=True))
    with noting("load") as note:
        note(
            f"{how} {kind}",
            plain_rps=round(plain_rps),
            watched_rps=round(watched_rps),
            ratio=round(watched_rps / plain_rps, 2),
            generator_us=round(plain_us),  # processor time of the generator for one request
            watched_generator_us=round(watched_us),
            busy_generator_us=round(beside_us),  # of an unwatched one beside programs that work as long as the search
            ratio_with_cores_free=round(plain_us / watched_us, 2),
            ratio_beside_busy_cores=round(beside_us / watched_us, 2),  # what is left of the miss is the watch's own
            goal=f"{SHARE} with cores free: {_held(plain_us / watched_us >= SHARE)}",
        )
    assert watched_rps > 0
    if plain_us / watched_us < SHARE:
        pytest.xfail(f"the goal is missed: {plain_us / watched_us:.2f} of the requests, {SHARE} are wanted")


@contextmanager
def _busy_cores() -> Iterator[None]:
    """Programs that work on every core and read memory, as the search does beside a watched run, at its priority."""
    work = (
        "import os, zlib; os.nice(5); text = os.urandom(1 << 22)\nwhile True: zlib.compress(text, 1); text.find(b'-')"
    )
    programs = [subprocess.Popen([sys.executable, "-c", work]) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def _rate(command: list[object], mine: Path, host: str) -> tuple[float, float]:
    """Requests a second, and microseconds of the generator's processor time for one.

    The search may lag behind the load. It is ended then: here only the load counts.
    """
    options = [
        "-f",
        mine,
        "--headless",
        "--only-summary",
        "-H",
        host,
        "-u",
        10,
        "-r",
        100,
        "-t",
        f"{SECONDS}s",
        "--json",
    ]
    with subprocess.Popen(
        [*map(str, command), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        reader = threading.Thread(target=_end_the_search, args=(run, run.stderr), daemon=True)
        reader.start()
        said = run.stdout.read()
        assert run.wait(timeout=300) in (0, 3)
    (row,) = json.loads(said[said.index("[") :])
    assert row["num_failures"] == 0
    (spent,) = re.findall(r"generator_us=([0-9.]+)", said)
    return float(row["num_requests"]) / max(row["last_request_timestamp"] - row["start_time"], 0.1), float(spent)


def _end_the_search(run: "subprocess.Popen[str]", lines: IO[str]) -> None:
    """As Ctrl-C does, once the load is over and the search says how far it is."""
    is_told = False
    for line in lines:
        if "Ctrl-C ends the search" in line and not is_told:
            is_told = True
            os.killpg(run.pid, signal.SIGINT)
