"""What voice clients do at the door, case by case: each case's name is the number it was reported under."""

import struct
from typing import Any

import msgspec
import numpy as np
import pytest

from gateway.vault.client import InMemoryVault, SiteFacts
from gateway.wire import (
    AudioFrame,
    Mute,
    Receipt,
    SessionEnd,
    SessionStart,
    decode_json,
    encode_frame,
    encode_wav,
)
from tests.gateway.world import FACTS, SILENT_HOME, TOPICS, World, without_second_stage

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


def outcomes(answers: list[tuple[str, bytes]]) -> list[tuple[str, str, str]]:
    found = [decode_json(payload, Receipt) for topic, payload in answers if topic.endswith("/receipt")]
    return [(receipt.session_id, receipt.outcome, receipt.reason) for receipt in found]


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


def request(
    world: World, session: str, seed: int, *, at_ms: int = 5_000, step_ms: int = 80, site: str = "kitchen", **more: Any
) -> None:
    """A request that no other seed's sounds like, loud enough for the detector of known answers."""
    rng = np.random.default_rng(seed)
    levels = 25_000 / 2.0 ** rng.uniform(0, 9, 20)
    levels[:4] = 25_000
    world.tell("session/start", SessionStart(session_id=session, at_ms=at_ms, trigger="wake"), site)
    for seq in range(20):
        pcm = (levels[seq] * np.repeat(rng.choice((-1, 1), 320), 4)).astype("<i2").tobytes()
        numbers: dict[str, Any] = {"seq": seq, "at_ms": at_ms + step_ms * seq} if step_ms >= 0 else {}
        world.service.handle(TOPICS.frame(site, session), encode_frame(AudioFrame(pcm=pcm, **numbers)))
    if more.get("end", True):
        world.tell("session/end", SessionEnd(session_id=session, at_ms=at_ms, frames=20), site)


def settled(world: World, wait_s: float = 7.0) -> list[tuple[str, str]]:
    world.now += wait_s
    return [(outcome, reason) for _, outcome, reason in outcomes(world.service.settle())]


KEPT, AGAIN = ("kept", "wake_word"), ("kept", "already_kept")


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


CLOCKS = {
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


def sound(*parts: tuple[float, float], seed: int = 1) -> bytes:
    """Noise of (seconds, loudness) one after another; what is louder than 20,000 has the wake word."""
    rng = np.random.default_rng(seed)
    made = [np.clip(rng.normal(0, loud, int(s * 16_000)), -25_000, 25_000) for s, loud in parts]
    return np.concatenate(made).astype("<i2").tobytes()


WORD, TALK, QUIET, PAUSE = (0.5, 14_000.0), (1.2, 3_000.0), (1.0, 30.0), (1.6, 30.0)
REQUEST, CHATTER = (QUIET, WORD, TALK), (QUIET, TALK, TALK)


def hermes_world() -> World:
    rules = without_second_stage("strict", end_silence_ms=700)
    return World(rules, vault=InMemoryVault({"kitchen": FACTS, "quiet": SILENT_HOME, "bedroom": FACTS}))


def session_frames(
    world: World, pcm: bytes, session: str = "s", site: str = "kitchen", *, step: int = 2_048, settle: bool = True
) -> list[tuple[str, str, str]]:
    """Audio in a session that nobody of ours began, live; what is answered meanwhile."""
    said = []
    for at in range(0, len(pcm), step):
        answers = world.service.handle(TOPICS.frame(site, session), encode_wav(pcm[at : at + step]))
        world.now += step / 32_000
        said += outcomes(answers + (world.service.settle() if settle else []))
    return said


def later(world: World, *waits: float) -> list[tuple[str, str, str]]:
    said = []
    for wait in waits or (1.2, 0.1, 7.0, 0.1):
        world.now += wait
        said += outcomes(world.service.settle())
    return said


def stop(world: World, **said: str) -> list[tuple[str, str, str]]:
    return outcomes(world.service.handle("hermes/asr/stopListening", msgspec.json.encode(said)))


def test_b33_a_session_of_hermes_ends_at_the_quiet() -> None:
    world = hermes_world()
    said = session_frames(world, sound(*REQUEST, PAUSE, PAUSE, PAUSE, PAUSE, PAUSE))
    assert said == [("s", "kept", "wake_word")], "while frames still come"
    (clip,) = world.shelf.clips.values()
    assert 1_800 <= clip.duration_ms <= 3_300
    assert later(world) == [], "the rest of it is nothing more"


def test_b33_it_ends_a_second_after_its_last_frame() -> None:
    world = hermes_world()
    assert session_frames(world, sound(*REQUEST)) == []
    assert later(world, 0.9) == []
    assert later(world) == [("s", "kept", "wake_word")]


@pytest.mark.parametrize("named", [{"sessionId": "s"}, {}])
def test_b33_stop_listening_ends_it_and_what_still_comes_is_no_part_of_it(named: dict[str, str]) -> None:
    world = hermes_world()
    session_frames(world, sound(*REQUEST))
    stop(world, siteId="kitchen", **named)
    assert session_frames(world, sound(WORD, TALK)) == []
    assert later(world) == [("s", "kept", "wake_word")]
    (clip,) = world.shelf.clips.values()
    assert clip.duration_ms <= 2_700


@pytest.mark.parametrize(
    "said",
    [
        {"siteId": "kitchen", "sessionId": "another"},
        {"siteId": "bedroom", "sessionId": "s"},
        {"siteId": "bedroom"},
        {"sessionId": "s"},
        {"siteId": "a/b", "sessionId": "s"},
    ],
)
def test_b33_what_stops_another_stops_nothing_here(said: dict[str, str]) -> None:
    world = hermes_world()
    session_frames(world, sound(QUIET, WORD))
    stop(world, **said)
    session_frames(world, sound(TALK))
    assert later(world) == [("s", "kept", "wake_word")]
    (clip,) = world.shelf.clips.values()
    assert clip.duration_ms > 1_800


def test_b33_stop_listening_admits_nothing() -> None:
    world = hermes_world()
    session_frames(world, sound(*CHATTER))
    stop(world, siteId="kitchen", sessionId="s")
    assert later(world) == [("s", "dropped", "no_wake_word")]
    assert world.shelf.clips == {}
    assert stop(world, siteId="kitchen", sessionId="never") == []
    assert later(world) == []


def test_b33_without_the_word_it_is_answered_and_no_more_than_seconds_are_ever_held() -> None:
    world = hermes_world()
    session_frames(world, sound(*CHATTER, *[TALK] * 20))
    assert world.service.held_bytes < 2.5 * 32_000
    assert later(world) == [("s", "dropped", "no_wake_word")]
    assert world.service.held_bytes == 0


def test_b29_a_follow_up_without_the_word_is_dropped_by_contract() -> None:
    world = hermes_world()
    first = session_frames(world, sound(*REQUEST, PAUSE)) + later(world)
    again = session_frames(world, sound(*CHATTER), session="t") + later(world)
    assert (first, again) == ([("s", "kept", "wake_word")], [("t", "dropped", "no_wake_word")])


def test_b28_nothing_tells_of_playback_what_says_the_word_is_heard() -> None:
    """An assistant that says its own name is heard like anybody else: Hermes' `playBytes` is no device's own word."""
    world = hermes_world()
    world.service.handle("hermes/audioServer/kitchen/playBytes/1", encode_wav(sound(WORD)))
    session_frames(world, sound(*REQUEST))
    assert later(world) == [("s", "kept", "wake_word")]


@pytest.mark.parametrize(
    ("site", "reason"), [("stranger", "unknown_device"), ("quiet", "no_consent"), ("kitchen", "muted")]
)
def test_b33_who_may_not_be_heard_is_not_and_is_told_so(site: str, reason: str) -> None:
    world = hermes_world()
    if reason == "muted":
        session_frames(world, sound(QUIET, WORD), site=site)
        world.tell("mute", Mute(muted=True, at_ms=1), site)
    session_frames(world, sound(*REQUEST), site=site)
    assert world.service.held_bytes == 0
    assert later(world) == [("s", "dropped", reason)]
    assert world.shelf.clips == {}


def test_b33_a_switch_on_in_the_midst_of_it_gives_nothing_back() -> None:
    world = hermes_world()
    session_frames(world, sound(QUIET, WORD))
    world.tell("mute", Mute(muted=True, at_ms=1))
    world.tell("mute", Mute(muted=False, at_ms=2))
    session_frames(world, sound(TALK))
    assert later(world) == [("s", "dropped", "muted")]


def test_b33_a_client_that_sends_no_wav_of_ours_is_told_within_a_second() -> None:
    world = hermes_world()
    for _ in range(10):
        world.service.handle(TOPICS.frame("kitchen", "s"), b"RIFF" * 9)
        world.now += 0.1
    assert later(world, 1.2, 0.0) == [("s", "incomplete", "undecodable")]


def test_b33_two_requests_under_one_id_are_two() -> None:
    world = hermes_world()
    said = session_frames(world, sound(*REQUEST, PAUSE, QUIET, QUIET), "constant") + later(world)
    said += session_frames(world, sound(*REQUEST, PAUSE, seed=7), "constant") + later(world)
    assert said == [("constant", "kept", "wake_word")] * 2
    assert len(world.shelf.clips) == 2


def test_b33_a_device_of_ours_whose_start_comes_late_is_no_stream() -> None:
    world = hermes_world()
    pcm = sound(*REQUEST)
    session_frames(world, pcm[:2_048])
    world.tell("session/start", SessionStart(session_id="s", at_ms=1, trigger="wake"))
    session_frames(world, pcm[2_048:])
    world.tell("session/end", SessionEnd(session_id="s", at_ms=1, frames=-(-len(pcm) // 2_048)))
    assert later(world) == [("s", "incomplete", "gap")]


def test_b33_sessions_of_one_site_are_bounded_and_who_finds_no_room_is_told_once() -> None:
    world, said = hermes_world(), []
    for number in range(12):
        said += session_frames(world, sound((0.1, 30.0)), f"s{number}", step=3_200, settle=False) * 1
        said += session_frames(world, sound((0.1, 30.0)), f"s{number}", step=3_200, settle=False)
    assert {reason for _, _, reason in said} == {"overloaded"}
    assert len(said) == len({session for session, _, _ in said}) <= 4


def numbered(pcm: bytes, *, at_ms: int = 0) -> list[bytes]:
    return [
        encode_frame(AudioFrame(pcm=pcm[at : at + 2_048], seq=seq, at_ms=at_ms + 64 * seq))
        for seq, at in enumerate(range(0, len(pcm), 2_048))
    ]


def stream(world: World, payloads: list[bytes], *, faster: float = 1.0) -> list[tuple[str, str]]:
    said = []
    for payload in payloads:
        answers = world.service.handle(TOPICS.frame("kitchen"), payload)
        world.now += 0.064 / faster
        said += outcomes(answers + world.service.settle())
    return [(outcome, reason) for _, outcome, reason in said + later(world, 7.0, 0.1)]


TWO = (*REQUEST, PAUSE, QUIET, QUIET, QUIET, *REQUEST, PAUSE)


def test_b07_b08_a_stream_redelivered_and_swapped_is_the_stream_it_was() -> None:
    payloads = numbered(sound(*REQUEST, PAUSE))
    assert stream(hermes_world(), payloads) == [KEPT]
    doubled = [each for payload in payloads for each in (payload, payload)]
    assert stream(hermes_world(), doubled, faster=2) == [KEPT]
    swapped = [
        payloads[0],
        *(each for at in range(1, len(payloads) - 1, 2) for each in reversed(payloads[at : at + 2])),
    ]
    assert stream(hermes_world(), swapped) == [KEPT]
    behind = [*payloads[:20], *payloads[15:20], *payloads[20:]]
    assert stream(hermes_world(), behind) == [KEPT]
    lost = [payload for number, payload in enumerate(payloads) if number != 30]
    assert stream(hermes_world(), lost) == [], "nothing is spliced"


@pytest.mark.parametrize("numbers", [True, False])
def test_b09_a_stream_flushed_after_an_outage_holds_both_requests(numbers: bool) -> None:
    pcm = sound(*TWO)
    payloads = numbered(pcm) if numbers else [encode_wav(pcm[at : at + 2_048]) for at in range(0, len(pcm), 2_048)]
    assert stream(hermes_world(), payloads, faster=10) == [KEPT, KEPT]


def test_b05_a_stream_whose_clock_stands_is_heard() -> None:
    pcm = sound(*TWO)
    still = [
        encode_frame(AudioFrame(pcm=pcm[at : at + 2_048], seq=seq, at_ms=5))
        for seq, at in enumerate(range(0, len(pcm), 2_048))
    ]
    assert stream(hermes_world(), still) == [KEPT, KEPT]


@pytest.mark.parametrize(("apart_ms", "clips"), [(0, 1), (1_500, 1), (2_500, 2)])
def test_b13_clocks_of_a_home_further_apart_than_the_refractory_time_make_two_clips(apart_ms: int, clips: int) -> None:
    """As documented: unless the transcripts are equal, and then within the refractory time as well."""
    world = World(vault=InMemoryVault({"kitchen": FACTS, "bedroom": FACTS}))
    request(world, "a", 1, at_ms=50_000)
    request(world, "b", 1, at_ms=50_000 + apart_ms, site="bedroom")
    settled(world)
    assert len(world.shelf.clips) == clips


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


def rewritten(payload: bytes, header: str) -> bytes:
    """The same audio under another writer's header."""
    pcm = payload[44 : 44 + struct.unpack_from("<I", payload, 40)[0]]
    form = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
    size, other = len(pcm), b""
    if header == "extensible":
        guid = bytes.fromhex("0100000000001000800000aa00389b71")
        form = b"\xfe\xff" + form[2:] + struct.pack("<HHI", 22, 16, 4) + guid
    elif header == "LIST":
        other = struct.pack("<4sI", b"LIST", 7) + b"INFOabc\0"
    elif header == "Snips' time":
        other = struct.pack("<4sIQ", b"time", 8, 1_700_000_000_000)
    else:
        size = int(header, 16)
    chunks = struct.pack("<4sI", b"fmt ", len(form)) + form + other + struct.pack("<4sI", b"data", size) + pcm
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + chunks


HEADERS = ["0", "7FFFFFFF", "FFFFFFFF", hex(2_000_000_000), "extensible", "LIST", "Snips' time"]


@pytest.mark.parametrize("header", HEADERS)
def test_b14_b15_every_writers_frames_are_heard_in_sessions_and_streams(header: str) -> None:
    pcm = sound(*REQUEST, PAUSE)
    payloads = [rewritten(encode_wav(pcm[at : at + 2_048]), header) for at in range(0, len(pcm), 2_048)]
    assert stream(hermes_world(), payloads) == [KEPT]
    world = hermes_world()
    world.tell("session/start", SessionStart(session_id="s", at_ms=1, trigger="wake"))
    for payload in payloads:
        assert world.service.handle(TOPICS.frame("kitchen", "s"), payload) == []
    world.tell("session/end", SessionEnd(session_id="s", at_ms=1, frames=len(payloads)))
    assert later(world) == [("s", *KEPT)]


@pytest.mark.parametrize("late", [True, False])
def test_b01_a_switch_said_while_nobody_listened_counts(late: bool) -> None:
    """As the broker hands it over: kept for a lasting session or retained (late), or said just now."""
    world = World()
    world.service.handle(TOPICS.device("kitchen", "mute"), b'{"muted": true, "atMs": 5}', late=late)
    world.service.handle(TOPICS.device("kitchen", "mute"), b'{"muted": false, "atMs": 4}', late=late)
    world.say("s", loud=True)
    assert world.receipts() == [("dropped", "muted")]
