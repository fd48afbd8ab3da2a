"""Streams without sessions: found, cut, never spliced, never hoarded."""

import itertools
from collections import Counter

import msgspec
import numpy as np
import pytest

from gateway.clip import Clip
from gateway.contract.model import Contract, load_contract, parse_contract
from gateway.gate.verify import load_verifier
from gateway.gate.wake import KnownAnswers, OpenWakeWord, Pcm
from gateway.intake.stream_listener import MAX_STREAMS, StreamListener
from gateway.wire import AudioFrame
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

RATE, FRAME = 16_000, 1_024


def contract() -> Contract:
    data = load_contract("strict").model_dump(by_alias=True)
    data["gate"] |= {"verify": (), "end_silence_ms": 700, "pre_roll_ms": 500, "max_clip_ms": 8_000}
    return parse_contract(data, "mine")


def noise(seconds: float, loud: float = 30.0) -> Pcm:
    return np.random.default_rng(1).normal(0, loud, int(seconds * RATE)).astype(np.int16)


def shout(seconds: float) -> Pcm:
    """What the detector of known answers takes for the wake word."""
    return np.clip(noise(seconds, 12_000), -25_000, 25_000).astype(np.int16)


def stream(box: StreamListener, pcm: Pcm, *, numbered: bool = False, skip: int = -1, site: str = "s") -> list[Clip]:
    clips = []
    for number, at in enumerate(range(0, len(pcm), FRAME)):
        if number == skip:
            continue
        seq = number if numbered else None
        frame = AudioFrame(pcm=pcm[at : at + FRAME].tobytes(), seq=seq, at_ms=None if seq is None else seq * 64)
        clips += box.hear(site, frame, now=at / RATE, now_ms=1_000_000 + at * 1000 // RATE)[1]
    return clips


def test_the_wake_word_is_found_and_the_clip_cut() -> None:
    box = StreamListener(contract(), KnownAnswers())
    pcm = np.concatenate([noise(5), shout(0.5), noise(0.2), noise(1.5, 3_000), noise(3)])
    (clip,) = stream(box, pcm)
    length = len(clip.pcm) / 2 / RATE
    assert 2.2 <= length <= 3.4
    assert clip.session_id.startswith("gw-")
    assert clip.at_ms == pytest.approx(1_000_000 + 4_140, abs=300)
    samples = np.frombuffer(clip.pcm, np.int16)
    assert np.abs(samples[: int(0.4 * RATE)]).max() < 300
    assert box.held_bytes < 5 * RATE * 2


def test_a_stream_in_which_nothing_is_heard_is_forgotten_as_it_goes() -> None:
    box = StreamListener(contract(), KnownAnswers())
    assert stream(box, noise(60)) == []
    assert box.held_bytes <= 1.5 * RATE * 2


def test_talk_without_an_end_is_cut_at_the_contracts_length() -> None:
    box = StreamListener(contract(), KnownAnswers())
    clips = stream(box, np.concatenate([noise(1), shout(0.5), noise(9, 3_000)]))
    assert len(clips[0].pcm) == 8 * RATE * 2


@pytest.mark.parametrize("numbered", [True, False])
def test_a_gap_empties_the_ring(numbered: bool) -> None:
    pcm = np.concatenate([noise(2), shout(0.5), noise(1.0, 3_000), noise(3)])
    box = StreamListener(contract(), KnownAnswers())
    assert len(stream(box, pcm, numbered=numbered)) == 1
    if numbered:
        assert stream(box, pcm, numbered=True, skip=45) == []
    else:
        half = 44 * FRAME
        assert stream(box, pcm[:half]) == []
        frame = AudioFrame(pcm=pcm[half : half + FRAME].tobytes())
        assert box.hear("s", frame, now=half / RATE + 2.0, now_ms=0) == (True, [])
        assert box.held_bytes == FRAME * 2


def test_a_stream_that_stops_is_forgotten_whatever_was_heard_in_it() -> None:
    box = StreamListener(contract(), KnownAnswers())
    said = np.concatenate([noise(1), shout(0.5), noise(1.5, 3_000)])
    assert stream(box, said) == []
    stream(box, noise(1), site="another")
    box.forget_gone(10.5)
    assert box.held_bytes > len(said)
    box.hear("another", AudioFrame(pcm=bytes(FRAME)), now=11.0, now_ms=0)
    box.forget_gone(13.1)
    assert 0 < box.held_bytes <= 1.5 * RATE * 2
    box.forget_gone(21.1)
    assert box.held_bytes == 0
    assert stream(box, np.concatenate([noise(0.5, 3_000), noise(3)])) == [], (
        "nothing of the request before is joined to it"
    )


def test_what_comes_right_after_a_request_is_heard_as_well() -> None:
    box = StreamListener(contract(), KnownAnswers())
    one = np.concatenate([shout(0.5), noise(1.0, 3_000), noise(0.8)])
    clips = stream(box, np.concatenate([noise(2), one, one, one, noise(3)]), numbered=True)
    assert len(clips) == 3
    begun = [clip.at_ms for clip in clips]
    assert [later - before for before, later in itertools.pairwise(begun)] == pytest.approx([2_300, 2_300], abs=350)


def said(text: str, number: int, seed: int) -> Pcm:
    words = tuple(Word(text=word) for word in text.split())
    saying = Saying(voice=load_voices("understood")[number], words=words)
    return render(Scene(sayings=(saying,), backdrop="pink", snr_db=20, pre_roll_ms=1_500, seed=seed)).pcm


def test_what_the_second_stage_does_not_confirm_is_forgotten_at_once() -> None:
    """Talk that never pauses, full of what the engine proposes: more than a word of it is never there at once, and a
    request in the midst of it is still heard."""
    rules, engine, verifier = load_contract("strict"), OpenWakeWord(), load_verifier()
    proposed = kept = 0
    for number in range(4):
        talk = np.concatenate(
            [said("A lexus is parked outside of a nexus.", number, seed)[:-8_000] for seed in range(4)]
        )
        proposed += bool((engine.hear(talk).scores >= rules.gate.wake_threshold).any())
        box, most = StreamListener(rules, engine, verifier), 0
        for at in range(0, len(talk), FRAME):
            frame = AudioFrame(pcm=talk[at : at + FRAME].tobytes())
            kept += len(box.hear("s", frame, now=at / RATE, now_ms=0)[1])
            most = max(most, box.held_bytes)
        if not kept:
            assert most <= 3.2 * RATE * 2
    assert proposed >= 3
    assert kept <= 1
    heard = 0
    for number in range(6):
        talk = np.concatenate(
            [said("A lexus is parked outside.", number, 1), said("Alexa, play some music.", number, 2)]
        )
        heard += len(stream(StreamListener(rules, engine, verifier), np.concatenate([talk, noise(2.5)])))
    assert heard >= 5


def test_streams_are_bounded_in_number() -> None:
    box = StreamListener(contract(), KnownAnswers())
    for number in range(MAX_STREAMS + 10):
        box.hear(f"s{number}", AudioFrame(pcm=bytes(FRAME)), now=0, now_ms=0)
    assert box.held_bytes == MAX_STREAMS * FRAME


def test_the_real_engine_finds_speech_in_a_stream() -> None:
    engine, found = OpenWakeWord(), 0
    for number, voice in enumerate(load_voices("understood")[:6]):
        words = tuple(Word(text=text) for text in "Alexa, play some music in the kitchen.".split())
        sound = render(
            Scene(
                sayings=(Saying(voice=voice, words=words),), backdrop="pink", snr_db=20, pre_roll_ms=3_000, seed=number
            )
        )
        clips = stream(StreamListener(contract(), engine), np.concatenate([sound.pcm, noise(2.5)]))
        if clips:
            found += 1
            whole = sound.words[-1].end - sound.words[0].start
            assert whole <= len(clips[0].pcm) / 2 <= whole + 1.6 * RATE
    assert found >= 5


@pytest.mark.parametrize(
    ("change", "gaps"),
    [
        ({"seq": 60}, 1),
        ({"seq": 2}, 1),
        ({"seq": None, "at_ms": None}, 1),
        ({"at_ms": 9_500}, 1),
        ({"at_ms": 1_856}, 1),
        ({}, 0),
    ],
)
def test_what_does_not_come_right_after_starts_anew(change: dict[str, int | None], gaps: int) -> None:
    counts: Counter[str] = Counter()
    box = StreamListener(contract(), KnownAnswers(), counts=counts)
    for seq in range(30):
        box.hear("s", AudioFrame(pcm=bytes(2 * FRAME), seq=seq, at_ms=64 * seq), now=0.064 * seq, now_ms=0)
    held = box.held_bytes
    after = msgspec.structs.replace(AudioFrame(pcm=bytes(2 * FRAME), seq=30, at_ms=1_920), **change)
    box.hear("s", after, now=1.95, now_ms=0)
    assert (box.held_bytes < held) == bool(gaps)
    assert counts["stream_gap"] == gaps


def test_a_gap_right_behind_a_clip_is_a_gap() -> None:
    box = StreamListener(contract(), KnownAnswers())
    pcm = np.concatenate([noise(1), shout(0.5), noise(1.0, 3_000), noise(2)])
    for number, at in enumerate(range(0, len(pcm), FRAME)):
        frame = AudioFrame(pcm=pcm[at : at + FRAME].tobytes(), seq=number, at_ms=number * 64)
        if box.hear("s", frame, now=at / RATE, now_ms=0)[1]:
            break
    left = box.held_bytes
    assert left > 0
    box.hear("s", AudioFrame(pcm=bytes(2 * FRAME), seq=number + 40, at_ms=(number + 40) * 64), now=at / RATE, now_ms=0)
    assert box.held_bytes == 2 * FRAME


def test_a_stream_too_many_is_counted() -> None:
    counts: Counter[str] = Counter()
    box = StreamListener(contract(), KnownAnswers(), counts=counts)
    for number in range(MAX_STREAMS + 3):
        box.hear(f"s{number}", AudioFrame(pcm=bytes(2)), now=0, now_ms=0)
    assert counts == {"stream_refused": 3}
