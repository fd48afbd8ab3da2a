"""A store of each kind, the review tool over it in a process of its own, and the file of the figures."""

import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from gateway.clip import RedactedClip
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.storage.queue.assignments import Assignments
from gateway.storage.queue.rules import Rules
from gateway.storage.store import Store
from gateway.wire import encode_wav
from tests.benchmarks.figures import Note, noting
from tests.gateway.storage.conftest import postgresql as postgresql

PASSWORD = "correct horse"
# Opened to everybody, so that what is measured is the tool and not its limits. One worker.
SERVE = """
import sys
from pathlib import Path
from gateway.contract.model import load_contract
from gateway.review.serve import serve_review
from gateway.storage.store import Store
here, rules = Path(sys.argv[1]), load_contract("strict")
open_to_all = rules.review.model_copy(update={"mfa": False, "clips_per_day": None, "contact_check": None})
serve_review(store=Store(sys.argv[2]), contract=rules.model_copy(update={"review": open_to_all}),
             accounts=here / "accounts.json", audit=here / "audit.jsonl", port=int(sys.argv[3]))
"""


@pytest.fixture(scope="session")
def note() -> Iterator[Note]:
    """`note(name, figure=..., ...)`: printed, and kept in out/bench/review.json."""
    with noting("review") as add:
        yield add


@pytest.fixture(params=["sqlite", "postgresql"])
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Callable[[], str]]:
    """A store's URL, and a function that makes a copy of what is in it: the copy's URL."""
    ours, bare = tmp_path / "ours", tmp_path / "bare"
    ours.mkdir()
    if request.param == "sqlite":

        def copied() -> str:
            shutil.copytree(ours, bare)
            return f"sqlite:///{bare}/clips.db"

        return f"sqlite:///{ours}/clips.db", copied
    server = str(request.getfixturevalue("postgresql")[0]).rpartition("/")[0]
    names = [f"b{secrets.token_hex(4)}" for _ in range(2)]
    _run(f"{server}/postgres", f"CREATE DATABASE {names[0]}")

    def copied_there() -> str:
        shutil.copytree(ours, bare)
        _run(f"{server}/postgres", f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}")
        return f"{server}/{names[1]}?clip_keys={bare}/clips.db.keys"

    return f"{server}/{names[0]}?clip_keys={ours}/clips.db.keys", copied_there


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(sa.text(statement))
    engine.dispose()


def filled(url: str, folder: Path, clips: int, people: list[str]) -> None:
    """Clips of three seconds, published, and an accounts file in `folder`."""
    store = Store(url)
    wav = encode_wav(bytes(2 * 16_000 * 3))
    for number in range(clips):
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
    first = make_account(people[0], "reviewer", PASSWORD)
    accounts = [first.model_copy(update={"username": name}) for name in people]
    write_private(folder / "accounts.json", accounts_json(accounts))


@contextmanager
def served(command: list[str]) -> Iterator[httpx.Client]:
    """A client of what `command` serves, once it answers; the port is its last argument."""
    port = free_port()
    with subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL) as process:
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


def our_tool(folder: Path, url: str) -> list[str]:
    return [sys.executable, "-c", SERVE, str(folder), url]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
