"""Hostile devices that send far more than fits, each over a connection of its own, and what it does to a gateway."""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from gateway.wire import AudioFrame, SessionEnd, SessionStart, Topics, encode_frame, encode_json
from scenarios.run.broker import Broker
from simulator.links.mqtt_packets import connect

FRAMES, PCM_BYTES = 14, 2_560


@dataclass
class Flood:
    """`sent` messages and seconds of sending so far, by all devices."""

    over: threading.Event = field(default_factory=threading.Event)
    sent: list[int] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return sum(self.sent)


def _packet(topic: str, payload: bytes) -> bytes:
    """PUBLISH, at most once: nobody waits for an acknowledgement."""
    body = struct.pack(">H", len(topic)) + topic.encode() + payload
    length, size = b"", len(body)
    while size or not length:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
    return b"\x30" + length + body


def sessions(site: str, pcm: bytes, count: int) -> bytes:
    """Whole sessions of one device as packets, one after another."""
    topics, made = Topics(), b""
    for number in range(count):
        name = f"flood-{site}-{number}"
        start = SessionStart(session_id=name, at_ms=5_000 * number, trigger="wake")
        made += _packet(topics.device(site, "session/start"), encode_json(start))
        for seq in range(FRAMES):
            frame = AudioFrame(pcm=pcm[seq * PCM_BYTES : (seq + 1) * PCM_BYTES], seq=seq, at_ms=seq)
            made += _packet(topics.frame(site, name), encode_frame(frame))
        end = SessionEnd(session_id=name, at_ms=0, frames=FRAMES)
        made += _packet(topics.device(site, "session/end"), encode_json(end))
    return made


@contextmanager
def flooding(broker: Broker, sounds: dict[str, bytes], *, sessions_per_s: float) -> Iterator[Flood]:
    """Every site of `sounds` sends its sessions again and again until the end, all together at that rate."""
    flood, host = Flood(sent=[0] * len(sounds)), ("127.0.0.1", int(broker.url.rsplit(":", 1)[1]))
    a_turn = 20

    def pour(number: int, site: str, pcm: bytes) -> None:
        packets = sessions(site, pcm, a_turn)
        pause = a_turn * len(sounds) / sessions_per_s
        with socket.create_connection(host) as line:
            line.sendall(connect(f"flood-{site}", site, broker.passwords[site], None, 60))
            line.recv(4)
            due = time.monotonic()
            while not flood.over.is_set():
                line.sendall(packets)
                flood.sent[number] += a_turn * (FRAMES + 2)
                due += pause
                flood.over.wait(max(0.0, due - time.monotonic()))

    threads = [threading.Thread(target=pour, args=(n, *each), daemon=True) for n, each in enumerate(sounds.items())]
    for thread in threads:
        thread.start()
    try:
        yield flood
    finally:
        flood.over.set()
        for thread in threads:
            thread.join(5)


class Memory:
    """Resident megabytes of processes, looked at whenever `look` is called."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self.seen: dict[str, list[float]] = {name: [] for name in pids}

    def look(self) -> None:
        for name, process in self._processes.items():
            self.seen[name].append(process.memory_info().rss / 1e6)

    def halves(self, name: str) -> tuple[float, float]:
        """The most in the first and in the second half."""
        seen: Sequence[float] = self.seen[name]
        return max(seen[: len(seen) // 2]), max(seen[len(seen) // 2 :])
