"""Hostile devices: each sends what it is called after, the same for one seed, and the real gateway keeps none of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.contract import load_contract
from gateway.gate.wake import KnownAnswers
from gateway.service import Parts, Service
from gateway.vault_door import SiteFacts, VaultMemory
from gateway.wire import MAX_FRAME_BYTES, Topics, WireError, decode_frame
from simulator.hostile import HOSTILE, Site
from simulator.link import MemoryLink

SITE = Site(topics=Topics(), site_id="kitchen")


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def put(self, clip: Any, *, session_key: str, join_tag: str | None = None) -> bool:
        self.kept.append(clip)
        return True

    def has_session(self, session_key: str) -> bool:
        return False


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_it_is_kept_and_the_gateway_goes_on(name: str) -> None:
    shelf, clock = Shelf(), iter(range(10_000_000))
    service = Service(
        Parts(
            contract=load_contract("strict"),
            detector=KnownAnswers(),
            vault=VaultMemory({"kitchen": SiteFacts(household_key="k", consent=True)}),
            store=shelf,
            population={},
            key=b"k" * 32,
            now=lambda: datetime(2019, 4, 10, tzinfo=UTC),
            monotonic=lambda: next(clock) / 1_000,
        )
    )
    link = MemoryLink(lambda topic, payload: service.handle(topic, payload))

    for topic, payload in HOSTILE[name](SITE):
        link.send(topic, payload)
    for _ in range(200):
        [next(clock) for _ in range(1_000)]
        service.settle()

    assert shelf.kept == []
    link.drain()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_same_seed_sends_the_same(name: str) -> None:
    assert list(HOSTILE[name](SITE)) == list(HOSTILE[name](SITE)) != []


def test_broken_frames_are_broken_and_big_ones_big() -> None:
    for name in ("wrong_rate", "malformed_riff", "giant_frames"):
        for topic, payload in HOSTILE[name](SITE):
            if topic.endswith("Frame"):
                with pytest.raises(WireError):
                    decode_frame(payload)
    assert max(len(payload) for _, payload in HOSTILE["giant_frames"](SITE)) > MAX_FRAME_BYTES
