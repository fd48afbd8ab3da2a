"""Hostile devices: each sends what it is called after, the same for one seed, and the real gateway keeps none of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.flow.service import Dependencies, Service
from gateway.gate.wake import KnownAnswers
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
from gateway.wire import MAX_FRAME_BYTES, Topics, WireError, decode_frame
from simulator.device.hostile import HOSTILE, Site
from simulator.links.link import MemoryLink
from tests.gateway.world import without_second_stage

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


LOUD = Site(topics=Topics(), site_id="kitchen", loud=12_000.0)  # what the detector of known answers takes for the word
# Not forged_hints: with the word in its own frames it is a client that speaks Hermes alone, and is kept for the word.
SPOILED = ("no_claim", "wrong_rate", "giant_frames", "malformed_riff", "endless", "many_sessions")


@pytest.mark.parametrize(("name", "site"), [(name, SITE) for name in HOSTILE] + [(name, LOUD) for name in SPOILED])
def test_nothing_of_it_is_kept_and_the_gateway_goes_on(name: str, site: Site) -> None:
    shelf, clock = Shelf(), iter(range(10_000_000))
    service = Service(
        Dependencies(
            contract=without_second_stage("strict"),
            detector=KnownAnswers(),
            vault=InMemoryVault({"kitchen": SiteFacts(household_key="k", consent=True)}),
            store=shelf,
            population={},
            key=b"k" * 32,
            now=lambda: datetime(2019, 4, 10, tzinfo=UTC),
            monotonic=lambda: next(clock) / 1_000,
        )
    )
    link = MemoryLink(lambda topic, payload: service.handle(topic, payload) + service.settle())

    for topic, payload in HOSTILE[name](site):
        link.send(topic, payload)
    for _ in range(200):
        [next(clock) for _ in range(1_000)]
        service.settle()

    assert shelf.kept == []
    link.drain()
    link.send(Topics().device("kitchen", "mute"), b'{"muted": false, "atMs": 1}')
    for topic, payload in HOSTILE["no_wake_word"](LOUD):
        link.send(topic, payload)
    for _ in range(20):
        [next(clock) for _ in range(1_000)]
        service.settle()
    assert len(shelf.kept) == 1, "where the word is in it, it is kept: the test can fail"


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
