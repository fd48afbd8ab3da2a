"""One device's MQTT connection on gevent's loop. The packets are the simulator's."""

import contextlib
import ssl
import time
from typing import Any

import gevent
from earlid.copies.connections import known
from gevent import socket
from gevent.event import AsyncResult, Event
from gevent.lock import RLock
from gevent.ssl import SSLContext

from gateway.files import reason_of
from gateway.wire import Receipt, Topics
from simulator.links.link import Answer, LinkError, address, receipts_in
from simulator.links.mqtt_packets import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    SUBACK,
    connect,
    puback,
    publish,
    published,
    subscribe,
    take,
)
from simulator.links.swarm import Account

_KEEPALIVE_S = 60
_AT_ONCE = 65_536  # bytes of one read


class GreenLink:
    """A connection that greenlets wait on. It is a `Link`; `drain` waits for the broker's acknowledgements.

    Raises:
        LinkError: no broker answers, or it refuses the device. Later, from `send`: the connection is gone.
    """

    def __init__(
        self,
        url: str,
        account: Account,
        *,
        topic_root: str = "",
        ca: str | None = None,
        timeout_s: float = 30.0,
        listens: bool = True,
    ) -> None:
        self._topics, self._timeout_s = Topics(topic_root), timeout_s
        self._buffer, self._next_id = bytearray(), 0
        self._unacknowledged: set[int] = set()
        self._settled, self._ready = Event(), AsyncResult()
        self._writing = RLock()
        self._waiting: dict[str, AsyncResult] = {}
        self.gone: str | None = None
        host, port, secure = address(url)
        try:
            with known():  # what comes is handed over by an event of its own
                plain = socket.create_connection((host, port), timeout=timeout_s)
        except OSError as error:
            raise LinkError(f"no broker answers ({reason_of(error)})") from None
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = _trusting(ca).wrap_socket(plain, server_hostname=host) if secure else plain
        except OSError as error:
            plain.close()
            raise LinkError(f"no broker answers ({reason_of(error)})") from None
        self._wants = self._topics.device(account.site_id, "receipt") if listens else None
        try:
            self._write(connect(account.site_id, account.username, account.password, None, _KEEPALIVE_S))
            self._reader = gevent.spawn(self._read)
            self._ready.get(timeout=timeout_s)
        except gevent.Timeout:
            self.close()
            raise LinkError(f"the broker does not let a device in (waited {timeout_s:g} s)") from None
        except LinkError:
            self.close()
            raise

    def send(self, topic: str, payload: bytes) -> None:
        with self._writing:
            self._next_id = self._next_id % 65_535 + 1
            self._unacknowledged.add(self._next_id)
            self._settled.clear()
            self._write(publish(topic, payload, self._next_id, retain=self._topics.retains(topic, payload)))

    def drain(self) -> list[Answer]:
        """Wait until the broker has everything. Receipts go to `receipt`."""
        if self._unacknowledged and not self._settled.wait(self._timeout_s):
            raise LinkError(f"the broker does not acknowledge (waited {self._timeout_s:g} s)")
        if self.gone is not None:
            raise LinkError(self.gone)
        return []

    def expect(self, session_id: str) -> None:
        """Call it before the session is sent; `receipt` waits for its answer."""
        self._waiting[session_id] = AsyncResult()

    def receipt(self, session_id: str, within_s: float) -> tuple[Receipt, bytes, float] | None:
        """A session's receipt, its bytes, and when it came (`time.perf_counter`). None: it did not come in time.

        Raises:
            LinkError: the connection is gone.
        """
        try:
            answer = self._waiting[session_id].get(timeout=within_s)
        except gevent.Timeout:
            return None
        finally:
            self.forget(session_id)
        return None if answer is None else (answer[0], answer[1], answer[2])

    def forget(self, session_id: str) -> None:
        """Nobody waits for this session's receipt."""
        self._waiting.pop(session_id, None)

    def close(self) -> None:
        if self.gone is None:
            self._lose("closed")
            with self._writing, contextlib.suppress(OSError):  # it is gone as well
                self._socket.sendall(DISCONNECT)
        self._socket.close()

    def _read(self) -> None:
        self._socket.settimeout(_KEEPALIVE_S / 2)
        while self.gone is None:
            try:
                data = self._socket.recv(_AT_ONCE)
            except TimeoutError:
                self._beat()
                continue
            except OSError as error:
                self._lose(f"the connection is gone ({reason_of(error)})")
                return
            if not data:
                self._lose("the broker closed the connection")
                return
            self._buffer += data
            self._packets()

    def _packets(self) -> None:
        try:
            while (packet := take(self._buffer)) is not None:
                self._packet(*packet)
        except (ValueError, IndexError) as error:
            self._lose(f"the broker does not speak MQTT ({reason_of(error)})")
        except LinkError:
            pass  # noted by whoever lost the connection

    def _packet(self, kind: int, flags: int, body: bytes) -> None:
        if kind == CONNACK:
            if body[1]:
                self._lose(f"the broker refuses a device (code {body[1]})")
            elif self._wants is None:
                self._ready.set()
            else:
                self._write(subscribe(self._wants, 65_535))
        elif kind == SUBACK:
            self._ready.set()
        elif kind == PUBACK:
            self._unacknowledged.discard(int.from_bytes(body[:2], "big"))
            if not self._unacknowledged:
                self._settled.set()
        elif kind == PUBLISH:
            topic, payload, packet_id = published(flags, body)
            if packet_id is not None:
                self._write(puback(packet_id))
            for _site, told in receipts_in([(topic, payload)], self._topics):
                waiting = self._waiting.get(told.session_id)
                if waiting is not None:
                    waiting.set((told, payload, time.perf_counter()))

    def _beat(self) -> None:
        with contextlib.suppress(LinkError):  # noted by `_write`
            self._write(PINGREQ)

    def _lose(self, why: str) -> None:
        """Everybody who waits gets to know."""
        self.gone = self.gone or why
        lost = LinkError(self.gone)
        if not self._ready.ready():
            self._ready.set_exception(lost)
        for waiting in self._waiting.values():
            if not waiting.ready():
                waiting.set_exception(lost)
        self._settled.set()

    def _write(self, data: bytes) -> None:
        if self.gone is not None:
            raise LinkError(self.gone)
        with self._writing:
            try:
                self._socket.sendall(data)
            except OSError as error:
                self._lose(f"the connection is gone ({reason_of(error)})")
                raise LinkError(str(self.gone)) from None


def _trusting(ca: str | None) -> Any:
    context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca) if ca else context.load_default_certs()
    return context
