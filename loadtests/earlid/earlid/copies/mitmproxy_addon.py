"""Runs inside mitmdump, which `earlid proxy --mode forward` starts: hands every answer that passes to the search.

The standard library and `earlid` only; mitmproxy calls the hooks of `addons` by their names. EARLID_FORWARD names a
JSON file: `search` (address), `role`, `controls` (URL and what is planted at each path), `record` (where figures go).
"""

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # mitmdump has a Python of its own

from earlid.client import SearchClient
from earlid.copies.asked_by import ABOUT, Names, asked_by, readable
from earlid.copies.streams import StreamCopy
from earlid.exchange import Exchange
from earlid.load.recorder import Recorder

SETTINGS = "EARLID_FORWARD"
_WAITING = 500  # exchanges; after that what passes waits for the search


class Forward:
    """One run of mitmdump. Answers pass unchanged, piece by piece."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._role, self._record = str(told["role"]), Path(told["record"])
        self._controls_url, self._planted = str(told["controls"]["url"]), dict(told["controls"]["planted"])
        self._client = SearchClient(str(told["search"]))
        self._recorder = Recorder()
        self._names = Names()
        self._copies: dict[str, StreamCopy] = {}
        self._about: dict[str, dict[str, Any]] = {}
        self._held: dict[str, list[bytes]] = {}
        self._queue: queue.Queue[Exchange | None] = queue.Queue(_WAITING)
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def requestheaders(self, flow: Any) -> None:
        context, _ = asked_by(flow.request.headers.items(), self._role)
        for name in ABOUT:
            flow.request.headers.pop(name, None)
        if "accept-encoding" in flow.request.headers:
            flow.request.headers["accept-encoding"] = readable(flow.request.headers["accept-encoding"])
        flow.request.stream = True
        self._about[flow.id] = context

    def responseheaders(self, flow: Any) -> None:
        answer, control = flow.response, self._control(flow)
        lines = [("status_line", f"{answer.status_code} {answer.reason}")]
        lines += [("header", f"{key}: {value}") for key, value in answer.headers.items(multi=True)]
        if not control:
            self._put(flow, status=answer.status_code, ms=_ms(flow), urls=(flow.request.pretty_url,), head=lines)
        copy = self._copies[flow.id] = StreamCopy(
            self._piece(flow, control),
            content_type=answer.headers.get("content-type", ""),
            encoding=answer.headers.get("content-encoding", ""),
        )
        answer.stream = _copying(copy)

    def response(self, flow: Any) -> None:
        self._over(flow, whole=True)

    def error(self, flow: Any) -> None:
        """The site did not answer, or one side broke off."""
        self._over(flow, whole=False)

    def websocket_message(self, flow: Any) -> None:
        message = flow.websocket.messages[-1]
        if not message.from_client:
            self._put(flow, status=101, bodies=(("websocket", bytes(message.content)),), part=1)
        del flow.websocket.messages[:-1]  # else they stay in memory

    def tcp_message(self, flow: Any) -> None:
        """Neither HTTP nor WebSocket: once a connection."""
        if flow.id not in self._held and not flow.messages[-1].from_client:
            self._held[flow.id] = []
            self._queue.put(Exchange(method="TCP", name="connection", status=101, unsearched="no HTTP", part=1))

    def done(self) -> None:
        """The end of mitmdump: whatever waits is handed over, then the figures are written."""
        for copy in self._copies.values():
            copy.end(whole=False)
        self._queue.put(None)
        self._sender.join()
        self._client.close()
        told = {"recorder": self._recorder.take(), "lost": self._client.counts.lost, "sent": self._client.counts.sent}
        beside = self._record.with_suffix(".new")
        beside.write_text(json.dumps(told))
        beside.replace(self._record)

    def _over(self, flow: Any, *, whole: bool) -> None:
        copy, control = self._copies.pop(flow.id, None), self._control(flow)
        if copy is not None:
            copy.end()
        if copy is None:
            self._put(flow, ms=_ms(flow))
        elif not whole:
            self._put(flow, status=200, unsearched="broke off", part=1)
        if control:
            body = (("response_body", b"".join(self._held.pop(flow.id, ()))),)
            head = [("header", f"{key}: {value}") for key, value in flow.response.headers.items(multi=True)]
            urls = (flow.request.pretty_url,)
            self._put(flow, control=control, status=flow.response.status_code, bodies=body, head=head, urls=urls)
        else:
            self._note(flow)
        self._about.pop(flow.id, None)

    def _note(self, flow: Any) -> None:
        name = self._names.of(_name(flow))
        status = flow.response.status_code if flow.response else 0
        size = int(flow.response.headers.get("content-length", 0) or 0) if flow.response else 0
        role = str(self._about.get(flow.id, {}).get("role", self._role))
        failed = status == 0 or status >= 500
        at = flow.request.timestamp_start
        self._recorder.request(at, flow.request.method, name, role, _ms(flow), failed=failed, size=size)

    def _control(self, flow: Any) -> dict[str, str]:
        """What is planted there, if the site is the one of the planted leaks."""
        known = flow.request.pretty_url.startswith(f"{self._controls_url}/")
        return dict(self._planted.get(flow.request.path, {})) if known else {}

    def _piece(self, flow: Any, control: dict[str, str]) -> Callable[[bytes, int, str], None]:
        def hand_over(piece: bytes, part: int, why: str) -> None:
            if control:
                self._held.setdefault(flow.id, []).append(piece)
            else:
                self._put(flow, status=200, bodies=(("response_body", piece),), part=part, unsearched=why)

        return hand_over

    def _put(self, flow: Any, **more: Any) -> None:
        context = self._about.get(flow.id, {"role": self._role})
        self._queue.put(Exchange(method=flow.request.method, name=_name(flow), context=context, **more))

    def _send(self) -> None:
        while (exchange := self._queue.get()) is not None:
            self._client.send(exchange)


def _name(flow: Any) -> str:
    """Site and path; the search process decides how they may be shown."""
    return f"{flow.request.pretty_host}{flow.request.path}"


def _ms(flow: Any) -> float:
    return float((time.time() - flow.request.timestamp_start) * 1_000)


def _copying(copy: StreamCopy) -> Callable[[bytes], bytes]:
    def pass_on(data: bytes) -> bytes:
        copy.take(data)
        copy.pass_on()
        return data

    return pass_on


if SETTINGS in os.environ:
    addons = [Forward(json.loads(Path(os.environ[SETTINGS]).read_text()))]
