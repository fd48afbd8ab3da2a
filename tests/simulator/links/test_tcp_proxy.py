"""A bad line: nothing is lost or reordered, everything comes as late as the line says."""

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from simulator.links.tcp_proxy import Line, Proxy

LINES = st.builds(
    Line,
    latency_ms=st.integers(0, 20),
    jitter_ms=st.integers(0, 20),
    loss=st.sampled_from([0.0, 0.05]),
    bandwidth=st.sampled_from([None, 500_000]),
)


async def echoed(line: Line, data: bytes) -> tuple[bytes, float]:
    """What comes back through a proxy from a peer that echoes, and the seconds it took."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(4_096):
            writer.write(some)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    peer = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy("127.0.0.1", peer.sockets[0].getsockname()[1])
    proxy.line = line
    front = await asyncio.start_server(proxy.forward, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", front.sockets[0].getsockname()[1])
    began = asyncio.get_running_loop().time()
    writer.write(data)
    back = await reader.readexactly(len(data))
    took = asyncio.get_running_loop().time() - began
    writer.close()
    await writer.wait_closed()
    while proxy.open:
        await asyncio.sleep(0.001)
    for server in (front, peer):
        server.close()
        await server.wait_closed()
    return back, took


@given(line=LINES, data=st.binary(min_size=1, max_size=6_000))
def test_what_goes_in_comes_out(line: Line, data: bytes) -> None:
    back, took = asyncio.run(echoed(line, data))
    assert back == data
    assert took >= 2 * line.latency_ms / 1_000


def test_bandwidth_and_latency_hold_both_ways() -> None:
    _, took = asyncio.run(echoed(Line(latency_ms=50, bandwidth=50_000), b"x" * 5_000))
    assert took >= 2 * 0.05 + 0.1  # the way back begins before the way there is over


def test_a_lost_packet_comes_a_retransmission_later() -> None:
    draws = [Line(loss=0.5).delay_s(random.Random(seed)) for seed in range(200)]
    assert {0.0, 0.2} < set(draws)
    assert any(abs(delay - 0.6) < 1e-9 for delay in draws)
