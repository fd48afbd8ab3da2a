"""One reviewer's round (next, clip, sound, annotation) and sign-in, from outside, beside a bare app in the same run.

The two take turns, so that a busy machine slows both. Figures go to out/bench/review.json.
"""

import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.clip import RedactedClip
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.storage.assignments import Assignments
from gateway.storage.queue_rules import Rules
from gateway.storage.store import Store
from gateway.wire import encode_wav
from tests.benchmarks.figures import noting

CLIPS, ROUNDS, SIGN_INS = 500, 200, 20
SERVE = """
import sys
from pathlib import Path
from gateway.contract.model import load_contract
from gateway.review.app import serve_review
from gateway.storage.store import Store
here, rules = Path(sys.argv[1]), load_contract("strict")
open_to_all = rules.review.model_copy(update={"mfa": False, "clips_per_day": None, "contact_check": None})
serve_review(store=Store(f"sqlite:///{here}/clips.db"), contract=rules.model_copy(update={"review": open_to_all}),
             accounts=here / "accounts.json", audit=here / "audit.jsonl", port=int(sys.argv[2]))
"""
SAID = {"transcription": "alexa send a message to [contact]", "intent": "message", "effective": "yes"}
Times = dict[str, list[float]]


def filled(folder: Path) -> None:
    store = Store(f"sqlite:///{folder}/clips.db")
    wav = encode_wav(bytes(2 * 16_000 * 3))
    for number in range(CLIPS):
        clip = RedactedClip(
            ref=secrets.token_urlsafe(16),
            recorded_on="2019-04-10",
            trigger="wake_word",
            duration_ms=3_000,
            transcript="alexa send a message to [contact] that the plumber comes at nine",
            wav=wav,
            peaks=[50] * 240,
        )
        store.put(clip, session_key=str(number))
    Assignments(store.database, Rules()).publish()
    store.close()
    write_private(folder / "accounts.json", accounts_json([make_account("ada", "reviewer", "correct horse")]))


@contextmanager
def served(command: list[str], port: int) -> Iterator[httpx.Client]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
                until = time.monotonic() + 60
                while True:
                    try:
                        client.get("/healthz")
                        break
                    except httpx.TransportError:
                        assert time.monotonic() < until
                        time.sleep(0.1)
                yield client
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
def test_requests_beside_a_bare_app(tmp_path: Path) -> None:
    ours, bare = tmp_path / "ours", tmp_path / "bare"
    ours.mkdir()
    filled(ours)
    shutil.copytree(ours, bare)
    ports = free_port(), free_port()
    script = str(Path(__file__).with_name("bare.py"))
    with ExitStack() as stack, noting("review") as note:
        tool = stack.enter_context(served([sys.executable, "-c", SERVE, str(ours), str(ports[0])], ports[0]))
        peer = stack.enter_context(served([sys.executable, script, str(bare / "clips.db"), str(ports[1])], ports[1]))
        found: tuple[Times, Times] = ({}, {})
        for _ in range(SIGN_INS):
            for times, client in zip(found, (tool, peer), strict=True):
                said = {"username": "ada", "password": "correct horse"}
                timed(times, "login", client, "POST", "/api/session", json=said)
        for _ in range(ROUNDS):
            for times, client in zip(found, (tool, peer), strict=True):
                round_of(times, client)
        for name, its in found[0].items():
            other = found[1][name]
            median, peers = statistics.median(its) * 1_000, statistics.median(other) * 1_000
            p99 = statistics.quantiles(its, n=100)[98] * 1_000
            share = peers / median
            note(name, median_ms=round(median, 2), p99_ms=round(p99, 2), bare_ms=round(peers, 2), share=round(share, 2))
