"""The whole gateway in memory: what is kept, what the receipt says, and that bad messages harm nobody."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.intake.open_sessions import MAX_OPEN_PER_SITE
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts, Standing, VaultUnavailable
from gateway.wire import (
    AudioFrame,
    Counted,
    Mute,
    SessionStart,
    decode_json,
    encode_frame,
)
from tests.gateway.world import FACTS, SILENT_HOME, TOPICS, World


def test_a_wake_request_is_kept_redacted() -> None:
    world = World()
    world.say("s1", loud=True)
    world.hear("s1")
    assert world.receipts() == [("kept", "wake_word")]
    (clip,) = world.shelf.clips.values()
    assert clip.transcript == "alexa call [contact]"
    assert (clip.locality, clip.latitude, clip.customer, clip.recorded_on) == (
        "Ashland, Oregon",
        None,
        None,
        "2019-04-10",
    )
    assert clip.device not in (None, "G0A1", "kitchen")
    assert clip.wav is not None
    heard = np.frombuffer(clip.wav[44:], np.int16)
    assert heard[: 16_000 // 2].any()
    assert not heard[int(0.8 * 16_000) : int(1.15 * 16_000)].any()
    assert world.shelf.tags[0]
    assert "s1" not in str(world.shelf.tags)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"loud": False}, ("dropped", "no_wake_word")),
        ({"loud": False, "button": True}, ("kept", "button")),
        ({"loud": True, "site": "quiet"}, ("dropped", "no_consent")),
        ({"loud": True, "site": "stranger"}, ("dropped", "unknown_device")),
        ({"loud": True, "frames": 0}, ("dropped", "empty")),
    ],
)
def test_the_gate_decides_and_says_so(what: Any, expected: tuple[str, str]) -> None:
    world = World()
    world.say("s1", **what)
    world.hear("s1", site=what.get("site", "kitchen"))
    assert world.receipts() == [expected]
    assert len(world.shelf.clips) == (expected[0] == "kept")


def test_mute_beats_the_wake_word_and_the_button() -> None:
    world = World("amazon-2019-before")
    world.tell("mute", Mute(muted=True, at_ms=1))
    world.say("s1", loud=True, button=True)
    assert world.receipts() == [("dropped", "muted")]
    assert world.shelf.clips == {}


def test_without_a_transcript_the_audio_is_withheld() -> None:
    world = World()
    world.say("s1", loud=True)
    assert world.receipts() == [("kept", "wake_word")]
    (clip,) = world.shelf.clips.values()
    assert (clip.wav, clip.transcript, clip.withheld, clip.peaks) == (None, None, "no_transcript", [])


def test_a_session_that_comes_again_is_kept_once() -> None:
    world = World()
    for expected in ("wake_word", "already_kept"):
        world.say("s1", loud=True)
        world.hear("s1")
        assert world.receipts() == [("kept", expected)]
    assert len(world.shelf.clips) == 1


def test_a_vault_that_does_not_answer_keeps_nothing() -> None:
    class Gone:
        def standing(self, site_id: str) -> Standing | None:
            raise VaultUnavailable("vault: gone")

    world = World(vault=Gone())
    world.say("s1", loud=True)
    world.hear("s1")
    assert world.receipts() == [("incomplete", "vault_unavailable")]
    assert world.shelf.clips == {}


def test_a_clip_that_breaks_something_keeps_nothing_and_stops_nobody() -> None:
    world = World()
    put, world.shelf.put = world.shelf.put, lambda *_, **__: 1 / 0  # type: ignore[assignment, method-assign]
    world.say("s1", loud=True)
    world.hear("s1")
    assert world.receipts() == [("incomplete", "failed")]
    assert world.service.counts["broke:ZeroDivisionError"] == 1
    world.shelf.put = put  # type: ignore[method-assign]
    world.say("s1", loud=True)
    world.hear("s1")
    assert world.receipts() == [("kept", "wake_word")]


def test_an_undecodable_frame_is_incomplete() -> None:
    world = World()
    world.say("s1", loud=True)
    world.service.handle(TOPICS.frame("kitchen", "s1"), b"RIFF????not a wave")
    assert world.receipts() == [("incomplete", "undecodable")]


def test_the_watermark_waits_for_what_had_ended_and_for_nothing_else() -> None:
    world = World()
    ask = TOPICS.watermark("ask", "t1")
    answers = world.service.handle(ask, b"{}") + world.service.settle()
    assert [topic for topic, _ in answers] == [TOPICS.watermark("reached", "t1")]
    world.say("s1", loud=True)
    world.tell("session/start", SessionStart(session_id="open", at_ms=1, trigger="wake"))
    assert world.service.handle(ask, b"{}") == []
    world.hear("s1")
    topics = [topic for topic, _ in world.service.settle()]
    assert topics == [TOPICS.device("kitchen", "receipt"), TOPICS.watermark("reached", "t1")]


def test_one_device_cannot_end_or_fill_anothers_session() -> None:
    world = World()
    world.say("s1", loud=False, site="kitchen")
    for seq in range(40):
        frame = AudioFrame(pcm=np.full(1_280, 25_000, np.int16).tobytes(), seq=seq, at_ms=80 * seq)
        world.service.handle(TOPICS.frame("stranger", "s1"), encode_frame(frame))
    assert ("dropped", "no_wake_word") in world.receipts()
    assert world.shelf.clips == {}


def test_one_utterance_never_fires_twice() -> None:
    world = World()
    for session in ("s1", "s2"):
        world.say(session, loud=True)
        world.hear(session)
    assert world.receipts() == [("kept", "wake_word"), ("dropped", "refractory")]
    assert len(world.shelf.clips) == 1


def stream(world: World, site: str, *, seconds_quiet: float = 6.0) -> None:
    """Plain frames without a session: a shout, speech, quiet."""
    rng = np.random.default_rng(1)
    parts = [(1.0, 30), (0.5, 30_000), (1.5, 3_000), (seconds_quiet, 30)]
    pcm = np.concatenate([rng.uniform(-loud, loud, int(seconds * 16_000)) for seconds, loud in parts])
    for at in range(0, len(pcm), 1_024):
        frame = AudioFrame(pcm=pcm[at : at + 1_024].astype(np.int16).tobytes())
        world.service.handle(TOPICS.frame(site), encode_frame(frame))


def test_a_satellite_without_sessions_is_listened_to() -> None:
    world = World()
    stream(world, "kitchen")
    stream(world, "stranger")
    stream(world, "quiet")
    assert world.receipts() == [("kept", "wake_word")]
    (clip,) = world.shelf.clips.values()
    assert clip.wav is None  # nobody can say its words
    assert 2_000 <= clip.duration_ms <= 4_000


def test_a_muted_satellite_is_not_listened_to() -> None:
    world = World()
    world.tell("mute", Mute(muted=True, at_ms=1))
    stream(world, "kitchen")
    assert world.receipts() == []
    assert world.service.counts["stream_ignored"] > 0


def test_a_satellite_whose_request_finds_no_room_is_told_so() -> None:
    world = World()
    for number in range(MAX_OPEN_PER_SITE):
        world.tell("session/start", SessionStart(session_id=f"open{number}", at_ms=1, trigger="wake"))
    stream(world, "kitchen")
    assert world.service.counts["busy:overloaded"] == 1
    assert world.service.held_bytes < 2 * 32_000


def test_a_satellite_is_listened_to_once_the_vault_answers() -> None:
    class Asleep(InMemoryVault):
        def standing(self, site_id: str) -> Standing | None:
            if world.now < 50:
                raise VaultUnavailable
            return super().standing(site_id)

    world = World(vault=Asleep({"kitchen": FACTS}))
    stream(world, "kitchen")
    assert world.service.counts["stream_ignored"] > 0
    world.now = 61.0
    stream(world, "kitchen")
    assert world.receipts() == [("kept", "wake_word")]


def test_what_a_satellite_said_last_is_forgotten_when_it_falls_silent() -> None:
    world = World()
    stream(world, "kitchen", seconds_quiet=0.2)
    assert world.service.held_bytes > 32_000
    world.now += 10.1
    world.service.settle()
    assert world.service.held_bytes == 0


def test_a_session_without_room_is_told_so_once_and_may_start_anew() -> None:
    world = World()
    for number in range(MAX_OPEN_PER_SITE):
        world.tell("session/start", SessionStart(session_id=f"open{number}", at_ms=1, trigger="wake"))
    for _ in range(2):
        before = world.service.counts["busy:overloaded"]
        world.say("s1", loud=True)
        assert world.service.counts["busy:overloaded"] == before + 1
    assert {reason for _, reason in world.receipts()} == {"timed_out"}
    world.say("s1", loud=True)
    assert world.receipts() == [("kept", "wake_word")]


def test_frames_let_go_of_under_load_are_answered_busy() -> None:
    world = World()
    world.say("s1", loud=True)
    world.service.shed(TOPICS.frame("kitchen", "s1"))
    assert world.receipts() == [("busy", "shed")]
    assert world.shelf.clips == {}


LEVELS = "hermes audioServer earlid kitchen s1 audioSessionFrame session start end button assistant transcript gateway"
topics_like = st.lists(st.sampled_from([*LEVELS.split(), "watermark", "ask", "", "+", "#"]), max_size=6)


@settings(max_examples=200, deadline=None)
@given(topics_like.map("/".join), st.binary(max_size=80))
def test_any_message_is_counted_or_answered_never_raised(topic: str, payload: bytes) -> None:
    world = World()
    world.service.handle(topic, payload)
    world.receipts()
    assert world.shelf.clips == {}


class Diary(InMemoryVault):
    """A vault that remembers whose facts it gave away."""

    def __init__(self, *sites: Any) -> None:
        super().__init__(*sites)
        self.given: list[str] = []

    def site(self, site_id: str) -> SiteFacts | None:
        self.given.append(site_id)
        return super().site(site_id)


def test_the_vault_is_asked_who_lives_there_for_kept_clips_alone() -> None:
    vault = Diary({"kitchen": FACTS, "quiet": SILENT_HOME})
    world = World(vault=vault)
    for session, site, loud in (("s1", "kitchen", False), ("s2", "quiet", True), ("s3", "stranger", True)):
        world.say(session, loud=loud, site=site)
    assert {outcome for outcome, _ in world.receipts()} == {"dropped"}
    assert vault.given == []
    world.say("s4", loud=True)
    assert world.receipts() == [("kept", "wake_word")]
    assert vault.given == ["kitchen"]


def test_consent_that_is_gone_when_the_clip_would_be_kept_counts() -> None:
    class Forgotten(InMemoryVault):
        def site(self, site_id: str) -> SiteFacts | None:
            return None

    world = World(vault=Forgotten({"kitchen": FACTS}))
    world.say("s1", loud=True)
    assert world.receipts() == [("dropped", "unknown_device")]
    assert world.shelf.clips == {}


def test_what_was_counted_is_told_to_who_asks() -> None:
    world = World()
    world.say("s1", loud=False)
    world.receipts()
    ((topic, payload),) = world.service.handle(TOPICS.counts("ask", "t1"), b"{}")
    assert topic == TOPICS.counts("told", "t1")
    assert decode_json(payload, Counted).counts == {"dropped:no_wake_word": 1}
