"""Clips of one moment wait for each other: a broadcast is dropped in every home, and nobody waits for ever."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
from gateway.wire import AudioFrame, Mute, Receipt, SessionStart, decode_json, encode_frame
from tests.gateway.world import TOPICS, World, without_second_stage


def broadcast_world(homes: int) -> World:
    """A contract that rejects what three homes hear at once; every home has one device."""
    sites = {f"d{n}": SiteFacts(household_key=f"h{n}", consent=True) for n in range(homes)}
    return World(without_second_stage("strict", media_homes=3), InMemoryVault(sites))


def test_a_wake_word_in_many_homes_at_once_is_a_broadcast() -> None:
    world = broadcast_world(4)
    for n in range(4):
        world.tell("session/start", SessionStart(session_id=f"s{n}", at_ms=5_000 + n, trigger="wake"), f"d{n}")
    for n in range(4):
        world.say(f"s{n}", loud=True, site=f"d{n}")
        world.hear(f"s{n}", "alexa what is the weather like", site=f"d{n}")
    assert world.receipts() == [("dropped", "media")] * 4
    assert world.shelf.clips == {}


def test_what_waits_for_its_moment_is_not_settled_and_not_lost() -> None:
    world = broadcast_world(3)
    for n in range(3):
        world.tell("session/start", SessionStart(session_id=f"s{n}", at_ms=5_000, trigger="wake"), f"d{n}")
    world.say("s0", loud=True, site="d0")
    world.hear("s0", "alexa what is the weather like", site="d0")
    assert world.service.settle() == []
    assert world.service.handle(TOPICS.watermark("ask", "t"), b"{}") == []
    world.now += 11.0  # the others never end
    said = [decode_json(payload, Receipt) for topic, payload in world.service.settle() if topic.endswith("receipt")]
    assert sorted((r.outcome, r.reason) for r in said) == [("incomplete", "timed_out")] * 2 + [("kept", "wake_word")]
    assert len(world.shelf.clips) == 1


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 5), st.integers(0, 5))
def test_a_broadcast_is_dropped_in_every_home_in_whatever_order_sessions_end(
    order: list[int], turns: int, alone: int
) -> None:
    """Five homes hear the same; between their ends the gateway settles now and then, and one request is its own."""
    world = broadcast_world(6)
    for n in order:
        world.tell("session/start", SessionStart(session_id=f"s{n}", at_ms=5_000 + 10 * n, trigger="wake"), f"d{n}")
    answers = []
    for place, n in enumerate(order):
        if place == alone:
            world.say("own", loud=True, site="d5", frames=30)
            world.hear("own", "alexa turn on the light", site="d5")
        world.say(f"s{n}", loud=True, site=f"d{n}")
        world.hear(f"s{n}", "alexa what is the weather like", site=f"d{n}")
        if place < turns:
            answers += world.service.settle()
    world.now += 20.0
    answers += world.service.settle()
    said = {r.session_id: r.reason for r in (decode_json(p, Receipt) for t, p in answers if t.endswith("receipt"))}
    assert {said[f"s{n}"] for n in range(5)} == {"media"}
    assert len(world.shelf.clips) == (alone < 5)


TALK = ("alexa call my mother", "alexa lights off please", "alexa play some jazz", "alexa volume up now")


def test_a_broadcast_waits_for_other_homes_but_not_for_ever() -> None:
    """Four homes talk at once; a fifth device, of a home, keeps a session open that began then, by one frame again and
    again: everybody is answered all the same."""
    world = broadcast_world(5)
    world.tell("session/start", SessionStart(session_id="held", at_ms=5_000, trigger="wake"), "d4")
    again = encode_frame(AudioFrame(pcm=bytes(2_560), seq=0, at_ms=5_000))
    for n in range(4):
        world.say(f"s{n}", loud=True, site=f"d{n}")
        world.hear(f"s{n}", TALK[n], site=f"d{n}")
    said = [*world.service.settle()]
    assert world.service.held_bytes > 300_000, "what waits is counted"
    for _ in range(8):
        world.now += 9.0
        world.service.handle(TOPICS.frame("d4", "held"), again)
        said += world.service.settle()
    receipts = {r.session_id: r.reason for r in (decode_json(p, Receipt) for t, p in said if t.endswith("receipt"))}
    assert receipts == {"s0": "wake_word", "s1": "wake_word", "s2": "wake_word", "s3": "wake_word", "held": "timed_out"}
    assert world.service.held_bytes == 0


def test_strangers_at_the_same_moment_are_no_broadcast() -> None:
    world = broadcast_world(1)
    for n in range(6):
        world.tell("session/start", SessionStart(session_id=f"s{n}", at_ms=5_000, trigger="wake"), f"stranger{n}")
    world.say("own", loud=True, site="d0")
    world.hear("own", site="d0")
    (answer,) = world.service.settle()
    assert decode_json(answer[1], Receipt).reason == "wake_word"


def test_mute_reaches_what_the_gate_admitted_a_moment_ago() -> None:
    world = broadcast_world(5)
    for n in range(4):
        world.tell("session/start", SessionStart(session_id=f"s{n}", at_ms=5_000, trigger="wake"), f"d{n}")
    world.say("own", loud=True, site="d4")
    world.hear("own", site="d4")
    assert world.service.settle() == []
    world.tell("mute", Mute(muted=True, at_ms=1), "d4")
    world.tell("mute", Mute(muted=False, at_ms=2), "d4")
    assert ("dropped", "muted") in world.receipts()
    assert world.shelf.clips == {}
