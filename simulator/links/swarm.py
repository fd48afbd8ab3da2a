"""A link with one MQTT connection per device, for some thousands of devices.

Each connection has its own credentials and last will. It is one asyncio protocol; all share one loop. paho would need a
thread for each, and its select() stops near 340 clients. `make bench-fleet` prints memory and rates.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from gateway.files import reason_of
from gateway.wire import Topics
from simulator.links.connection import DeviceConnection, OnLost
from simulator.links.link import Answer, Link, LinkError, Message, MqttLink, receipts_in
from simulator.links.mqtt_packets import Will, connect

T = TypeVar("T")
_KEEPALIVE_S = 60
_UNDER_WAY = 200  # messages of one device without an acknowledgement
_AT_ONCE = 64  # connections being opened, so that a listener's backlog holds them
_AGAIN_S = 0.5  # before a device connects anew


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """How one device signs in. Without `username` it connects anonymously."""

    site_id: str
    username: str | None = None
    password: str | None = None


class SwarmLink:
    """A link on which every device has its own connection. `control` asks for the watermark.

    Receipts are those that the devices' own connections received. After the watermark each device that sent something
    pings the broker, so that all its earlier messages have arrived. A device reconnects when its connection is lost,
    except after `drop`.

    Raises:
        LinkError: no broker answers, or the broker refuses a device.
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
        self._lines: dict[str, DeviceConnection] = {}
        self._active: set[str] = set()
        self._sent: dict[str, int] = {}
        self._received: list[Message] = []
        self._accounts = dict(accounts)
        self._losses = 0
        self._closing = False
        self._retries: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="swarm", daemon=True)
        self._thread.start()
        try:
            self._do(self._open())
        except LinkError:
            self.close()
            raise

    @property
    def connected(self) -> int:
        """Devices the broker has let in and that are still there."""
        return sum(line.gone is None and line.ready.done() for line in self._lines.values())

    @property
    def losses(self) -> int:
        """How often any device has lost its connection."""
        return self._losses

    @property
    def silence_s(self) -> float | None:
        """The longest time for which the gateway said nothing while `drain` waited for it; None if nobody measured."""
        return self._control.silence_s if isinstance(self._control, MqttLink) else None

    def send(self, topic: str, payload: bytes) -> None:
        site = self._site(topic)
        line = self._lines.get(site)
        if line is None:
            raise LinkError("a message of no device of this swarm")
        if line.dead or line.refused is not None:
            raise LinkError(line.refused or line.gone or "the device is dead")
        self._active.add(site)
        sent = self._sent[site] = self._sent.get(site, 0) + 1
        until = time.monotonic() + self._timeout_s
        while sent - line.acknowledged > _UNDER_WAY and not line.dead:
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
        """Break a device's connection without DISCONNECT, so that the broker publishes its last will."""
        self._loop.call_soon_threadsafe(self._lines[site_id].die)

    def take_over(self, site_id: str) -> None:
        """Sign in as the device a second time. The broker then closes the first connection (MQTT 3.1.1, 3.1.4-2).

        Raises:
            LinkError: the broker refuses the second connection.
        """
        self._do(self._take_over(self._accounts[site_id]))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._hang_up)
        self._thread.join(10)
        self._loop.close()
        self._control.close()

    def _hang_up(self) -> None:
        self._closing = True
        for task in self._retries:
            task.cancel()
        for line in self._lines.values():
            line.close()
        self._loop.call_later(0.05, self._loop.stop)

    async def _open(self) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(account: Account) -> None:
            async with gate:
                await self._connect(account)

        await asyncio.gather(*(one(account) for account in self._accounts.values()))
        self._loop.call_later(_KEEPALIVE_S / 2, self._beat)

    async def _connect(self, account: Account) -> None:
        line = self._line(account, self._on_message, self._lost)
        self._lines[account.site_id] = line
        try:
            await self._dial(line)
        except OSError as error:
            raise LinkError(f"no broker answers ({reason_of(error)})") from None
        await line.ready

    def _line(self, account: Account, on_message: Callable[[str, bytes], None], on_lost: OnLost) -> DeviceConnection:
        gone = Will(topic=self._topics.device(account.site_id, "gone"), payload=b"{}")
        hello = connect(account.site_id, account.username, account.password, gone, _KEEPALIVE_S)
        wants = self._topics.device(account.site_id, "receipt")
        return DeviceConnection(hello, wants, on_message, on_lost, retains=self._topics.retains)

    async def _dial(self, line: DeviceConnection) -> None:
        await asyncio.get_running_loop().create_connection(lambda: line, self._host, self._port, ssl=self._tls)

    def _lost(self, line: DeviceConnection) -> None:
        if self._closing or line.dead:
            return
        self._losses += 1
        if line.refused is not None:
            return
        task = self._loop.create_task(self._again(line))
        self._retries.add(task)
        task.add_done_callback(self._retries.discard)

    async def _again(self, line: DeviceConnection) -> None:
        while not self._closing:
            await asyncio.sleep(_AGAIN_S)
            try:
                await self._dial(line)
            except OSError:
                continue
            return

    async def _take_over(self, account: Account) -> None:
        intruder = self._line(account, lambda _topic, _payload: None, lambda _lost: None)
        await self._dial(intruder)
        await intruder.ready
        intruder.close()

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
