"""`earlid proxy` before a leaking site: everything that passes is searched, and passes unchanged."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.commands.proxy import proxy
from scenarios.leaks.controls import control_household

ROOT = Path(__file__).parents[3]
EARLID = Path(sys.executable).parent / "earlid"


@pytest.fixture
def identities(tmp_path: Path) -> Path:
    homes = [control_household(seed).model_copy(update={"household_id": f"H{seed}"}) for seed in (31, 32)]
    path = tmp_path / "ids.json"
    path.write_bytes(Identities(schema=1, households=tuple(homes)).to_json())
    return path


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Any, str]]]:
    running: list[subprocess.Popen[str]] = []

    def begin(*command: object) -> tuple[Any, str]:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout
        return process, process.stdout.readline().split()[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture
def proxied(start: Any, identities: Path, tmp_path: Path) -> tuple[Any, str]:
    _site, url = start("tests/broken/leaky_site.py", identities)
    options = ["--to", url, "--listen", "127.0.0.1:0", "--out", tmp_path / "out", "--spool", tmp_path / "spool.jsonl"]
    process, door = start(EARLID, "proxy", "--identities", identities, *options)
    return process, door


def _ended(process: Any) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


async def _talk(door: str) -> list[Any]:
    async with websockets.connect(f"ws{door.removeprefix('http')}/talk") as talk:
        await talk.send("hello")
        return [await talk.recv(), await talk.recv()]


def test_everything_that_passes_is_searched_and_unchanged(proxied: tuple[Any, str], tmp_path: Path) -> None:
    process, door = proxied
    with httpx.Client(base_url=door, timeout=30, follow_redirects=True) as client:
        assert client.get("/me", headers={"X-Earlid-Role": "auditor"}).text.startswith("Hello ")
        assert client.get("/tagged").text == "ok"
        assert "@" in client.get("/packed").text
        assert client.get("/events").text.count("data:") == 3
        moved = client.get("/moved")
        assert str(moved.url).startswith(door)
        assert client.post("/echo", content=b"x" * 300_000, headers={"X-Earlid-Role": "a"}).text == "POST 300000 None"
        assert client.put("/echo", content=iter([b"a", b"b"])).text == "PUT 2 None"
        assert client.head("/me").status_code == 200
        assert client.get("/broken").status_code == 500
        assert client.get("/nowhere").status_code == 404
    first, second = asyncio.run(_talk(door))
    assert (first[:4], second) == ("for ", "hello")
    code, said = _ended(process)
    assert code == 1, said
    found = {line.strip().removeprefix("leak: ").rpartition(":")[0] for line in said.splitlines() if "leak: " in line}
    assert found == {
        "members.name in response_body of auditor GET /me",
        "devices.serial in response_header of user GET /tagged [x-serial]",
        "members.emails in response_body of user GET /packed",
        "members.phones in response_body of user GET /events",
        "customer_id in response_header of user GET /moved [location]",
        "customer_id in url of user GET /?for={}",
        "members.emails in websocket of user GET /talk",
    }
    told = json.loads((tmp_path / "out" / "load.json").read_text())
    assert {row["route"] for row in told["routes"]} >= {"/me", "/events", "/echo", "/talk"}
    assert told["search"]["found"] == told["search"]["planted"] > 0
    assert "FAIL" in (tmp_path / "out" / "load.html").read_text()


@pytest.mark.slow
def test_a_site_that_is_gone_is_told_to_the_client_and_nothing_is_called_clean(start: Any, identities: Path) -> None:
    options = ["--to", "http://127.0.0.1:9", "--listen", "127.0.0.1:0"]
    process, door = start(EARLID, "proxy", "--identities", identities, *options)
    assert httpx.get(f"{door}/me", timeout=30).status_code == 502
    code, said = _ended(process)
    assert code == 3
    assert "nothing was searched" in said
    assert "without an answer: 1" in said


@pytest.mark.parametrize(
    ("to", "listen", "said"),
    [
        ("ftp://x", "127.0.0.1:0", "--to ftp://x: allowed"),
        ("http://u:p@host", "127.0.0.1:0", "--to .*allowed"),
        ("http://host/path", "127.0.0.1:0", "--to .*allowed"),
        ("http://host", "0.0.0.0:80", "--listen .*allowed"),
        ("http://host", "127.0.0.1:x", "--listen .*allowed"),
    ],
)
def test_wrong_addresses_are_one_line(identities: Path, to: str, listen: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        proxy(identities, to, listen=listen, out=None, spool=None, role="user", insecure=False)


@pytest.mark.slow
def test_an_end_in_the_middle_of_an_answer_is_said_without_a_traceback(start: Any, identities: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as site:
        options = ["--to", f"http://127.0.0.1:{site.getsockname()[1]}", "--listen", "127.0.0.1:0"]
        process, door = start(EARLID, "proxy", "--identities", identities, *options)
        host, port = door.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 20) as client:
            client.sendall(b"GET /long HTTP/1.1\r\nHost: h\r\n\r\n")
            asked, _from = site.accept()
            with asked:
                asked.recv(65_536)
                asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
                client.recv(65_536)
                code, said = _ended(process)
    assert "Traceback" not in said, said
    assert code == 3
    assert "not searched: user GET /long: broke off: 1" in said
