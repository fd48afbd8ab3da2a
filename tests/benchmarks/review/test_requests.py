"""One reviewer's round (next, clip, sound, annotation) and sign-in, from outside, beside a bare app in the same run.

The two take turns, so that a busy machine slows both. Figures go to out/bench/review.json.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.benchmarks.figures import Note
from tests.benchmarks.review.conftest import PASSWORD, filled, our_tool, served

CLIPS, ROUNDS, SIGN_INS = 500, 400, 20
SAID = {"transcription": "alexa send a message to [contact]", "intent": "message", "effective": "yes"}
Times = dict[str, list[float]]


def timed(times: Times, name: str, client: httpx.Client, method: str, path: str, **more: object) -> httpx.Response:
    began = time.perf_counter()
    answer = client.request(method, path, **more)  # type: ignore[arg-type]
    times.setdefault(name, []).append(time.perf_counter() - began)
    assert answer.status_code < 300, (name, answer.status_code, answer.text[:200])
    return answer


def round_of(times: Times, client: httpx.Client) -> None:
    ref = timed(times, "next", client, "POST", "/api/next", headers={"x-earlid": "1"}).json()["ref"]
    timed(times, "clip", client, "GET", f"/api/clips/{ref}")
    timed(times, "audio", client, "GET", f"/api/clips/{ref}/audio")
    timed(times, "annotate", client, "POST", f"/api/clips/{ref}/annotations", json=SAID)


@pytest.mark.bench
def test_requests_beside_a_bare_app(two_urls: tuple[str, Callable[[], str]], tmp_path: Path, note: Note) -> None:
    ours, copied = two_urls
    filled(ours, tmp_path / "ours", CLIPS, ["ada"])
    bare = copied()
    kind = ours.partition("+")[0].partition(":")[0]
    script = str(Path(__file__).with_name("bare.py"))
    with ExitStack() as stack:
        tool = stack.enter_context(served(our_tool(tmp_path / "ours", ours)))
        peer = stack.enter_context(served([sys.executable, script, bare]))
        found: tuple[Times, Times] = ({}, {})
        for _ in range(SIGN_INS):
            for times, client in zip(found, (tool, peer), strict=True):
                said = {"username": "ada", "password": PASSWORD}
                timed(times, "login", client, "POST", "/api/session", json=said)
        for _ in range(ROUNDS):
            for times, client in zip(found, (tool, peer), strict=True):
                round_of(times, client)
        note(f"{kind} load", of_the_machine=round(os.getloadavg()[0], 1))
        for name, its in found[0].items():
            _tell(note, f"{kind} {name}", its, found[1][name])


def _tell(note: Note, name: str, its: list[float], other: list[float]) -> None:
    """`quick` is of the quickest tenth of both: what the work costs where nothing else ran just then."""
    median, peers = statistics.median(its) * 1_000, statistics.median(other) * 1_000
    quick, peers_quick = (statistics.quantiles(each, n=10)[0] * 1_000 for each in (its, other))
    note(
        name,
        median_ms=round(median, 2),
        p99_ms=round(statistics.quantiles(its, n=100)[98] * 1_000, 2),
        bare_ms=round(peers, 2),
        share=round(peers / median, 2),
        quick_ms=round(quick, 2),
        bare_quick_ms=round(peers_quick, 2),
        quick_share=round(peers_quick / quick, 2),
    )
