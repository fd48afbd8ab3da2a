"""What a client meets while it reads: each of both clients, each way of reading, one Locust run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LEAKY = "tests/broken/leaky_streams.py"

READERS = """
from locust import FastHttpUser, HttpUser, constant

def read(self):
    fast = isinstance(self, FastHttpUser)
    via = "fast" if fast else "http"
    get = lambda path, **more: self.client.get("/" + path, name=f"/{via}/{path}", **more)
    answer = get("chunks", stream=True)
    list(answer.iter_content(7))
    answer = get("gzipped", stream=True)
    answer.stream.read() if fast else answer.raw.read()
    with get("events", stream=True, catch_response=True) as answer:
        for _piece in answer.iter_content(10):
            pass
    get("moved")
    get("ranged", headers={"Range": "bytes=3990-4100"})
    if ALL:
        get("unread", stream=True)
        get("half")
        get("undecodable")

class Fast(FastHttpUser):
    wait_time, tasks = constant(0.02), [read]

class Slow(HttpUser):
    wait_time, tasks = constant(0.02), [read]
"""


def _readers(tmp_path: Path, *, everything: Any) -> Any:
    mine = tmp_path / "mine.py"
    mine.write_text(f"ALL = {everything}\n{READERS}")
    return mine


def test_what_is_read_piece_by_piece_is_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    run = locust(start(LEAKY, identities), locustfile=_readers(tmp_path, everything=False), seconds=4, stop=False)
    assert run.code == 1
    found = {(field, kind, name.removeprefix("reviewer GET ")) for field, kind, name in _findings(run)}
    for via in ("fast", "http"):
        assert {
            ("members.name", "response_body", f"/{via}/chunks"),
            ("members.emails", "response_body", f"/{via}/gzipped"),
            ("members.phones", "response_body", f"/{via}/events"),
            ("members.emails", "redirect_body", f"/{via}/moved"),
            ("members.name", "response_body", f"/{via}/ranged"),
        } <= found
    assert "not searched" not in run.output


def _findings(run: Any) -> Any:
    lines = [*run.of("response"), *run.of("piece")]
    return {(f["field"], f["where"]["kind"], f["where"]["name"]) for line in lines for f in line["findings"]}


def test_clean_streams_pass(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = _readers(tmp_path, everything=False)
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=3, stop=False)
    assert run.code == 0, run.output
    (summary,) = run.of("summary")
    assert summary["responses"] == len(run.of("response"))
    assert len(run.of("piece")) >= len(run.of("response")) / 2


def test_what_cannot_be_searched_is_said(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = _readers(tmp_path, everything=True)
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == 3
    for via, path in (
        ("http", "unread: a stream that was never read"),
        ("fast", "half: broke off"),
        ("http", "half: broke off (ChunkedEncodingError)"),
        ("fast", "undecodable: "),
        ("http", "undecodable: broke off (ContentDecodingError)"),
    ):
        assert f"not searched: reviewer GET /{via}/{path}" in run.output, run.output


@pytest.mark.parametrize("path", ["half", "lost"])
def test_what_came_before_an_answer_broke_off_is_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path, path: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from locust import FastHttpUser, constant, task\n\nclass Mine(FastHttpUser):\n    wait_time = constant(0.05)\n"
        f"    @task\n    def look(self):\n        self.client.get('/{path}')\n"
    )
    run = locust(start(LEAKY, identities), locustfile=mine, seconds=3, stop=False)
    assert run.code == 1
    assert any(name == f"reviewer GET /{path}" for _field, _kind, name in run.findings())
