"""Messages in the right shape that no honest device sends: nothing is kept of them, and nobody else is harmed."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire import AudioFrame, Button, Mute, SessionEnd, SessionStart, encode_frame
from tests.gateway.world import TOPICS, World, without_second_stage

BIG = st.one_of(st.integers(), st.sampled_from([0, -1, 2**31, 2**53, 2**63, 2**64, 10**30]))
STRANGE = st.one_of(
    BIG, st.text(max_size=5), st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
DEVICE = ("session/start", "session/end", "button", "mute", "context")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(DEVICE),
            st.fixed_dictionaries(
                {"sessionId": st.sampled_from(["s", "t", "s\n", "", "x" * 65])},
                optional={
                    "atMs": BIG,
                    "frames": BIG,
                    "trigger": st.sampled_from(["wake", "button", "hum"]),
                    "muted": STRANGE,
                    "serial": STRANGE,
                    "latitude": STRANGE,
                },
            ),
        ),
        max_size=8,
    ),
    st.integers(0, 3),
)
def test_messages_of_the_right_shape_with_absurd_values_harm_nobody(
    messages: list[tuple[str, dict[str, Any]]], frames: int
) -> None:
    world = World()
    for seq in range(frames):
        frame = AudioFrame(pcm=bytes(2_560), seq=seq, at_ms=seq)
        world.service.handle(TOPICS.frame("kitchen", "s"), encode_frame(frame))
    for what, message in messages:
        world.service.handle(TOPICS.device("kitchen", what), msgspec.json.encode(message))
        world.service.settle()
    world.receipts()
    assert not any(reason.startswith("broke:") for reason in world.service.counts)
    assert world.shelf.clips == {}
    world.tell("mute", Mute(muted=False, at_ms=2**53))  # later than any off
    world.say("after", loud=True)
    assert world.receipts()[-1] == ("kept", "wake_word")


def test_a_device_whose_clock_stands_still_is_heard_again_later() -> None:
    world = World(without_second_stage("strict", refractory_ms=2_000))
    world.say("s1", loud=True)
    assert world.receipts() == [("kept", "wake_word")]
    world.say("s2", loud=True)
    world.now += 10.0
    assert world.receipts() == [("kept", "wake_word")]


@pytest.mark.parametrize("payload", [b'{"muted": true}', b'{"muted": "yes", "atMs": 1}', b'{"mute": true}', b"", b"{"])
def test_a_switch_that_cannot_be_read_is_off(payload: bytes) -> None:
    world = World()
    world.service.handle(TOPICS.device("kitchen", "mute"), payload)
    assert world.service.counts["bad_message"] == bool(payload)  # an empty one takes back what was retained
    world.say("s1", loud=True)
    assert world.receipts() == [("dropped", "muted")]


def test_a_press_is_not_washed_away_by_other_devices_presses() -> None:
    world = World()
    world.tell("button", Button(session_id="s1", at_ms=5_100))
    for number in range(5_000):
        world.tell("button", Button(session_id=f"h{number}", at_ms=1), "quiet")
    world.say("s1", loud=False, button=False)
    assert world.receipts() == [("dropped", "no_wake_word")]
    world.tell("button", Button(session_id="s2", at_ms=5_100))
    for number in range(5_000):
        world.tell("button", Button(session_id=f"h{number}", at_ms=1), "quiet")
    world.tell("session/start", SessionStart(session_id="s2", at_ms=5_000, trigger="button"))
    for seq in range(5):
        frame = AudioFrame(pcm=bytes(2_560), seq=seq, at_ms=5_000 + 80 * seq)
        world.service.handle(TOPICS.frame("kitchen", "s2"), encode_frame(frame))
    world.tell("session/end", SessionEnd(session_id="s2", at_ms=6_000, frames=5))
    assert world.receipts() == [("kept", "button")]


def test_a_question_waits_for_a_session_that_starts_over_and_not_for_ever() -> None:
    world = World()
    world.say("s1", loud=True)
    assert world.service.handle(TOPICS.watermark("ask", "t"), b"{}") == []
    answers = []
    for _ in range(200):
        world.say("s1", loud=True)
        world.now += 0.4
        answers += [topic for topic, _ in world.service.settle()]
        if TOPICS.watermark("reached", "t") in answers:
            break
    assert TOPICS.device("kitchen", "receipt") in answers
    assert answers.index(TOPICS.device("kitchen", "receipt")) < answers.index(TOPICS.watermark("reached", "t"))


def test_what_comes_late_for_a_session_that_was_answered_opens_no_other() -> None:
    world = World()
    world.say("s1", loud=False)
    assert world.receipts() == [("dropped", "no_wake_word")]
    late = AudioFrame(pcm=np.full(1_280, 26_000, np.int16).tobytes(), seq=39, at_ms=8_000)
    world.service.handle(TOPICS.frame("kitchen", "s1"), encode_frame(late))
    world.tell("session/end", SessionEnd(session_id="s1", at_ms=9_000, frames=40))
    world.service.shed(TOPICS.frame("kitchen", "s1"))
    assert world.receipts() == []
    assert world.service.held_bytes == 0


@pytest.mark.parametrize("lost", [TOPICS.frame("kitchen"), TOPICS.device("kitchen", "mute"), ""])
def test_what_was_lost_on_the_way_is_assumed_to_have_been_the_worst(lost: str) -> None:
    world = World()
    rng = np.random.default_rng(1)
    shout = rng.uniform(-30_000, 30_000, 8_192).astype(np.int16).tobytes()
    for at in range(0, len(shout), 2_048):
        world.service.handle(TOPICS.frame("kitchen"), encode_frame(AudioFrame(pcm=shout[at : at + 2_048])))
    assert world.service.held_bytes > 8_192
    world.service.shed(lost, "kitchen")
    assert world.service.held_bytes == 0
    world.say("s1", loud=True)
    assert world.receipts() == [("kept", "wake_word") if lost.startswith("hermes") else ("dropped", "muted")]


def test_an_unreadable_frame_in_a_stream_joins_nothing() -> None:
    world = World()
    world.service.handle(TOPICS.frame("kitchen"), encode_frame(AudioFrame(pcm=bytes(2_048))))
    assert world.service.held_bytes > 0
    world.service.handle(TOPICS.frame("kitchen"), b"RIFF")
    assert world.service.held_bytes == 0
    world.service.handle(TOPICS.frame("kitchen"), encode_frame(AudioFrame(pcm=bytes(2_048))))
    world.tell("mute", Mute(muted=True, at_ms=1))
    assert world.service.held_bytes == 0


def test_frames_that_waited_together_do_not_hide_a_pause_between_them() -> None:
    world = World()
    rng = np.random.default_rng(1)
    for at in range(4):
        pcm = rng.uniform(-300, 300, 8_192).astype(np.int16).tobytes()
        world.service.handle(TOPICS.frame("kitchen"), encode_frame(AudioFrame(pcm=pcm)), came=0.5 * at + (at > 1))
    assert world.service.counts["stream_gap"] == 1
    world.now += 5.0  # the worker was busy; the network was not
    world.service.handle(TOPICS.frame("kitchen"), encode_frame(AudioFrame(pcm=bytes(2_048))), came=2.9)
    assert world.service.counts["stream_gap"] == 1
