"""The list of what must never be kept, row by row: each is answered with its reason, counted, and leaves nothing."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire import AudioFrame, Button, SessionEnd, SessionStart, encode_frame
from tests.gateway.world import TOPICS, World

LOUD = np.full(1_280, 25_000, np.int16).tobytes()
COUNT = 20


def frames(count: int = COUNT) -> list[AudioFrame]:
    return [AudioFrame(pcm=LOUD, seq=seq, at_ms=5_000 + 80 * seq) for seq in range(count)]


def send(
    world: World,
    sent: list[AudioFrame | bytes],
    *,
    site: str = "kitchen",
    at_ms: int = 5_000,
    said: int = COUNT,
    trigger: Any = "wake",
    as_site: str | None = None,
) -> None:
    """A session as it would be kept, but for what the arguments spoil."""
    world.tell("session/start", SessionStart(session_id="s", at_ms=at_ms, trigger=trigger), site)
    for frame in sent:
        payload = frame if isinstance(frame, bytes) else encode_frame(frame)
        world.service.handle(TOPICS.frame(as_site or site, "s"), payload)
    world.tell("session/end", SessionEnd(session_id="s", at_ms=at_ms, frames=said), site)


def moved(seq: int, by_ms: int) -> list[AudioFrame | bytes]:
    """Every frame from `seq` on says that it was later by so much."""
    return [msgspec.structs.replace(f, at_ms=(f.at_ms or 0) + (by_ms if (f.seq or 0) >= seq else 0)) for f in frames()]


def late(world: World) -> list[tuple[str, str]]:
    """The last frame comes when its session has been given up; what was said of that."""
    send(world, [*frames()[:-1]])
    said = world.receipts()
    world.service.handle(TOPICS.frame("kitchen", "s"), encode_frame(frames()[-1]))
    return said


def globally(world: World) -> None:
    """Hermes' global topics, which anybody may publish on, claim a session, a wake word and a button."""
    said = {"siteId": "kitchen", "sessionId": "s", "text": "alexa", "likelihood": 1.0, "seconds": 1.0}
    for name in ("asr/startListening", "hotword/alexa/detected", "dialogueManager/startSession", "asr/textCaptured"):
        world.service.handle(f"hermes/{name}", msgspec.json.encode(said))
    for frame in frames():
        world.service.handle(TOPICS.frame("kitchen", "s"), encode_frame(frame))
    world.service.handle("hermes/asr/stopListening", msgspec.json.encode(said))


def pressed_by_another(world: World) -> None:
    world.tell("button", Button(session_id="s", at_ms=5_100), "quiet")
    quiet = [AudioFrame(pcm=bytes(2_560), seq=f.seq, at_ms=f.at_ms) for f in frames()]
    send(world, [*quiet], trigger="button")


CUT = encode_frame(frames()[3])[:-900]
ROWS: dict[str, tuple[Callable[[World], list[tuple[str, str]] | None], str, str]] = {
    "a frame missing": (lambda w: send(w, [*frames()[:9], *frames()[10:]]), "incomplete", "gap"),
    "two frames of one number": (
        lambda w: send(w, [*frames(), AudioFrame(pcm=LOUD[:-2] + b"\1\1", seq=4, at_ms=5_320)]),
        "incomplete",
        "gap",
    ),
    "fewer than were counted": (lambda w: send(w, [*frames()], said=COUNT + 1), "incomplete", "gap"),
    "more than were counted": (lambda w: send(w, [*frames()], said=COUNT - 1), "incomplete", "gap"),
    "reordered beyond the window": (late, "incomplete", "gap"),
    "a frame cut short": (lambda w: send(w, [*frames()[:-1], CUT]), "incomplete", "undecodable"),
    "a frame that is no audio": (lambda w: send(w, [*frames()[:-1], b"RIFF" * 9]), "incomplete", "undecodable"),
    "no audio at all": (lambda w: send(w, [], said=0), "dropped", "empty"),
    "a clock that runs backwards": (lambda w: send(w, moved(9, -2_000)), "incomplete", "gap"),
    "a clock that jumps": (lambda w: send(w, moved(9, 60_000)), "incomplete", "clock"),
    "a clock years ahead of its own session": (lambda w: send(w, moved(0, 10**12)), "incomplete", "clock"),
    "over the contract's length": (lambda w: send(w, [*frames(400)], said=400), "dropped", "too_long"),
    "an unknown device": (lambda w: send(w, [*frames()], site="stranger"), "dropped", "unknown_device"),
    "frames under another's name": (lambda w: send(w, [*frames()], as_site="quiet"), "incomplete", "gap"),
    "a home that did not consent": (lambda w: send(w, [*frames()], site="quiet"), "dropped", "no_consent"),
    "a button nobody pressed": (
        lambda w: send(w, [AudioFrame(pcm=bytes(2_560), seq=0, at_ms=5_000)], said=1, trigger="button"),
        "incomplete",
        "no_button",
    ),
    "a button another device pressed": (pressed_by_another, "incomplete", "no_button"),
    "a session on the global topics": (globally, "incomplete", "timed_out"),
}


@pytest.mark.parametrize("row", ROWS)
def test_nothing_of_it_is_kept_and_its_reason_is_counted(row: str) -> None:
    act, outcome, reason = ROWS[row]
    world = World()
    said = [*(act(world) or ()), *world.receipts()]
    assert (outcome, reason) in said
    assert {"kept"}.isdisjoint(outcome for outcome, _ in said)
    assert world.service.counts[f"{outcome}:{reason}"] == 1
    assert world.shelf.clips == {}
    assert world.service.held_bytes == 0


def test_the_same_session_unspoiled_is_kept() -> None:
    world = World()
    send(world, [*frames()])
    assert world.receipts() == [("kept", "wake_word")]


def test_a_device_whose_clock_is_wrong_from_the_start_is_heard() -> None:
    world = World()
    ahead = [msgspec.structs.replace(f, at_ms=(f.at_ms or 0) + 10**12) for f in frames()]
    send(world, [*ahead], at_ms=5_000 + 10**12)
    assert world.receipts() == [("kept", "wake_word")]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, COUNT - 1), st.integers(-(2**40), 2**40))
def test_no_hole_in_time_is_ever_spliced_over(seq: int, by_ms: int) -> None:
    world = World()
    send(world, moved(seq, by_ms))
    ((outcome, _),) = world.receipts()
    assert (outcome == "kept") == (-80 < by_ms <= 500)
