"""Frames to clips: whole or not at all."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clip import Clip
from gateway.intake.assembler import Assembler
from gateway.intake.open_sessions import MAX_OPEN_PER_SITE
from gateway.wire import MAX_FRAMES, AudioFrame, Button, SessionEnd, SessionStart, Transcript

SITE, SESSION = "kitchen", "s1"


def assembler(**more: Any) -> Assembler:
    return Assembler(**{"max_clip_ms": 10_000, "transcript_wait_s": 1.0, **more})


def start(trigger: Any = "wake", at_ms: int = 1_000) -> SessionStart:
    return SessionStart(session_id=SESSION, at_ms=at_ms, trigger=trigger)


def end(frames: int) -> SessionEnd:
    return SessionEnd(session_id=SESSION, at_ms=9_000, frames=frames)


def frame(seq: int | None, value: int | None = None) -> AudioFrame:
    byte = (seq or 0) if value is None else value
    return AudioFrame(pcm=bytes([byte % 256, 0]) * 4, seq=seq, at_ms=None if seq is None else 1_000 + 80 * seq)


def transcript() -> Transcript:
    return Transcript(text="hi", likelihood=1.0, seconds=1.0, site_id=SITE, session_id=SESSION)


def sent(frames: list[AudioFrame], said: int, **more: Any) -> Clip:
    """The clip of a session that sent `frames` and claimed `said` of them."""
    box = assembler(**more)
    box.start(SITE, start(), 0.0)
    for each in frames:
        box.frame(SITE, SESSION, each, 0.1)
    box.end(SITE, end(said), 0.2)
    (clip,) = box.ready(5.0)
    return clip


@given(st.integers(1, 20), st.randoms(use_true_random=False), st.integers(0, 3))
def test_frames_in_any_order_and_repeated_make_the_same_clip(count: int, order: random.Random, repeats: int) -> None:
    frames = [frame(seq) for seq in range(count)]
    shuffled = frames + frames[:repeats]
    order.shuffle(shuffled)
    clip = sent(shuffled, count)
    assert clip.fault is None
    assert clip.pcm == b"".join(f.pcm for f in frames)


@given(st.integers(2, 20), st.data())
def test_a_missing_frame_leaves_nothing(count: int, data: st.DataObject) -> None:
    missing = data.draw(st.integers(0, count - 1))
    clip = sent([frame(seq) for seq in range(count) if seq != missing], count)
    assert (clip.fault, clip.pcm) == ("gap", b"")


@pytest.mark.parametrize(
    "frames",
    [
        [frame(0), frame(1), frame(1, value=99)],
        [frame(0), AudioFrame(pcm=b"\1\0", seq=1, at_ms=900)],
        [frame(0), frame(1), frame(2)],
    ],
    ids=["two frames of one number", "times that run backwards", "more than the device counted"],
)
def test_what_cannot_be_is_never_spliced(frames: list[AudioFrame]) -> None:
    clip = sent(frames, 2)
    assert (clip.fault, clip.pcm) == ("gap", b"")


def test_a_client_without_numbers_is_served_by_arrival() -> None:
    plain = [AudioFrame(pcm=bytes([n, 0])) for n in range(3)]
    assert sent(plain, 3).pcm == bytes([0, 0, 1, 0, 2, 0])
    assert sent(plain[:2], 3).fault == "gap"


def test_a_session_over_length_is_let_go_of_at_once() -> None:
    clip = sent([AudioFrame(pcm=bytes(60_000), seq=n, at_ms=n) for n in range(20)], 20, max_clip_ms=1_000)
    assert (clip.fault, clip.pcm) == ("too_long", b"")


def test_a_session_that_never_ends_times_out() -> None:
    box = assembler(idle_s=3.0)
    box.start(SITE, start(), 0.0)
    box.frame(SITE, SESSION, frame(0), 1.0)
    assert box.ready(3.9) == []
    (clip,) = box.ready(4.1)
    assert (clip.fault, clip.pcm) == ("timed_out", b"")


def test_a_clip_waits_for_its_transcript_but_not_for_ever() -> None:
    box = assembler(transcript_wait_s=2.0)
    box.start(SITE, start(), 0.0)
    box.frame(SITE, SESSION, frame(0), 0.0)
    box.end(SITE, end(1), 0.0)
    assert box.first_owed() == 1
    assert box.ready(1.9) == []
    box.transcript(transcript(), 1.9)
    (clip,) = box.ready(1.9)
    assert clip.transcript == transcript()
    assert box.first_owed() is None


def test_a_late_transcript_is_not_waited_for() -> None:
    assert sent([frame(0)], 1).transcript is None


def test_a_transcript_may_come_before_its_session() -> None:
    box = assembler()
    box.transcript(transcript(), 0.0)
    box.start(SITE, start(), 0.0)
    box.frame(SITE, SESSION, frame(0), 0.0)
    box.end(SITE, end(1), 0.0)
    assert box.ready(0.0)[0].transcript == transcript()


def test_mute_reaches_open_sessions_and_later_ones_until_it_is_lifted() -> None:
    box = assembler()
    box.start(SITE, start(), 0.0)
    box.mute(SITE, True, 1)
    box.mute(SITE, False, 2)
    box.end(SITE, end(0), 0.0)
    assert box.ready(9.0)[0].muted
    box.start(SITE, start(), 10.0)
    box.end(SITE, end(0), 10.0)
    assert not box.ready(19.0)[0].muted


def test_one_devices_mute_and_button_are_not_anothers() -> None:
    box = assembler()
    box.mute("bedroom", True, 1)
    box.button("bedroom", Button(session_id=SESSION, at_ms=1), 0.0)
    box.start(SITE, start("button"), 0.0)
    box.end(SITE, end(0), 0.0)
    (clip,) = box.ready(9.0)
    assert (clip.muted, clip.button_at_ms) == (False, None)


def test_a_session_sent_again_starts_over() -> None:
    box = assembler()
    box.start(SITE, start(), 0.0)
    box.frame(SITE, SESSION, frame(0, value=7), 0.0)
    box.start(SITE, start(), 1.0)
    box.frame(SITE, SESSION, frame(0), 1.0)
    box.end(SITE, end(1), 1.0)
    (clip,) = box.ready(9.0)
    assert (clip.fault, clip.pcm) == (None, frame(0).pcm)


def test_one_device_cannot_open_sessions_without_bound() -> None:
    box = assembler()
    opened = [
        box.start(SITE, SessionStart(session_id=str(n), at_ms=0, trigger="wake"), 0.0)
        for n in range(MAX_OPEN_PER_SITE + 3)
    ]
    assert opened == [True] * MAX_OPEN_PER_SITE + [False] * 3
    assert box.start("bedroom", start(), 0.0)


def test_every_device_has_its_turn() -> None:
    box = assembler()
    for site, session in [("greedy", "1"), ("greedy", "2"), ("greedy", "3"), ("meek", "4")]:
        box.frame(site, session, frame(0), 0.0)
        box.end(site, SessionEnd(session_id=session, at_ms=0, frames=1), 0.0)
    assert [clip.session_id for clip in box.ready(9.0, most=2)] == ["1", "4"]
    assert box.has_ready(9.0)
    assert [clip.session_id for clip in box.ready(9.0)] == ["2", "3"]
    assert not box.has_ready(9.0)


def test_memory_is_counted_and_given_back() -> None:
    box = assembler()
    box.start(SITE, SessionStart(session_id="b", at_ms=0, trigger="wake"), 0.0)
    for session in ("a", "b", "c"):
        box.frame(SITE, session, AudioFrame(pcm=bytes(1_000), seq=0, at_ms=0), 0.0)
    assert box.held_bytes == 3_000
    box.spoil(SITE, "a", "undecodable", 0.0)
    assert box.held_bytes == 2_000
    box.start(SITE, SessionStart(session_id="b", at_ms=0, trigger="wake"), 0.0)
    assert box.held_bytes == 1_000
    box.ready(100.0)
    assert box.held_bytes == 0


def test_a_session_of_countless_tiny_frames_is_let_go_of() -> None:
    box = assembler()
    for seq in range(MAX_FRAMES + 1):
        box.frame(SITE, SESSION, AudioFrame(pcm=b"", seq=seq, at_ms=seq), 0.0)
    assert box.ready(100.0)[0].fault == "too_long"


def test_an_unreadable_frame_spoils_its_session() -> None:
    box = assembler()
    box.start(SITE, start(), 0.0)
    box.frame(SITE, SESSION, frame(0), 0.0)
    box.spoil(SITE, SESSION, "undecodable", 0.0)
    box.end(SITE, end(1), 0.0)
    (clip,) = box.ready(0.0)
    assert (clip.fault, clip.pcm) == ("undecodable", b"")


def test_frames_with_numbers_among_those_without_are_a_gap() -> None:
    assert sent([frame(0), frame(1), AudioFrame(pcm=b"\7\0")], 3).fault == "gap"
    assert sent([AudioFrame(pcm=b"\7\0"), frame(1)], 2).fault == "gap"


def test_a_session_that_never_falls_silent_ends_too() -> None:
    box = assembler(max_clip_ms=10_000, idle_s=10.0)
    box.start(SITE, start(), 0.0)
    for second in range(0, 21, 5):
        box.frame(SITE, SESSION, frame(0), float(second))
        assert box.ready(float(second)) == []
    assert box.ready(20.1)[0].fault == "timed_out"


def test_a_press_and_a_transcript_are_used_once() -> None:
    box = assembler()
    box.button(SITE, Button(session_id=SESSION, at_ms=1_100), 0.0)
    box.transcript(transcript(), 0.0)
    for wanted in ((1_100, transcript()), (None, None)):
        box.start(SITE, start("button"), 0.0)
        box.end(SITE, end(0), 0.0)
        (clip,) = box.ready(5.0)
        assert (clip.button_at_ms, clip.transcript) == wanted


def test_words_and_presses_of_no_session_are_not_remembered_for_long() -> None:
    box = assembler()
    box.button(SITE, Button(session_id=SESSION, at_ms=1_100), 0.0)
    box.transcript(transcript(), 0.0)
    box.ready(31.0)
    box.start(SITE, start("button"), 31.0)
    box.end(SITE, end(0), 31.0)
    (clip,) = box.ready(40.0)
    assert (clip.button_at_ms, clip.transcript) == (None, None)


def test_no_more_audio_is_held_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.intake.open_sessions.MAX_HELD_BYTES", 10_000)
    box = assembler()
    for session in ("a", "b", "c"):
        box.frame(SITE, session, AudioFrame(pcm=bytes(4_000), seq=0, at_ms=0), 0.0)
    assert box.held_bytes == 8_000
    box.end(SITE, SessionEnd(session_id="c", at_ms=0, frames=1), 0.0)
    assert box.ready(1.0)[0].fault == "shed"


def test_no_more_sessions_are_open_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.intake.open_sessions.MAX_OPEN_SESSIONS", 3)
    box = assembler()
    assert [box.start(f"d{n}", start(), 0.0) for n in range(5)] == [True] * 3 + [False] * 2
    assert box.refused("d4", SESSION)
    assert box.ready(100.0)
    assert not box.refused("d4", SESSION)


@pytest.mark.parametrize("before", range(4))
def test_a_start_that_numbered_frames_overtook_is_their_start(before: int) -> None:
    frames = [frame(seq) for seq in range(3)]
    box = assembler()
    for each in frames[:before]:
        assert box.frame(SITE, SESSION, each, 0.1)
    assert box.start(SITE, start(), 0.1)
    for each in frames[before:]:
        assert box.frame(SITE, SESSION, each, 0.1)
    box.end(SITE, end(3), 0.2)
    (clip,) = box.ready(5.0)
    assert (clip.fault, clip.pcm) == (None, b"".join(each.pcm for each in frames))
