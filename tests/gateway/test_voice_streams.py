"""Streams without a session of ours: where they end, what is heard in them, and who is told."""

import struct

import msgspec
import pytest

from gateway.vault.in_memory import InMemoryVault
from gateway.wire import (
    AudioFrame,
    Mute,
    SessionEnd,
    SessionStart,
    encode_frame,
    encode_wav,
)
from tests.gateway.voices import KEPT, PAUSE, QUIET, TALK, WORD, numbered, outcomes, sound
from tests.gateway.world import FACTS, SILENT_HOME, TOPICS, World, without_second_stage

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
