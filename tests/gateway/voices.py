"""What the tests of voice cases share."""

from typing import Any

import numpy as np

from gateway.wire import (
    AudioFrame,
    Receipt,
    SessionEnd,
    SessionStart,
    decode_json,
    encode_frame,
)
from tests.gateway.world import TOPICS, World


def outcomes(answers: list[tuple[str, bytes]]) -> list[tuple[str, str, str]]:
    found = [decode_json(payload, Receipt) for topic, payload in answers if topic.endswith("/receipt")]
    return [(receipt.session_id, receipt.outcome, receipt.reason) for receipt in found]


def request(
    world: World, session: str, seed: int, *, at_ms: int = 5_000, step_ms: int = 80, site: str = "kitchen", **more: Any
) -> None:
    """A request that no other seed's sounds like, loud enough for the detector of known answers."""
    rng = np.random.default_rng(seed)
    levels = 25_000 / 2.0 ** rng.uniform(0, 9, 20)
    levels[:4] = 25_000
    world.tell("session/start", SessionStart(session_id=session, at_ms=at_ms, trigger="wake"), site)
    for seq in range(20):
        pcm = (levels[seq] * np.repeat(rng.choice((-1, 1), 320), 4)).astype("<i2").tobytes()
        numbers: dict[str, Any] = {"seq": seq, "at_ms": at_ms + step_ms * seq} if step_ms >= 0 else {}
        world.service.handle(TOPICS.frame(site, session), encode_frame(AudioFrame(pcm=pcm, **numbers)))
    if more.get("end", True):
        world.tell("session/end", SessionEnd(session_id=session, at_ms=at_ms, frames=20), site)


def settled(world: World, wait_s: float = 7.0) -> list[tuple[str, str]]:
    world.now += wait_s
    return [(outcome, reason) for _, outcome, reason in outcomes(world.service.settle())]


KEPT, AGAIN = ("kept", "wake_word"), ("kept", "already_kept")


def sound(*parts: tuple[float, float], seed: int = 1) -> bytes:
    """Noise of (seconds, loudness) one after another; what is louder than 20,000 has the wake word."""
    rng = np.random.default_rng(seed)
    made = [np.clip(rng.normal(0, loud, int(s * 16_000)), -25_000, 25_000) for s, loud in parts]
    return np.concatenate(made).astype("<i2").tobytes()


WORD, TALK, QUIET, PAUSE = (0.5, 14_000.0), (1.2, 3_000.0), (1.0, 30.0), (1.6, 30.0)


def numbered(pcm: bytes, *, at_ms: int = 0) -> list[bytes]:
    return [
        encode_frame(AudioFrame(pcm=pcm[at : at + 2_048], seq=seq, at_ms=at_ms + 64 * seq))
        for seq, at in enumerate(range(0, len(pcm), 2_048))
    ]
