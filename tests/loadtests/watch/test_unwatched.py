"""What no watch sees leaves no exit code 0: each way in which an answer may go unwatched, in one real run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LEAKY = "tests/broken/leaky_server.py"
STREAMS = "tests/broken/leaky_streams.py"
BESIDE = """
import httpx
import requests
from locust import FastHttpUser, constant, task

HTTPX = httpx.Client(trust_env=False)

class Mine(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
        requests.get(self.host + "/clips/1")
        HTTPX.get(self.host + "/error")
"""


STANDARD = """
import http.client
import urllib.request
import urllib3
from locust import FastHttpUser, constant, task

POOL = urllib3.PoolManager()

class Mine(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
        urllib.request.urlopen(self.host + "/clips/1").read()
        POOL.request("GET", self.host + "/audio/1")
        connection = http.client.HTTPConnection(self.host.removeprefix("http://"))
        connection.request("GET", "/error")
        connection.getresponse()
"""


@pytest.mark.parametrize("leaks", [True, False])
def test_answers_of_the_standard_librarys_clients_are_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path, leaks: bool
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(STANDARD)
    run = locust(start(LEAKY, identities, *([] if leaks else ["--clean"])), locustfile=mine, seconds=4, stop=False)
    assert run.code == (1 if leaks else 0), run.output
    wanted = {
        ("members.name", "reviewer GET /clips/{token}"),
        ("members.emails", "reviewer GET /audio/{token}"),
        ("customer_id", "reviewer GET /error"),
    }
    assert {(field, name) for field, _kind, name in run.findings()} == (wanted if leaks else set())


RAW = """
import asyncio
import socket
from urllib.parse import urlsplit
from locust import FastHttpUser, constant, task
from earlid.locust_beside import handed_over

async def ask(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /clips/1 HTTP/1.0\\r\\n\\r\\n")
    answer = await reader.read()
    writer.close()
    return answer.decode()

class Mine(FastHttpUser):
    wait_time = constant(0.5)

    @task
    def look(self):
        self.client.get("/")
        place = urlsplit(self.host)
        ALLOW
        answer = asyncio.run(ask(place.hostname, place.port))
        SAY
"""
_FIRE = (
    'self.environment.events.request.fire(request_type="RAW", name="raw", response_time=1, response_length=1, '
    "exception=None, response=answer)"
)


@pytest.mark.parametrize(
    ("allow", "say", "code"),
    [("pass", "pass", 3), ("pass", _FIRE, 1), ("handed_over(place.hostname, place.port)", _FIRE, 1)],
)
def test_a_raw_connection_is_unknown_or_handed_over(
    locust: Callable[..., Any],
    start: Callable[..., str],
    identities: Path,
    tmp_path: Path,
    allow: str,
    say: str,
    code: int,
) -> None:
    mine, host = tmp_path / "mine.py", start(LEAKY, identities)
    mine.write_text(RAW.replace("ALLOW", allow).replace("SAY", say))
    run = locust(host, locustfile=mine, seconds=4, stop=False)
    assert run.code == code, run.output
    unwatched = f"connections beside the watched clients, not searched: {host.removeprefix('http://')}"
    assert (unwatched in run.output) == (allow == "pass")


def test_requests_beside_the_client_are_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BESIDE)
    run = locust(start(LEAKY, identities), locustfile=mine, seconds=4, stop=False)
    assert run.code == 1
    assert {(field, name) for field, _kind, name in run.findings()} == {
        ("members.name", "reviewer GET /clips/{token}"),
        ("customer_id", "reviewer GET /error"),
    }


def test_clean_requests_beside_the_client_pass(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BESIDE)
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == 0, run.output


OWN_DATA = BESIDE.replace('requests.get(self.host + "/clips/1")', 'go(self.host + "/clips/1")').replace(
    "HTTPX.get", "go"
)


def test_whose_data_a_request_beside_may_hold_can_be_said(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    go = "from earlid.locust_beside import beside\n\ndef go(url):\n    with beside(may_see=['H00']):\n"
    mine.write_text(go + "        requests.get(url)\n" + OWN_DATA)
    run = locust(start(LEAKY, identities), locustfile=mine, seconds=4, stop=False)
    assert run.code == 0, run.output


BROKEN = """
import requests
from locust import HttpUser, constant, task

class Mine(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        CALL
"""


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('self.client.get("/half")', "GET /half: broke off (ChunkedEncodingError)"),
        ('self.client.get("/undecodable")', "GET /undecodable: broke off (ContentDecodingError)"),
    ],
)
def test_bodies_that_break_off_are_unknown(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path, call: str, said: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BROKEN.replace("CALL", call))
    run = locust(start(STREAMS, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == 3, run.output
    assert said in run.output


SOCKETS = """
import json
import time
from locust import User, constant, task

class Mine(User):
    wait_time = constant(0.05)

    @task
    def look(self):
        fire = self.environment.events.request.fire
        said = {"type": "clip", "who": WHO, "n": time.time()}
        fire(request_type="WS", name="talk", response_time=1, response_length=2, exception=None, response=said)
"""


@pytest.mark.parametrize("leaks", [True, False])
def test_dict_events_of_websockets_are_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, known: Any, tmp_path: Path, leaks: bool
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(SOCKETS.replace("WHO", repr(known.households[0].members[0].emails[0] if leaks else "nobody")))
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=4, stop=False)
    assert run.code == (1 if leaks else 0), run.output
    assert {field for field, _kind, _name in run.findings()} == ({"members.emails"} if leaks else set())
