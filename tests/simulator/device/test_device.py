"""One device: what it sends in which order, and that it sends again, but not for ever."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
import simpy

from gateway.wire import Context, Mute, SessionEnd, Topics, decode_json
from simulator.device.clock import Clock, Receipts, run
from simulator.device.device import DeviceContext, live
from simulator.links.link import MemoryLink
from simulator.plan.planned import Habits, PlannedDevice, PlannedUtterance
from simulator.sound.scenes import Saying, Scene, Sound, render
from simulator.sound.voices import load_voices
from simulator.world.truth import Delivery
from simulator.world.utterances import Word

BEGAN = 1_000_000
SCENE = Scene(
    sayings=(Saying(voice=load_voices()[0], words=(Word(text="Alexa,"), Word(text="stop."))),),
    backdrop="pink",
    snr_db=20.0,
    seed=1,
)
SAID = PlannedUtterance(
    utterance_id="H01-D1-001",
    household_id="H01",
    site_id="dev1",
    session_id="s1",
    at_ms=BEGAN + 500,
    kind="wake",
    intent="timer",
    expected="keep",
    acoustic=True,
    trigger="wake",
    text="Alexa stop",
    scene=SCENE,
)


def _run(gateway: Any, said: PlannedUtterance = SAID, habits: Habits | None = None) -> tuple[Delivery, float]:
    """One utterance's delivery and the simulated milliseconds it took."""
    env = simpy.Environment()
    link, receipts, seen = MemoryLink(gateway.handle), Receipts(env), []

    def hear(_said: PlannedUtterance, _sound: Sound) -> None:
        gateway.handle("earlid/assistant/transcript", b"{}")

    def done(_said: PlannedUtterance, _sound: Sound, delivery: Delivery) -> None:
        seen.append((delivery, env.now))

    device = PlannedDevice(site_id="dev1", context=Context(serial="G1"), utterances=(said,))
    way = DeviceContext(
        env=env,
        began_ms=BEGAN,
        link=link,
        receipts=receipts,
        topics=Topics(),
        habits=habits or Habits(),
        hear=hear,
        done=done,
    )
    env.process(live(way, device))
    run(env, link=link, receipts=receipts, clock=Clock())
    assert len(seen) == 1
    return seen[0]


def test_a_session_comes_in_order_and_once(scripted: Callable[..., Any]) -> None:
    gateway = scripted("kept")

    delivery, took_ms = _run(gateway)

    session = ["context", "start", "audioSessionFrame", "transcript", "end"]
    assert gateway.whats()[:5] == session
    assert gateway.whats().count("end") == 1
    assert (delivery.attempts, delivery.outcome, delivery.reason) == (1, "kept", "wake_word")
    assert took_ms == 500 + 80 * delivery.frames  # spoken in real time, answered at once


def test_the_frames_are_the_sound_numbered_and_timed(scripted: Callable[..., Any]) -> None:
    gateway = scripted("kept")

    delivery, _ = _run(gateway)

    frames = gateway.frames()
    assert np.array_equal(np.frombuffer(b"".join(f.pcm for f in frames), "<i2"), render(SCENE).pcm)
    assert {len(frame.pcm) for frame in frames} == {2_560}
    assert [frame.seq for frame in frames] == list(range(delivery.frames))
    assert [frame.at_ms for frame in frames] == [SAID.at_ms + 80 * at for at in range(delivery.frames)]
    ends = [decode_json(payload, SessionEnd) for topic, payload in gateway.log if topic.endswith("/session/end")]
    assert ends == [SessionEnd(session_id="s1", at_ms=SAID.at_ms + 80 * len(frames), frames=len(frames))]


@pytest.mark.parametrize("first", [None, "incomplete", "busy"])
def test_what_did_not_arrive_is_sent_again_whole_under_the_same_name(
    scripted: Callable[..., Any], first: str | None
) -> None:
    gateway = scripted(first, "kept")

    delivery, _ = _run(gateway)

    frames = gateway.frames()
    assert (delivery.attempts, delivery.outcome) == (2, "kept")
    assert frames[: delivery.frames] == frames[delivery.frames :]
    assert {start.session_id for start in gateway.starts()} == {"s1"}
    assert gateway.whats().count("transcript") == 2


@pytest.mark.parametrize("outcome", ["kept", "dropped"])
def test_a_decision_is_final(scripted: Callable[..., Any], outcome: str) -> None:
    assert _run(scripted(outcome))[0].attempts == 1


@pytest.mark.parametrize("outcome", [None, "incomplete", "busy"])
def test_it_gives_up_after_three_attempts(scripted: Callable[..., Any], outcome: str | None) -> None:
    gateway = scripted(outcome)

    delivery, took_ms = _run(gateway)

    assert (delivery.attempts, delivery.outcome) == (3, outcome)
    assert gateway.ends == {"s1": 3}
    assert took_ms < 500 + 3 * (15_000 + 80 * delivery.frames)


def test_it_waits_as_long_as_its_habits_say(scripted: Callable[..., Any]) -> None:
    delivery, took_ms = _run(scripted(None), habits=Habits(deadline_ms=1_000, attempts=1))

    assert delivery.attempts == 1
    assert took_ms == 500 + 80 * delivery.frames + 1_000


def test_a_pressed_button_is_said_before_any_audio(scripted: Callable[..., Any]) -> None:
    gateway = scripted("kept")

    _run(gateway, msgspec.structs.replace(SAID, kind="button", trigger="button"))

    assert gateway.whats()[:4] == ["context", "start", "button", "audioSessionFrame"]
    assert gateway.starts()[0].trigger == "button"


def test_a_broken_device_streams_though_muted(scripted: Callable[..., Any]) -> None:
    gateway = scripted("dropped")

    _run(gateway, msgspec.structs.replace(SAID, kind="muted", expected="drop"))

    switches = [payload for topic, payload in gateway.log if topic.endswith("/mute")]
    mutes = [decode_json(payload, Mute).muted for payload in switches if payload]
    assert [bool(payload) for payload in switches] == [True, False, True], (
        "the retained off is taken back before the on"
    )
    whats = gateway.whats()
    assert mutes == [True, False]
    assert whats.index("mute") < whats.index("audioSessionFrame")
    assert gateway.frames()
