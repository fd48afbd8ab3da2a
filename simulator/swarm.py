"""One MQTT connection per device, each with its own credentials and last will: a Link for some thousands of devices.

A connection is one asyncio protocol on one loop. Measured against the alternatives it is what fits on two cores:
paho takes a thread and its select() stops near 340 clients; `make bench-fleet` prints memory and rates.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from gateway.wire import Topics
from simulator.link import Answer, Link, LinkError, Message, receipts_in
from simulator.mqtt_wire import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    Will,
    connect,
    puback,
    publish,
    published,
    subscribe,
    take,
)

T = TypeVar("T")
_KEEPALIVE_S = 60
_UNDER_WAY = 200  # messages of one device without an acknowledgement
_AT_ONCE = 64  # connections being opened, so that a listener's backlog holds them


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """How one device signs in; without `username` the broker is asked for none."""

    site_id: str
    username: str | None = None
    password: str | None = None


class _Line(asyncio.Protocol):
    """One device's connection."""

    def __init__(self, hello: bytes, wants: str, on_message: Callable[[str, bytes], None]) -> None:
        self._hello, self._wants, self._on_message = hello, wants, on_message
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._next_id = 1
        self._pings: list[asyncio.Future[None] | None] = []  # in the order of their answers; None is a heartbeat
        self._idle: asyncio.Future[None] | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.unacknowledged = 0
        self.acknowledged = 0
        self.gone: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (what asyncio gives a stream's protocol)
        self._transport = transport
        transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = "the connection is gone" if exc is None else f"the connection is gone ({type(exc).__name__})"
        for each in (self.ready, *self._pings, self._idle):
            if each is not None and not each.done():
                each.set_exception(LinkError(self.gone))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (packet := take(self._buffer)) is not None:
            self._packet(*packet)

    def write(self, data: bytes) -> None:
        if self._transport is not None and self.gone is None:
            self._transport.write(data)

    def send(self, topic: str, payload: bytes) -> None:
        self.unacknowledged += 1
        self.write(publish(topic, payload, self._id()))

    async def settled(self) -> None:
        """Everything sent is acknowledged, and what the broker had for this device has been read."""
        while self.unacknowledged and self.gone is None:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        answered = asyncio.get_running_loop().create_future()
        self._pings.append(answered)
        self.write(PINGREQ)
        if self.gone is not None:
            raise LinkError(self.gone)
        await answered

    def beat(self) -> None:
        self._pings.append(None)
        self.write(PINGREQ)

    def die(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self.write(DISCONNECT)
            self._transport.close()

    def _id(self) -> int:
        self._next_id = self._next_id % 65_535 + 1
        return self._next_id

    def _packet(self, kind: int, flags: int, body: bytes) -> None:
        if kind == CONNACK:
            if body[1]:
                self.ready.set_exception(LinkError(f"the broker refuses a device (code {body[1]})"))
            else:
                self.write(subscribe(self._wants, self._id()))
        elif kind == SUBACK and not self.ready.done():
            self.ready.set_result(None)
        elif kind == PUBACK:
            self.unacknowledged -= 1
            self.acknowledged += 1
            if not self.unacknowledged and self._idle is not None and not self._idle.done():
                self._idle.set_result(None)
        elif kind == PINGRESP and self._pings:
            asked = self._pings.pop(0)
            if asked is not None:
                asked.set_result(None)
        elif kind == PUBLISH:
            topic, payload, packet_id = published(flags, body)
            self._on_message(topic, payload)
            if packet_id is not None:
                self.write(puback(packet_id))


class SwarmLink:
    """A Link on which every device has a connection of its own; `control` asks for the watermark.

    The receipts that come back are those the devices' own connections received. After the watermark every device
    that sent is pinged: the broker answers behind whatever it had for that device.

    Raises:
        LinkError: no broker there, or it refuses a device.
    """

    def __init__(
        self,
        host: str,
        port: int,
        accounts: Mapping[str, Account],
        *,
        control: Link,
        tls: ssl.SSLContext | None = None,
        topic_root: str = "",
        timeout_s: float = 120.0,
    ) -> None:
        self._host, self._port, self._tls, self._timeout_s = host, port, tls, timeout_s
        self._control, self._topics = control, Topics(topic_root)
        self._lines: dict[str, _Line] = {}
        self._active: set[str] = set()
        self._sent: dict[str, int] = {}
        self._received: list[Message] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="swarm", daemon=True)
        self._thread.start()
        try:
            self._do(self._open(accounts))
        except LinkError:
            self.close()
            raise

    @property
    def connected(self) -> int:
        """Devices the broker has let in and that are still there."""
        return sum(line.gone is None and line.ready.done() for line in self._lines.values())

    def send(self, topic: str, payload: bytes) -> None:
        site = self._site(topic)
        line = self._lines.get(site)
        if line is None:
            raise LinkError("a message of no device of this swarm")
        if line.gone is not None:
            raise LinkError(line.gone)
        self._active.add(site)
        sent = self._sent[site] = self._sent.get(site, 0) + 1
        until = time.monotonic() + self._timeout_s
        while sent - line.acknowledged > _UNDER_WAY and line.gone is None:
            if time.monotonic() > until:
                raise LinkError(f"the broker does not acknowledge (waited {self._timeout_s:g} s)")
            time.sleep(0.001)
        self._loop.call_soon_threadsafe(line.send, topic, payload)

    def drain(self) -> list[Answer]:
        active, self._active = sorted(self._active), set()
        self._do(self._settle(active))
        self._control.drain()
        self._do(self._settle(active))
        answers, self._received = self._received, []
        return receipts_in(answers, self._topics)

    def drop(self, site_id: str) -> None:
        """The device dies: no goodbye, so that the broker tells its will."""
        self._loop.call_soon_threadsafe(self._lines[site_id].die)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._hang_up)
        self._thread.join(10)
        self._loop.close()
        self._control.close()

    def _hang_up(self) -> None:
        for line in self._lines.values():
            line.close()
        self._loop.call_later(0.05, self._loop.stop)

    async def _open(self, accounts: Mapping[str, Account]) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(account: Account) -> None:
            async with gate:
                await self._connect(account)

        await asyncio.gather(*(one(account) for account in accounts.values()))
        self._loop.call_later(_KEEPALIVE_S / 2, self._beat)

    async def _connect(self, account: Account) -> None:
        gone = Will(topic=self._topics.device(account.site_id, "gone"), payload=b"{}")
        hello = connect(account.site_id, account.username, account.password, gone, _KEEPALIVE_S)
        wants = self._topics.device(account.site_id, "receipt")
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: _Line(hello, wants, self._on_message), self._host, self._port, ssl=self._tls
            )
        except OSError as error:
            raise LinkError(f"no broker answers ({error.strerror or type(error).__name__})") from None
        self._lines[account.site_id] = line
        await line.ready

    async def _settle(self, sites: list[str]) -> None:
        await asyncio.gather(*(self._lines[site].settled() for site in sites))

    def _beat(self) -> None:
        for line in self._lines.values():
            line.beat()
        self._loop.call_later(_KEEPALIVE_S / 2, self._beat)

    def _on_message(self, topic: str, payload: bytes) -> None:
        self._received.append((topic, payload))

    def _site(self, topic: str) -> str:
        levels = self._topics.split(topic)
        return levels[2] if levels[:1] == ["hermes"] and len(levels) > 2 else levels[1] if len(levels) > 1 else ""

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(self._timeout_s)
        except TimeoutError:
            raise LinkError(f"the broker does not answer its devices (waited {self._timeout_s:g} s)") from None
