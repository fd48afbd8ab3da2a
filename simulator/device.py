"""One device as a SimPy process: it streams what it hears, waits for the receipt and sends again, a few times."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal

import msgspec
import simpy

from gateway.wire import (
    RATE_HZ,
    AudioFrame,
    Button,
    Context,
    Mute,
    Receipt,
    SessionEnd,
    SessionStart,
    Topics,
    encode_frame,
    encode_json,
)
from simulator.clock import Receipts
from simulator.link import Link
from simulator.scenes import FRAME_MS, Scene, Sound, render
from simulator.truth import Delivery, Disposition, Kind

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
_RESEND_FRAME_MS = 8  # from memory, ten times as fast as it was spoken
_TRY_AGAIN = frozenset({"incomplete", "busy"})


class PlannedUtterance(msgspec.Struct, frozen=True, kw_only=True):
    """What a device will say: `truth.Utterance` before it sounds. `at_ms` is epoch milliseconds, event time."""

    utterance_id: str
    household_id: str
    site_id: str
    session_id: str
    at_ms: int
    kind: Kind
    intent: str
    expected: Disposition
    acoustic: bool
    trigger: Literal["wake", "button"]
    text: str
    scene: Scene


class PlannedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One device and all it will say, in order of time. `label` is the harness's ("H07-D1"), never on the wire.

    `skew_ms` is how far its own clock, which stamps what it sends, is ahead.
    """

    label: str = ""
    skew_ms: int = 0
    site_id: str
    context: Context
    utterances: tuple[PlannedUtterance, ...]


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient devices are: simulated milliseconds for a receipt, and how often an utterance is sent in all."""

    deadline_ms: int = 15_000
    attempts: int = 3


Hear = Callable[[PlannedUtterance, Sound], None]
Done = Callable[[PlannedUtterance, Sound, Delivery], None]


def live(
    env: simpy.Environment,
    device: PlannedDevice,
    *,
    began_ms: int,
    link: Link,
    receipts: Receipts,
    topics: Topics,
    habits: Habits,
    hear: Hear,
    done: Done,
) -> Generator[simpy.Event, Any, None]:
    """The device's life as a SimPy process; `began_ms` is the epoch time of the environment's zero.

    `hear` is the assistant, which listens in before each session ends; `done` takes what became of an utterance.
    A muted device streams all the same: that is the fault the gateway has to stop.
    """
    for said in device.utterances:
        yield env.timeout(max(0.0, said.at_ms - began_ms - env.now))
        sound = render(said.scene)
        mute = topics.device(device.site_id, "mute")
        at_ms = said.at_ms + device.skew_ms
        frames = cut(sound, at_ms)
        receipt: Receipt | None = None
        attempts = 0
        while attempts < habits.attempts and (receipt is None or receipt.outcome in _TRY_AGAIN):
            attempts += 1
            receipts.forget((device.site_id, said.session_id))
            if said.kind == "muted":
                link.send(mute, encode_json(Mute(muted=True, at_ms=at_ms)))
            open_session(link, topics, device, said)
            for frame in frames:
                link.send(topics.frame(device.site_id, said.session_id), frame)
                yield env.timeout(FRAME_MS if attempts == 1 else _RESEND_FRAME_MS)
            hear(said, sound)
            end = SessionEnd(session_id=said.session_id, at_ms=at_ms + FRAME_MS * len(frames), frames=len(frames))
            link.send(topics.device(device.site_id, "session/end"), encode_json(end))
            receipt = yield receipts.expect((device.site_id, said.session_id), habits.deadline_ms)
        if said.kind == "muted":
            link.send(mute, encode_json(Mute(muted=False, at_ms=at_ms + FRAME_MS * len(frames))))
        delivery = Delivery(
            utterance_id=said.utterance_id,
            attempts=attempts,
            frames=len(frames),
            outcome=receipt.outcome if receipt else None,
            reason=receipt.reason if receipt else None,
        )
        done(said, sound, delivery)


def open_session(link: Link, topics: Topics, device: PlannedDevice, said: PlannedUtterance) -> None:
    """Context first, so that the gateway has it when the session begins; then start, and the button if pressed."""
    link.send(topics.device(device.site_id, "context"), encode_json(device.context))
    at_ms = said.at_ms + device.skew_ms
    start = SessionStart(session_id=said.session_id, at_ms=at_ms, trigger=said.trigger)
    link.send(topics.device(device.site_id, "session/start"), encode_json(start))
    if said.trigger == "button":
        press = Button(session_id=said.session_id, at_ms=at_ms)
        link.send(topics.device(device.site_id, "button"), encode_json(press))


def cut(sound: Sound, at_ms: int) -> Sequence[bytes]:
    """The sound as encoded frames of 1,280 samples, numbered from 0 and timed from `at_ms`."""
    frames = sound.pcm.reshape(-1, FRAME_SAMPLES)
    return [
        encode_frame(AudioFrame(pcm=samples.astype("<i2").tobytes(), seq=seq, at_ms=at_ms + FRAME_MS * seq))
        for seq, samples in enumerate(frames)
    ]
