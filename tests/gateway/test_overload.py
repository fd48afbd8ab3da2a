"""Ten times more than fits: bounded memory, `busy` for what is let go of, and nobody starved by one device."""

import tracemalloc
from collections import Counter

import numpy as np

from gateway.intake.fair_queue import FairQueue
from gateway.wire import AudioFrame, Receipt, SessionEnd, SessionStart, decode_json, encode_frame, encode_json
from tests.gateway.world import TOPICS, World

LOUD = np.random.default_rng(1).integers(-25_000, 25_000, 30_000).astype("<i2").tobytes()


class Door:
    """An inbox of 2 MB before a gateway that takes in one message while ten arrive."""

    def __init__(self) -> None:
        self.box, self.world = FairQueue(most_bytes=2_000_000, most_per_device=200_000), World()
        self.said: Counter[tuple[str, str, str]] = Counter()

    def arrive(self, topic: str, payload: bytes) -> None:
        self.box.put(TOPICS.device_of(topic), topic, payload)

    def work(self, messages: int) -> None:
        """A turn of the gateway's worker."""
        answers = [answer for came in self.box.take(0, messages) for answer in self.world.service.take(came)]
        self.world.now += 0.01
        for topic, payload in answers + self.world.service.settle():
            if topic.endswith("receipt"):
                receipt = decode_json(payload, Receipt)
                self.said[topic.split("/")[1], receipt.session_id, receipt.outcome] += 1


def session(site: str, name: str, at_ms: int) -> list[tuple[str, bytes]]:
    frames = [LOUD[at : at + 2_560] for at in range(0, len(LOUD), 2_560)]
    sent = [(TOPICS.device(site, "session/start"), SessionStart(session_id=name, at_ms=at_ms, trigger="wake"))]
    messages = [(topic, encode_json(message)) for topic, message in sent]
    for seq, pcm in enumerate(frames):
        frame = AudioFrame(pcm=pcm, seq=seq, at_ms=at_ms + 80 * seq)
        messages.append((TOPICS.frame(site, name), encode_frame(frame)))
    end = SessionEnd(session_id=name, at_ms=at_ms, frames=len(frames))
    return [*messages, (TOPICS.device(site, "session/end"), encode_json(end))]


def flood(door: Door, rounds: int) -> int:
    """Frames of ever new sessions of one known device, ten for every message the worker takes; the most memory."""
    peak = 0
    for number in range(rounds):
        for at in range(10):
            name = f"h{(number * 10 + at) // 40}"
            frame = AudioFrame(pcm=LOUD[: 20_000 + number % 7], seq=at, at_ms=at)
            door.arrive(TOPICS.frame("quiet", name), encode_frame(frame))
        door.work(1)
        peak = max(peak, door.box.held_bytes + door.world.service.held_bytes)
    return peak


def test_a_flood_of_one_device_leaves_the_others_their_turn() -> None:
    door = Door()
    flood(door, 200)
    for message in session("kitchen", "mine", 5_000):
        door.arrive(*message)
        flood(door, 1)
    for _ in range(2_000):
        door.work(1)
    assert door.said["kitchen", "mine", "kept"] == 1
    assert len(door.world.shelf.clips) == 1
    assert not any(site == "quiet" and outcome == "kept" for site, _, outcome in door.said)
    assert any(site == "quiet" and outcome == "busy" for site, _, outcome in door.said)


def test_memory_is_flat_under_ten_times_the_load() -> None:
    door = Door()
    tracemalloc.start()
    first = flood(door, 300)
    early = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    later = flood(door, 1_500)
    late = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert later <= 1.2 * first + 100_000
    assert late <= 1.3 * early + 1_000_000
    assert door.world.service.counts["shed_message"] > 1_000
