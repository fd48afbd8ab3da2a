"""One device's MQTT connection on an asyncio loop. It sends with QoS 1 and reconnects when the broker hangs up."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from simulator.links.link import LinkError
from simulator.links.mqtt_packets import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    puback,
    publish,
    published,
    subscribe,
    take,
)

OnLost: TypeAlias = Callable[["DeviceConnection"], None]


class DeviceConnection(asyncio.Protocol):
    """One device's connection, which is opened again when the broker hangs up.

    Unacknowledged messages are sent again over the next connection. `gone` says why there is no connection now.
    `retains` decides which messages are published retained.
    """

    def __init__(
        self,
        hello: bytes,
        wants: str,
        on_message: Callable[[str, bytes], None],
        on_lost: "OnLost",
        *,
        retains: Callable[[str, bytes], bool] = lambda _topic, _payload: False,
    ) -> None:
        self._retains = retains
        self._hello, self._wants, self._on_message, self._on_lost = hello, wants, on_message, on_lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._next_id = 1
        self._pings: list[asyncio.Future[None] | None] = []  # in the order of their answers; None is a heartbeat
        self._under_way: dict[int, tuple[str, bytes]] = {}
        self._changed = asyncio.Event()  # set when a connection comes or goes, or everything is acknowledged
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.acknowledged = 0
        self.gone: str | None = "the connection is not there yet"
        self.refused: str | None = None
        self.dead = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (what asyncio gives a stream's protocol)
        self._transport = transport
        self._buffer.clear()
        transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = "the connection is gone" if exc is None else f"the connection is gone ({type(exc).__name__})"
        pings, self._pings = self._pings, []
        for each in pings:
            if each is not None and not each.done():
                each.cancel()
        if not self.ready.done():
            self.ready.set_exception(LinkError(self.gone))
        self._changed.set()
        self._on_lost(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (packet := take(self._buffer)) is not None:
            self._packet(*packet)

    def send(self, topic: str, payload: bytes) -> None:
        self._next_id = self._next_id % 65_535 + 1
        self._under_way[self._next_id] = (topic, payload)
        self._write(publish(topic, payload, self._next_id, retain=self._retains(topic, payload)))

    async def settled(self) -> None:
        """Everything sent is acknowledged, and what the broker had for this device has been read.

        Raises:
            LinkError: the broker refuses the device, or it is dead.
        """
        while True:
            while self._under_way or self.gone is not None:
                if self.dead or self.refused is not None:
                    raise LinkError(self.refused or self.gone or "the device is dead")
                self._changed.clear()
                await self._changed.wait()
            answered = asyncio.get_running_loop().create_future()
            self._pings.append(answered)
            self._write(PINGREQ)
            try:
                await answered
            except asyncio.CancelledError:
                if not answered.cancelled():
                    raise  # this task was cancelled, not the ping
                continue
            return

    def beat(self) -> None:
        if self.gone is None:
            self._pings.append(None)
            self._write(PINGREQ)

    def die(self) -> None:
        self.dead = True
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        self.dead = True
        if self._transport is not None:
            self._write(DISCONNECT)
            self._transport.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and self.gone is None:
            self._transport.write(data)

    def _packet(self, kind: int, flags: int, body: bytes) -> None:
        if kind == CONNACK:
            self._let_in(body[1])
        elif kind == SUBACK:
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == PUBACK:
            if self._under_way.pop(int.from_bytes(body[:2], "big"), None) is not None:
                self.acknowledged += 1
            if not self._under_way:
                self._changed.set()
        elif kind == PINGRESP and self._pings:
            asked = self._pings.pop(0)
            if asked is not None and not asked.done():
                asked.set_result(None)
        elif kind == PUBLISH:
            topic, payload, packet_id = published(flags, body)
            self._on_message(topic, payload)
            if packet_id is not None:
                self._write(puback(packet_id))

    def _let_in(self, code: int) -> None:
        if code:
            self.refused = f"the broker refuses a device (code {code})"
            if not self.ready.done():
                self.ready.set_exception(LinkError(self.refused))
            return
        self.gone = None
        self._next_id = self._next_id % 65_535 + 1
        self._write(subscribe(self._wants, self._next_id))
        for packet_id, (topic, payload) in self._under_way.items():
            self._write(publish(topic, payload, packet_id, retain=self._retains(topic, payload)))
        self._changed.set()
