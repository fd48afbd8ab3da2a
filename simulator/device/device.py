"""One device as a SimPy process. It streams what it hears, waits for a receipt, and sends again a few times."""

from collections.abc import Callable, Generator, Sequence
from typing import Any

import msgspec
import simpy

from gateway.wire import (
    RATE_HZ,
    AudioFrame,
    Button,
    Mute,
    Receipt,
    SessionEnd,
    SessionStart,
    Topics,
    encode_frame,
    encode_json,
)
from simulator.device.clock import Receipts
from simulator.links.link import Link
from simulator.plan.outages import Attempt, attempts
from simulator.plan.planned import Habits, PlannedDevice, PlannedUtterance
from simulator.sound.scenes import FRAME_MS, Sound, render
from simulator.world.truth import Delivery, Unsent

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
_RESEND_FRAME_MS = 8  # a repeat comes from memory, ten times as fast as speech
_TRY_AGAIN = frozenset({"incomplete", "busy"})


Hear = Callable[[PlannedUtterance, Sound], None]
Done = Callable[[PlannedUtterance, Sound, Delivery], None]
Lost = Callable[[Unsent], None]


class DeviceContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a device needs to run. `began_ms` is the epoch time at which the SimPy environment starts.

    `hear` lets the assistant hear an utterance before its session ends. `done` takes the result of an utterance. `lost`
    takes an utterance that a reboot deleted before anything of it was sent.
    """

    env: simpy.Environment
    began_ms: int
    link: Link
    receipts: Receipts
    topics: Topics
    habits: Habits
    hear: Hear
    done: Done
    lost: Lost = lambda _unsent: None


def live(context: DeviceContext, device: PlannedDevice) -> Generator[simpy.Event, Any, None]:
    """The SimPy process of one device. A muted device streams too, because the gateway has to refuse it."""
    habits = device.habits or context.habits
    for said in device.utterances:
        yield context.env.timeout(max(0.0, said.at_ms - context.began_ms - context.env.now))
        sound = render(said.scene)
        frames = cut(sound, said.at_ms + device.ahead_ms(said.at_ms))
        tries = attempts(
            said.at_ms,
            len(frames),
            device.outages,
            tries=habits.attempts,
            deadline_ms=habits.deadline_ms,
            frame_ms=FRAME_MS,
            resend_ms=_RESEND_FRAME_MS,
        )
        if not tries:
            context.lost(said.unsent("lost_in_reboot"))
            continue
        receipt: Receipt | None = None
        made = 0
        for attempt in tries:
            made += 1
            receipt = yield from _send(context, device, said, sound, frames, attempt)
            if receipt is not None and receipt.outcome not in _TRY_AGAIN:
                break
        final = receipt is not None and receipt.outcome not in _TRY_AGAIN
        kept_from = tries[-1].cut_by or ("reboot" if len(tries) < habits.attempts else None)
        if said.kind == "muted":
            on = Mute(muted=False, at_ms=said.at_ms + device.ahead_ms(said.at_ms) + FRAME_MS * len(frames))
            switch = context.topics.device(device.site_id, "mute")
            context.link.send(switch, b"")  # clears the retained switch to off
            context.link.send(switch, encode_json(on))
        delivery = Delivery(
            utterance_id=said.utterance_id,
            attempts=made,
            frames=len(frames),
            outcome=receipt.outcome if receipt else None,
            reason=receipt.reason if receipt else None,
            cut_short=None if final else kept_from,
        )
        whole = any(attempt.cut_by is None for attempt in tries[:made])
        context.done(said if whole else msgspec.structs.replace(said, expected="drop", acoustic=False), sound, delivery)


def _send(
    context: DeviceContext,
    device: PlannedDevice,
    said: PlannedUtterance,
    sound: Sound,
    frames: Sequence[bytes],
    attempt: Attempt,
) -> Generator[simpy.Event, Any, Receipt | None]:
    """Send one attempt to its end or to where it is cut off. Returns the receipt or None."""
    key, at_ms = (device.site_id, said.session_id), said.at_ms + device.ahead_ms(said.at_ms)
    if attempt.waits:
        yield context.env.timeout(max(0.0, attempt.at_ms - context.began_ms - context.env.now))
    context.receipts.forget(key)
    if said.kind == "muted":
        context.link.send(context.topics.device(device.site_id, "mute"), encode_json(Mute(muted=True, at_ms=at_ms)))
    open_session(context.link, context.topics, device, said)
    for frame in frames[: attempt.frames]:
        context.link.send(context.topics.frame(device.site_id, said.session_id), frame)
        yield context.env.timeout(attempt.step_ms)
    if attempt.cut_by is not None:
        return None
    context.hear(said, sound)
    end = SessionEnd(session_id=said.session_id, at_ms=at_ms + FRAME_MS * len(frames), frames=len(frames))
    context.link.send(context.topics.device(device.site_id, "session/end"), encode_json(end))
    habits = device.habits or context.habits
    if not habits.receipts:
        return None
    receipt: Receipt | None = yield context.receipts.expect(key, habits.deadline_ms)
    return receipt


def open_session(link: Link, topics: Topics, device: PlannedDevice, said: PlannedUtterance) -> None:
    """Send the context, then the session start, then the button press if there is one."""
    link.send(topics.device(device.site_id, "context"), encode_json(device.context))
    at_ms = said.at_ms + device.ahead_ms(said.at_ms)
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
