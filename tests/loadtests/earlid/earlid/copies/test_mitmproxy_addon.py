"""The addon of mitmdump, called as mitmdump calls it: what passes is unchanged, and what cannot be searched is said."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from earlid import Exchange
from earlid.client import Counts
from earlid.copies import mitmproxy_addon
from earlid.copies.mitmproxy_addon import Forward

CONTROLS = "http://127.0.0.1:7"


class Headers(dict[str, str]):
    def items(self, multi: bool = False) -> Any:
        return super().items()


class Client:
    def __init__(self, _address: str) -> None:
        self.taken: list[Exchange] = []
        self.counts = Counts()

    def send(self, exchange: Exchange) -> None:
        self.taken.append(exchange)
        self.counts.sent += 1

    def close(self) -> None:
        pass


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Forward:
    monkeypatch.setattr(mitmproxy_addon, "SearchClient", Client)
    controls = {"url": CONTROLS, "planted": {"/planted": {"name": "p"}}}
    return Forward({"search": "s", "role": "user", "controls": controls, "record": str(tmp_path / "passed.json")})


def flow(url: str = "http://site/me?a=1", **answered: str) -> Any:
    host, _, path = url.partition("//")[2].partition("/")
    request = SimpleNamespace(
        method="GET", headers=Headers({"accept-encoding": "gzip, zstd", "x-earlid-role": "auditor"}), path=f"/{path}",
        pretty_url=url, pretty_host=host.partition(":")[0], timestamp_start=100.0, stream=False,
    )  # fmt: skip
    response = SimpleNamespace(status_code=200, reason="OK", headers=Headers(answered), stream=None)
    return SimpleNamespace(id=url, request=request, response=response)


@pytest.fixture
def passed(forward: Forward) -> Callable[..., list[Exchange]]:
    def run(one: Any, pieces: list[bytes], *, breaks: bool = False) -> list[Exchange]:
        forward.requestheaders(one)
        forward.responseheaders(one)
        assert [one.response.stream(piece) for piece in pieces] == pieces
        (forward.error if breaks else forward.response)(one)
        forward.done()
        return forward._client.taken  # type: ignore[attr-defined]

    return run


def test_an_answer_is_handed_over_and_its_figures_are_written(passed: Any, tmp_path: Path) -> None:
    one = flow()
    head, body = passed(one, [b"ab", b"cd"])
    assert (head.name, head.status, head.context) == ("site/me?a=1", 200, {"role": "auditor"})
    assert body.bodies == (("response_body", b"abcd"),)
    assert one.request.headers == {"accept-encoding": "gzip"}, "what Earlid is told stays here"
    told = json.loads((tmp_path / "passed.json").read_text())
    assert (told["sent"], told["lost"]) == (2, 0)
    assert told["recorder"]["routes"][0][:3] == ["GET", "site/me", "auditor"]


def test_an_answer_that_breaks_off_or_cannot_be_decoded_is_said(passed: Any) -> None:
    assert [one.unsearched for one in passed(flow(), [b"ab"], breaks=True)] == ["", "", "broke off"]


def test_a_body_in_an_unknown_encoding_is_said(passed: Any) -> None:
    assert [one.unsearched for one in passed(flow(**{"content-encoding": "x-own"}), [b"ab"])] == [
        "",
        "content-encoding x-own",
    ]


def test_a_planted_leak_is_one_exchange_and_no_load(passed: Any, tmp_path: Path) -> None:
    (one,) = passed(flow(f"{CONTROLS}/planted"), [b"ab", b"cd"])
    assert (one.control, one.bodies) == ({"name": "p"}, (("response_body", b"abcd"),))
    assert json.loads((tmp_path / "passed.json").read_text())["recorder"]["routes"] == []


def test_what_is_no_http_is_said_once_a_connection(forward: Forward) -> None:
    message = SimpleNamespace(from_client=False, content=b"x")
    for _ in range(3):
        forward.tcp_message(SimpleNamespace(id="c", messages=[message]))
    forward.done()
    assert [one.unsearched for one in forward._client.taken] == ["no HTTP"]  # type: ignore[attr-defined]


def test_messages_of_a_web_socket_are_searched_and_forgotten(forward: Forward) -> None:
    one = flow()
    messages = [SimpleNamespace(from_client=at % 2 == 0, content=b"%d" % at) for at in range(4)]
    one.websocket = SimpleNamespace(messages=[])
    for message in messages:
        one.websocket.messages.append(message)
        forward.websocket_message(one)
    forward.done()
    assert [e.bodies for e in forward._client.taken] == [  # type: ignore[attr-defined]
        (("websocket", b"1"),),
        (("websocket", b"3"),),
    ]
    assert len(one.websocket.messages) == 1
