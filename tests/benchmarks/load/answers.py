"""A server that answers fast: `python -m tests.benchmarks.load.answers`. Says its URL in its first line.

/same/<kind> answers the same bytes each time; /fresh/<kind> answers other bytes each time, so that nothing can be
searched once for many answers.
"""

import asyncio
import json
import random
import struct

_RNG = random.Random(3)
_WORDS = "clip light kitchen timer music volume morning weather list alarm song radio news garden window".split()


def _json(size: int) -> bytes:
    rows = [
        {
            "ref": f"{_RNG.getrandbits(64):016x}",
            "text": " ".join(_RNG.choices(_WORDS, k=12)),
            "ms": _RNG.randrange(9_000),
        }
        for _ in range(size // 130 + 1)
    ]
    return json.dumps({"rows": rows}).encode()[:size]


def _wav(size: int) -> bytes:
    data = _RNG.randbytes(size - 44)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", size - 8, b"WAVE") + form + struct.pack("<4sI", b"data", len(data)) + data


BODIES = {"json-1k": _json(1_000), "json-50k": _json(50_000), "wav-200k": _wav(200_000)}


class Answers(asyncio.Protocol):
    """HTTP/1.1 with keep-alive; one request a packet is enough for a load generator on the same machine."""

    def __init__(self) -> None:
        self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        _get, path, _rest = data.split(b" ", 2)
        _, how, kind = path.decode().split("/")
        body = BODIES[kind]
        if how == "fresh":
            self._count += 1
            body = body[:-24] + f"{id(self):012x}{self._count:012d}".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    print(f"ready on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
