"""What devices of other makers say: names, values and switches that a reader has to expect."""

from typing import Any

import msgspec
import pytest

from gateway.vault.in_memory import InMemoryVault
from gateway.wire import (
    Mute,
    SessionStart,
)
from tests.gateway.voices import outcomes, request, settled
from tests.gateway.world import FACTS, TOPICS, World

NAMES = [
    "living.room",
    "living room",
    "küche",
    "urn:site:7",
    "キッチン",
    "a" * 65,
    "b" * 200,
    "é" * 512,
    " x ",
    "S30",
    "$SYS",
]


@pytest.mark.parametrize("name", NAMES)
def test_b02_b03_any_level_of_a_topic_is_a_name(name: str) -> None:
    world = World(vault=InMemoryVault({name: FACTS, "kitchen": FACTS}))
    session = f"{name}-alexa-1"[:512]
    world.say(session, loud=True, site=name)
    world.hear(session, site=name)
    world.now += 100
    answers = world.service.settle()
    assert [topic for topic, _ in answers] == [f"earlid/{name}/receipt"]
    assert outcomes(answers) == [(session, "kept", "wake_word")]


def test_b03_a_name_too_long_is_answered_where_it_can_be_and_counted() -> None:
    world, name = World(), "n" * 513
    answers = world.service.handle(
        TOPICS.device("kitchen", "session/start"),
        msgspec.json.encode({"sessionId": name, "atMs": 1, "trigger": "wake"}),
    )
    assert outcomes(answers) == [(name, "incomplete", "bad_message")]
    assert world.service.handle(TOPICS.frame("kitchen", name), b"") == []
    assert world.service.handle(TOPICS.device(name, "session/start"), b"{}") == []
    assert world.service.counts["bad_name"] == 2


GOOD: dict[str, dict[str, Any]] = {
    "session/start": {"sessionId": "s", "atMs": 5_000, "trigger": "wake"},
    "session/end": {"sessionId": "s", "atMs": 9_000, "frames": 40},
    "button": {"sessionId": "s", "atMs": 5_000},
}


BAD = {
    "a fraction": b"5000.5",
    "text": b'"5000"',
    "no number": b".5",
    "nothing": b"null",
    "beyond any clock": b"1e300",
    "not whole": b"NaN",
}


def spoilt(what: str, value: bytes) -> bytes:
    return (
        msgspec.json.encode(GOOD[what])
        .replace(b'"atMs":5000', b'"atMs":' + value)
        .replace(b'"atMs":9000', b'"atMs":' + value)
    )


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("what", GOOD)
def test_b32_what_cannot_be_read_is_said_at_once_and_once(what: str, value: str) -> None:
    world = World()
    if what != "session/start":
        world.tell("session/start", msgspec.convert(GOOD["session/start"], SessionStart))
    answers = world.service.handle(TOPICS.device("kitchen", what), spoilt(what, BAD[value]))
    assert outcomes(answers) == [("s", "incomplete", "bad_message")]
    assert world.service.counts["bad_message"] == 1
    world.say("other", loud=True)
    world.hear("other")
    assert world.receipts() == [("kept", "wake_word")], "nothing more of the session is said"
    world.say("s", loud=True)
    world.hear("s")
    assert world.receipts() == [("kept", "wake_word")], "sent again, as it should be"


def test_b32_frames_and_end_after_a_bad_start_are_not_answered_again() -> None:
    world = World()
    world.service.handle(TOPICS.device("kitchen", "session/start"), spoilt("session/start", b".5"))
    end = spoilt("session/end", b"null")
    assert world.service.handle(TOPICS.device("kitchen", "session/end"), end) == []
    assert world.receipts() == []
    assert world.service.held_bytes == 0


def test_b32_a_bad_message_after_the_end_takes_nothing_back() -> None:
    world = World()
    world.say("s", loud=True)
    assert world.service.handle(TOPICS.device("kitchen", "session/end"), spoilt("session/end", b"null")) == []
    world.hear("s")
    assert world.receipts() == [("kept", "wake_word")]


@pytest.mark.parametrize("value", [b"5000", b"5000.0", b"5e3", b"5.0E+3"])
def test_b32_a_whole_number_is_read_however_it_is_written(value: bytes) -> None:
    world = World()
    world.service.handle(TOPICS.device("kitchen", "session/start"), spoilt("session/start", value))
    end = b'{"sessionId": "s", "atMs": ' + value + b', "frames": 0.0}'
    world.service.handle(TOPICS.device("kitchen", "session/end"), end)
    assert world.receipts() == [("dropped", "empty")]


@pytest.mark.parametrize("payload", [b"", b"hello", b"[]", b"\xff", b"{}", b'{"sessionId": 7}', b"[" * 9_000])
@pytest.mark.parametrize("what", GOOD)
def test_b32_a_message_that_names_no_session_is_answered_without_one(what: str, payload: bytes) -> None:
    world = World()
    assert outcomes(world.service.handle(TOPICS.device("kitchen", what), payload)) == [
        ("", "incomplete", "bad_message")
    ]


def test_b36_a_switch_of_another_device_than_was_meant_is_counted() -> None:
    """Case counts in a name: S30 is not s30. The operator is told that nobody has it."""
    world = World(vault=InMemoryVault({"s30": FACTS}))
    world.tell("mute", Mute(muted=True, at_ms=1), "S30")
    world.say("s", loud=True, site="s30")
    world.hear("s", site="s30")
    assert world.receipts() == [("kept", "wake_word")]
    assert world.service.counts["unknown_switch"] == 1


@pytest.mark.parametrize(("apart_ms", "clips"), [(0, 1), (1_500, 1), (2_500, 2)])
def test_b13_clocks_of_a_home_further_apart_than_the_refractory_time_make_two_clips(apart_ms: int, clips: int) -> None:
    """As documented: unless the transcripts are equal, and then within the refractory time as well."""
    world = World(vault=InMemoryVault({"kitchen": FACTS, "bedroom": FACTS}))
    request(world, "a", 1, at_ms=50_000)
    request(world, "b", 1, at_ms=50_000 + apart_ms, site="bedroom")
    settled(world)
    assert len(world.shelf.clips) == clips


@pytest.mark.parametrize("late", [True, False])
def test_b01_a_switch_said_while_nobody_listened_counts(late: bool) -> None:
    """As the broker hands it over: kept for a lasting session or retained (late), or said just now."""
    world = World()
    world.service.handle(TOPICS.device("kitchen", "mute"), b'{"muted": true, "atMs": 5}', late=late)
    world.service.handle(TOPICS.device("kitchen", "mute"), b'{"muted": false, "atMs": 4}', late=late)
    world.say("s", loud=True)
    assert world.receipts() == [("dropped", "muted")]
