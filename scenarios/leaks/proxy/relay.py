"""The proxy: one connection of a client beside one of the site, request after request."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult

import h11
from earlid import SearchClient
from earlid.copies.asked_by import asked_by

from gateway.files import reason_of
from scenarios.leaks.proxy.copied import Copied
from scenarios.leaks.proxy.frames import Frames

_PIECE = 65_536
_QUIET_S = 300.0
_NOT_PASSED = {
    *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"),
    *("host", "sec-websocket-extensions"),  # the site's own host; messages that can be read
}
Seen = Callable[[str, str, str, float, int, int], None]  # method, path, role, ms, status (0: none), bytes


class SiteGone(ConnectionError):
    """The site did not answer, or broke off."""


class _Side:
    """One connection and what h11 knows of it."""

    def __init__(self, role: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=256 * 1024)
        self.reader, self.writer = reader, writer

    async def event(self) -> Any:
        while True:
            event = self.http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            data = await asyncio.wait_for(self.reader.read(_PIECE), _QUIET_S)
            self.http.receive_data(data)

    async def send(self, event: Any) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def body(self) -> AsyncIterator[bytes]:
        while not isinstance(event := await self.event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise SiteGone("broke off")
            yield bytes(event.data)

    def close(self) -> None:
        with suppress(Exception):
            self.writer.close()


class Relay:
    """Serves clients. `planted` are paths of planted leaks, which a site of our own answers: path -> control.

    `seen` is told of each request that was passed on. `insecure` takes any certificate of the site.
    """

    def __init__(
        self,
        to: SplitResult,
        search: SearchClient,
        *,
        role: str,
        seen: Seen,
        controls: SplitResult,
        planted: Mapping[str, dict[str, str]],
        insecure: bool = False,
    ) -> None:
        self._to, self._search, self._role, self._seen = to, search, role, seen
        self._controls, self._planted = controls, planted
        self._tls = ssl.create_default_context() if to.scheme == "https" else None
        if self._tls and insecure:
            self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, until it or the site closes."""
        client, site = _Side(h11.SERVER, reader, writer), None
        try:
            while isinstance(request := await client.event(), h11.Request):
                site = await self._pass_on(client, request, site)
                if client.http.our_state is not h11.DONE or client.http.their_state is not h11.DONE:
                    return
                client.http.start_next_cycle()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, h11.ProtocolError):
            return
        except asyncio.CancelledError:  # the proxy ends; Python 3.11 would print a traceback
            return
        finally:
            client.close()
            if site is not None:
                site.close()

    async def _pass_on(self, client: _Side, request: h11.Request, site: _Side | None) -> _Side | None:
        """Pass one request on. Returns the site's connection if it may be used again."""
        began = time.monotonic()
        method, target = request.method.decode("ascii"), request.target.decode("latin-1")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw_items()]
        context, headers = asked_by(headers, self._role)
        control = dict(self._planted.get(target, {}))
        copied = Copied(self._search, method=method, name=target, context=context, control=control)
        upgrade = any(name.lower() == "upgrade" and value.lower() == "websocket" for name, value in headers)
        status = size = 0
        try:
            if site is None or site.http.our_state is not h11.IDLE or site.reader.at_eof() or control:
                if site is not None:
                    site.close()
                site = await self._site(self._controls if control else self._to)
            await site.send(h11.Request(method=method, target=target, headers=self._asked(headers, upgrade, control)))
            async for data in client.body():
                await site.send(h11.Data(data=data))
            await site.send(h11.EndOfMessage())
            answer = await site.event()
            while isinstance(answer, h11.InformationalResponse) and answer.status_code != 101:
                answer = await site.event()
            if not isinstance(answer, h11.Response | h11.InformationalResponse):
                raise SiteGone("no answer")
            status = int(answer.status_code)
            told = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw_items()]
            reason = bytes(answer.reason).decode("latin-1")
            url, ms = f"{self._to.scheme}://{self._to.netloc}{target}", (time.monotonic() - began) * 1_000
            await copied.begins(status, reason, told, ms=ms, url=url)
            own = self._answered(told, headers)
            if status == 101:
                await client.send(h11.InformationalResponse(status_code=101, headers=own, reason=reason.encode()))
                await self._talk(client, site, copied)
                return None
            await client.send(h11.Response(status_code=status, headers=own, reason=reason.encode("latin-1")))
            size = await self._body(client, site, copied)
            await client.send(h11.EndOfMessage())
        except (OSError, TimeoutError, h11.RemoteProtocolError) as error:
            if not status:
                await copied.unanswered((time.monotonic() - began) * 1_000)
                await self._refuse(client, error)
            return None
        finally:
            if not control:
                self._seen(method, target, context["role"], (time.monotonic() - began) * 1_000, status, size)
        if control or site.http.our_state is not h11.DONE or site.http.their_state is not h11.DONE:
            site.close()
            return None
        site.http.start_next_cycle()
        return site

    async def _body(self, client: _Side, site: _Side, copied: Copied) -> int:
        size = 0
        try:
            async for data in site.body():
                size += len(data)
                await copied.body(data)
                await client.send(h11.Data(data=data))
        except BaseException:
            await copied.ends(whole=False)
            raise
        await copied.ends(whole=True)
        return size

    async def _talk(self, client: _Side, site: _Side, copied: Copied) -> None:
        """Pass a WebSocket on, both ways, until one side closes."""
        frames = Frames()

        async def down() -> None:
            data = site.http.trailing_data[0]
            while True:
                for message in frames.feed(data):
                    await copied.message(message)
                client.writer.write(data)
                await client.writer.drain()
                data = await site.reader.read(_PIECE)
                if not data:
                    return

        async def up() -> None:
            data = client.http.trailing_data[0]
            while True:
                site.writer.write(data)
                await site.writer.drain()
                data = await client.reader.read(_PIECE)
                if not data:
                    return

        ways = [asyncio.create_task(down()), asyncio.create_task(up())]
        _done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in left:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        site.close()
        if frames.lost:
            await copied.not_searched(frames.lost)

    async def _site(self, to: SplitResult) -> _Side:
        port = to.port or (443 if to.scheme == "https" else 80)
        tls = self._tls if to is self._to else None
        reader, writer = await asyncio.wait_for(asyncio.open_connection(to.hostname, port, ssl=tls), 30)
        return _Side(h11.CLIENT, reader, writer)

    def _asked(self, headers: list[tuple[str, str]], upgrade: bool, control: object) -> list[tuple[str, str]]:
        """Headers as the site gets them: its own host and origin, no compression of WebSockets."""
        to = self._controls if control else self._to
        origin = f"{self._to.scheme}://{self._to.netloc}"
        host = next((value for name, value in headers if name.lower() == "host"), "")
        told = [("Host", to.netloc)]
        for name, value in headers:
            low = name.lower()
            if low in _NOT_PASSED:
                continue
            if low in ("origin", "referer"):
                value = value.replace(f"http://{host}", origin, 1)
            told.append((name, value))
        return [*told, ("Connection", "Upgrade"), ("Upgrade", "websocket")] if upgrade else told

    def _answered(self, headers: list[tuple[str, str]], asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Headers as the client gets them: redirects to the site lead to the proxy."""
        host = next((value for name, value in asked if name.lower() == "host"), "")
        site = f"{self._to.scheme}://{self._to.netloc}"
        told = []
        for name, value in headers:
            low = name.lower()
            if low in ("keep-alive", "proxy-connection", "alt-svc", "strict-transport-security"):
                continue
            if low == "location" and (value == site or value.startswith(f"{site}/")):
                value = f"http://{host}{value[len(site) :]}"
            told.append((name, value))
        return told

    async def _refuse(self, client: _Side, error: Exception) -> None:
        body = f"earlid proxy: the site does not answer ({reason_of(error)})\n".encode()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")]
        with suppress(OSError, h11.LocalProtocolError):
            await client.send(h11.Response(status_code=502, headers=headers))
            await client.send(h11.Data(data=body))
            await client.send(h11.EndOfMessage())
