"""A bad line at the TCP level: a process that forwards connections to a broker, later, slower, with pauses.

`python -m simulator.links.tcp_proxy HOST PORT` listens on two loopback ports and prints them. One forwards. The other
takes a `Line` as one line of JSON and answers `ok` when it holds. TCP loses nothing: a packet that is lost comes a
retransmission later, and everything behind it waits. So does it here.
"""

import asyncio
import contextlib
import random
import socket
import sys

import msgspec

READY = "proxy ready on "
_CHUNK = 1_460  # bytes; a packet of an Ethernet's size
_RETRANSMIT_S = 0.2  # the shortest retransmission time-out of Linux (TCP_RTO_MIN)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Each way: `latency_ms` and up to `jitter_ms` more, `bandwidth` bytes a second (None: no limit), and the share
    `loss` of packets that come a retransmission later."""

    latency_ms: int = 0
    jitter_ms: int = 0
    loss: float = 0.0
    bandwidth: int | None = None

    def delay_s(self, draw: random.Random) -> float:
        """Seconds until a packet arrives."""
        seconds = (self.latency_ms + draw.random() * self.jitter_ms) / 1_000
        wait = _RETRANSMIT_S
        while draw.random() < self.loss:
            seconds += wait
            wait *= 2
        return seconds


class Proxy:
    """Forwards to one address. `line` may change at any time; it holds for what comes from then on."""

    def __init__(self, host: str, port: int, *, seed: int = 1) -> None:
        self.line, self.open = Line(), 0  # connections now
        self._to = (host, port)
        self._draw = random.Random(seed)

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self.open += 1
        try:
            await self._both_ways(reader, writer)
        finally:
            self.open -= 1

    async def _both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._to)
        except OSError:
            await _closed(writer)
            return
        ways = [asyncio.create_task(self._pump(reader, back)), asyncio.create_task(self._pump(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _closed(back)
            await _closed(writer)

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.readline():
            self.line = msgspec.json.decode(said, type=Line)
            writer.write(b"ok\n")
            await writer.drain()
        await _closed(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Order is kept: no packet overtakes another."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=4_096)
        late = asyncio.create_task(self._deliver(waiting, writer))
        clock, free_at, last = asyncio.get_running_loop(), 0.0, 0.0
        try:
            while data := await reader.read(_CHUNK):
                now, line = clock.time(), self.line
                free_at = max(free_at, now) + (len(data) / line.bandwidth if line.bandwidth else 0.0)
                last = max(last, free_at + line.delay_s(self._draw))
                await waiting.put((last, data))
            await waiting.put((last, b""))
            await late
        finally:
            late.cancel()

    async def _deliver(self, waiting: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop()
        while True:
            due, data = await waiting.get()
            if (ahead := due - clock.time()) > 0:
                await asyncio.sleep(ahead)
            if not data:
                return
            writer.write(data)
            await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def set_line(control_port: int, line: Line) -> None:
    """Change the line of a running proxy. Returns when it holds.

    Raises:
        OSError: no proxy answers there.
    """
    with socket.create_connection(("127.0.0.1", control_port), timeout=10) as control:
        control.sendall(msgspec.json.encode(line) + b"\n")
        if not control.recv(16).startswith(b"ok"):
            raise OSError("the proxy did not take the line")


async def _serve(host: str, port: int) -> None:
    proxy = Proxy(host, port)
    servers = [await asyncio.start_server(each, "127.0.0.1", 0) for each in (proxy.forward, proxy.control)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    sys.stdout.write(f"{READY}{ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
