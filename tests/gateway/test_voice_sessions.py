"""Sessions as other makers' devices send them: ids used again, clocks that lie, several microphones of a home."""

from typing import Any

import numpy as np
import pytest

from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
from gateway.wire import (
    Mute,
    SessionEnd,
    SessionStart,
)
from tests.gateway.voices import AGAIN, KEPT, QUIET, TALK, WORD, numbered, outcomes, request, settled, sound
from tests.gateway.world import FACTS, TOPICS, World, without_second_stage


@pytest.mark.parametrize("heard", [True, False])
def test_b04_another_request_under_an_id_used_before_is_decided_and_stored(heard: bool) -> None:
    world = World()
    for seed in (1, 2, 3):
        request(world, "constant", seed, at_ms=20_000 * seed)
        if heard:
            world.hear("constant")
        assert settled(world) == [KEPT]
    request(world, "constant", 2, at_ms=40_000)
    assert settled(world) == [AGAIN]
    assert len(world.shelf.clips) == 3
    assert all((clip.wav is not None) == heard for clip in world.shelf.clips.values())


def test_b04_while_the_first_still_waits_neither_is_lost_and_no_words_go_astray() -> None:
    world = World()
    request(world, "constant", 1, at_ms=10_000)
    request(world, "constant", 2, at_ms=30_000)
    world.hear("constant")
    assert settled(world) == [KEPT, KEPT]
    assert len(world.shelf.clips) == 2
    assert [clip.transcript for clip in world.shelf.clips.values()] == [None, None], "whose words they are is not known"
    assert world.service.held_bytes == 0


def test_b04_the_first_has_its_words_and_so_has_the_second() -> None:
    world = World()
    request(world, "constant", 1, at_ms=10_000, end=False)
    world.hear("constant")
    world.tell("session/end", SessionEnd(session_id="constant", at_ms=1, frames=20))
    request(world, "constant", 2, at_ms=30_000)
    world.hear("constant", words="alexa lights off")
    assert settled(world) == [KEPT, KEPT]
    assert [clip.transcript for clip in world.shelf.clips.values()] == ["alexa call [contact]", "alexa lights off"]


def test_b04_the_same_sent_again_while_it_waits_is_one() -> None:
    world = World()
    request(world, "s", 1)
    request(world, "s", 1)
    world.hear("s")
    assert settled(world) == [KEPT]
    (clip,) = world.shelf.clips.values()
    assert clip.wav is not None


def test_b04_a_whole_session_outlives_a_broken_second_try() -> None:
    world = World()
    request(world, "s", 1)
    world.hear("s")
    request(world, "s", 2, end=False)
    assert sorted(settled(world, 12.0)) == [("incomplete", "timed_out"), KEPT]


def test_b04_the_switch_reaches_all_of_an_id() -> None:
    world = World()
    request(world, "constant", 1, at_ms=10_000)
    request(world, "constant", 2, at_ms=30_000)
    world.tell("mute", Mute(muted=True, at_ms=1))
    assert settled(world) == [("dropped", "muted")] * 2


def test_b04_an_id_used_without_end_is_answered_busy_and_holds_no_more() -> None:
    world, answers = World(), []
    for seed in range(20):
        start = SessionStart(session_id="constant", at_ms=seed, trigger="wake")
        answers += outcomes(world.tell("session/start", start))
        request(world, "constant", seed, at_ms=20_000 * seed)
    assert ("constant", "busy", "overloaded") in answers
    assert world.service.held_bytes <= 10 * 20 * 2_560
    assert KEPT in settled(world, 12.0)
    assert world.service.held_bytes == 0


CLOCKS: dict[str, dict[str, Any]] = {
    "no clock": {"at_ms": [0, 0, 0], "step_ms": -1},
    "a clock that starts with each session": {"at_ms": [0, 0, 0], "step_ms": 80},
    "a clock that stands": {"at_ms": [1_700_000_000_000] * 3, "step_ms": 0},
    "a clock set back by 17 s": {"at_ms": [100_000, 100_500, 101_000], "step_ms": 80},
    "a clock set back by more": {"at_ms": [100_000, 99_000, 98_900], "step_ms": 80},
}


@pytest.mark.parametrize("apart_s", [5.0, 17.0, 20.0, 60.0])
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("seeds", [(1, 2, 3), (1, 1, 1)], ids=["three requests", "one request three times"])
def test_b05_a_clock_that_lies_loses_no_request(clock: str, apart_s: float, seeds: tuple[int, ...]) -> None:
    world, told = World(), CLOCKS[clock]
    for number, (seed, at_ms) in enumerate(zip(seeds, told["at_ms"], strict=True)):
        request(world, f"s{number}", seed, at_ms=at_ms, step_ms=told["step_ms"])
        world.hear(f"s{number}")
        assert settled(world, 0.0) == [KEPT], number
        world.now += apart_s
    assert len(world.shelf.clips) == 3


@pytest.mark.parametrize("clock", CLOCKS)
def test_b05_one_utterance_of_a_clock_that_lies_is_still_one(clock: str) -> None:
    """The device fires again within its refractory time, three times over."""
    world, told = World(), CLOCKS[clock]
    for number in range(3):
        for again in range(2):
            name = f"s{number}-{again}"
            request(world, name, number, at_ms=told["at_ms"][number] + 200 * again * (told["step_ms"] > 0))
            world.hear(name)
            assert settled(world, 0.0) == [KEPT if not again else ("dropped", "refractory")], name
            world.now += 1.0
        world.now += 15.0


def test_b05_a_session_sent_again_late_is_the_one_it_was() -> None:
    """Its first try came at once, broken: the gateway knows since when it has been under way."""
    world = World()
    request(world, "s1", 1)
    world.hear("s1")
    request(world, "s2", 2, at_ms=5_500, end=False)
    assert settled(world, 0.0) == [KEPT]
    assert settled(world, 11.0) == [("incomplete", "timed_out")]
    request(world, "s2", 2, at_ms=5_500)
    world.hear("s2")
    assert settled(world, 0.0) == [("dropped", "refractory")]


def whole_session(world: World, site: str, pcm: bytes, at_ms: int, *, end: bool = True) -> None:
    world.tell("session/start", SessionStart(session_id=site, at_ms=at_ms, trigger="wake"), site)
    payloads = numbered(pcm, at_ms=at_ms)
    for payload in payloads:
        world.service.handle(TOPICS.frame(site, site), payload)
    if end:
        world.tell("session/end", SessionEnd(session_id=site, at_ms=at_ms, frames=len(payloads)), site)


GOOD_COPY = sound(QUIET, WORD, TALK, QUIET)


COPIES = {
    "noisier": sound((1.0, 1_500.0), WORD, TALK, (1.0, 1_500.0)),
    "quieter, in the same noise": sound((1.0, 300.0), WORD, (1.2, 1_200.0), (1.0, 300.0)),
    "overdriven": (np.clip(np.frombuffer(GOOD_COPY, "<i2").astype(int) * 9, -32_768, 32_767)).astype("<i2").tobytes(),
}


@pytest.mark.parametrize("worse", COPIES)
@pytest.mark.parametrize("good_is", ["first", "last"])
@pytest.mark.parametrize("heard", [True, False])
def test_b10_of_a_homes_microphones_the_best_copy_is_kept(worse: str, good_is: str, heard: bool) -> None:
    sites = ("good", "poor") if good_is == "first" else ("poor", "good")
    rules = without_second_stage("strict", refractory_ms=2_000)
    world = World(rules, vault=InMemoryVault(dict.fromkeys(sites, FACTS)))
    for number, site in enumerate(sites):
        whole_session(world, site, GOOD_COPY if site == "good" else COPIES[worse], 50_000 + 300 * number, end=False)
    said = []
    for site in sites:  # the one that is decided first is not the one that is kept for it
        frames = -(-len(GOOD_COPY) // 2_048)
        world.tell("session/end", SessionEnd(session_id=site, at_ms=60_000, frames=frames), site)
        if heard:
            world.hear(site, "alexa switch on the lights", site=site)
        said += outcomes(world.service.settle())
    world.now += 7
    said += outcomes(world.service.settle())
    assert sorted(said) == [("good", *KEPT), ("poor", "dropped", "heard_elsewhere")]
    assert len(world.shelf.clips) == 1


def test_b10_a_session_that_never_ends_does_not_hold_the_others_for_ever() -> None:
    world = World(without_second_stage("strict"), vault=InMemoryVault(dict.fromkeys(("good", "poor"), FACTS)))
    whole_session(world, "good", GOOD_COPY, 50_000)
    whole_session(world, "poor", COPIES["noisier"], 50_000, end=False)
    world.hear("good", site="good")
    assert settled(world, 1.0) == []
    assert KEPT in settled(world, 11.0)


def test_b10_another_homes_open_session_holds_nobody() -> None:
    other = SiteFacts(household_key="other", consent=True)
    world = World(without_second_stage("strict"), vault=InMemoryVault({"good": FACTS, "poor": other}))
    whole_session(world, "good", GOOD_COPY, 50_000)
    whole_session(world, "poor", COPIES["noisier"], 50_000, end=False)
    world.hear("good", site="good")
    assert settled(world, 0.0) == [KEPT]
