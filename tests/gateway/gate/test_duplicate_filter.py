"""One utterance, one clip; and what all homes hear at once is nobody's request."""

import dataclasses
import time
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clip import Clip, GateDecision
from gateway.contract.model import Contract, load_contract, parse_contract
from gateway.gate.duplicate_filter import DuplicateFilter, Utterance, utterance
from gateway.gate.loudness_shape import same_sound
from gateway.wire import Transcript
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

KEPT = GateDecision(keep=True, reason="wake_word", start_sample=0, end_sample=10**6, wake_sample=16_000)
VOICES = load_voices("understood")


def contract(**gate: Any) -> Contract:
    data = load_contract("strict").model_dump(by_alias=True)
    data["gate"] |= {"refractory_ms": 2_000, "media_homes": None, "verify": ()} | gate
    return parse_contract(data, "mine")


def sound(text: str, *, voice: int = 0, snr_db: float = 20.0, gain: float = 1.0, seed: int = 1) -> bytes:
    words = tuple(Word(text=word) for word in text.split())
    pcm = render(
        Scene(sayings=(Saying(voice=VOICES[voice], words=words),), backdrop="pink", snr_db=snr_db, seed=seed)
    ).pcm
    return (pcm * gain).astype(np.int16).tobytes()


def clip(site: str, session: str, at_ms: int, pcm: bytes, words: str | None = None) -> Clip:
    made = Clip(site_id=site, session_id=session, at_ms=at_ms, pcm=pcm, trigger="wake")
    if words is None:
        return made
    heard = Transcript(text=words, likelihood=1, seconds=1, site_id=site, session_id=session)
    return msgspec.structs.replace(made, transcript=heard)


REQUEST = "Alexa, what is the weather like in the mountains?"


def test_a_device_that_fires_twice_is_heard_once_and_later_again() -> None:
    recent, pcm = DuplicateFilter(contract()), sound(REQUEST)
    first = utterance(clip("a", "s1", 0, pcm), KEPT, "H1", 0.0)
    assert recent.again(first) is None
    recent.keep(first)
    assert recent.again(first) is None  # the same session again is the store's to know
    assert recent.again(utterance(clip("a", "s2", 1_900, pcm), KEPT, "H1", 0.0)) == "refractory"
    assert recent.again(utterance(clip("a", "s2", -1_900, pcm), KEPT, "H1", 0.0)) == "refractory"
    assert recent.again(utterance(clip("a", "s3", 2_000, pcm), KEPT, "H1", 0.0)) is None


def test_two_devices_of_one_home_hear_one_utterance() -> None:
    recent = DuplicateFilter(contract())
    recent.keep(utterance(clip("a", "s1", 0, sound(REQUEST)), KEPT, "H1", 0.0))
    near = clip("b", "s2", 300, sound(REQUEST, snr_db=10.0, gain=0.3, seed=9))
    assert recent.again(utterance(near, KEPT, "H1", 0.0)) == "heard_elsewhere"
    assert recent.again(utterance(near, KEPT, "H2", 0.0)) is None
    other = clip("b", "s3", 300, sound("Alexa, stop.", voice=3, seed=5))
    assert recent.again(utterance(other, KEPT, "H1", 0.0)) is None
    same_words = clip("b", "s4", 300, sound("Alexa, stop.", voice=3), "alexa stop please")
    recent.keep(utterance(clip("a", "s5", 0, sound(REQUEST), "Alexa, stop please"), KEPT, "H1", 0.0))
    assert recent.again(utterance(same_words, KEPT, "H1", 0.0)) == "heard_elsewhere"
    each = DuplicateFilter(contract(same_utterance="each"))
    each.keep(utterance(clip("a", "s1", 0, sound(REQUEST)), KEPT, "H1", 0.0))
    assert each.again(utterance(near, KEPT, "H1", 0.0)) is None


def test_a_far_microphone_with_errors_of_its_own_hears_the_same_utterance() -> None:
    """An office kept one utterance twice: neither all the words nor the sound alone were the same."""
    recent, voice = DuplicateFilter(contract()), 3
    near, far = (sound(REQUEST, snr_db=db, gain=gain, seed=seed) for db, gain, seed in ((15.0, 1.0, 1), (-6.0, 0.4, 2)))
    recent.keep(utterance(clip("a", "s1", 0, near, "alexa what is the weather like in town"), KEPT, "H1", 0.0))
    errors = "alexa what is the feather like in down"
    again = utterance(clip("b", "s2", 40, far, errors), KEPT, "H1", 0.0)
    assert not same_sound(utterance(clip("a", "s1", 0, near), KEPT, "H1", 0.0).sound, again.sound)
    assert recent.again(again) == "heard_elsewhere"
    other_words = utterance(clip("b", "s3", 40, far, "alexa play the jazz of nineteen thirty"), KEPT, "H1", 0.0)
    assert recent.again(other_words) is None
    other_sound = utterance(clip("b", "s4", 40, sound("Alexa, stop.", voice=voice), errors), KEPT, "H1", 0.0)
    assert recent.again(other_sound) is None


def test_what_many_homes_hear_at_once_is_a_broadcast() -> None:
    recent, words = DuplicateFilter(contract(media_homes=3)), "alexa what is the weather like in the mountains"
    heard = [
        utterance(clip(f"d{n}", f"s{n}", 200 * n, sound(REQUEST, snr_db=12, seed=n), words), KEPT, f"H{n}", 0.0)
        for n in range(3)
    ]
    for said in heard[:2]:
        recent.note(said)
        assert recent.again(said) is None
    recent.note(heard[2])
    assert [recent.again(said) for said in heard] == ["media"] * 3


def test_transcripts_need_not_agree_on_every_word_of_a_broadcast() -> None:
    recent, sounds = DuplicateFilter(contract(media_homes=3)), [sound(REQUEST, snr_db=12, seed=n) for n in range(3)]
    texts = [
        "alexa what is the weather like in the mountains",
        "alexa what is the feather like in mountains",
        "alexa what was the weather like in the mountains",
    ]
    heard = [utterance(clip(f"d{n}", f"s{n}", n, sounds[n], texts[n]), KEPT, f"H{n}", 0.0) for n in range(3)]
    for said in heard:
        recent.note(said)
    assert [recent.again(said) for said in heard] == ["media"] * 3


def test_one_press_is_one_clip_and_no_broadcast() -> None:
    recent, words = DuplicateFilter(contract(media_homes=2)), "alexa what is on television tonight"
    pressed = GateDecision(keep=True, reason="button", start_sample=0, end_sample=10**6)
    said = [utterance(clip("a", f"s{n}", 300 * n, PURR, words), pressed, "H1", 0.0) for n in range(3)]
    other = utterance(clip("b", "t", 0, PURR, words), pressed, "H2", 0.0)
    for each in (*said, other):
        recent.note(each)
    assert recent.again(said[0]) is None
    recent.keep(said[0])
    assert [recent.again(each) for each in said[1:]] == ["refractory"] * 2
    assert recent.again(other) is None


def test_one_home_that_says_much_costs_no_other_home_its_turn() -> None:
    """However much of one home is remembered, few of its sounds are compared, and other homes' are not forgotten."""
    recent, words = DuplicateFilter(contract(media_homes=2)), "alexa what is on television tonight"
    mine = utterance(clip("b", "t", 0, PURR, words), KEPT, "H2", 0.0)
    recent.note(utterance(clip("c", "u", 0, PURR, words), KEPT, "H3", 0.0))
    other = np.random.default_rng(9).normal(0, 2_000, 24_000).astype("<i2").tobytes()
    once = utterance(clip("a", "s", 0, other, words), KEPT, "H1", 0.0)
    for number in range(3_000):
        recent.note(again_as(once, f"s{number}"))
    began = time.process_time()
    assert recent.again(mine) == "media"
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("what", ["other times", "other words", "one home", "other voices"])
def test_what_is_no_broadcast(what: str) -> None:
    recent, words = DuplicateFilter(contract(media_homes=3)), "alexa what is the weather like in the mountains"
    said = []
    for n in range(4):
        at_ms = 5_000 * n if what == "other times" else 100 * n
        text = f"alexa tell me about {OTHER[n]}" if what == "other words" else words
        voice = (0, 7, 19, 30)[n] if what == "other voices" else 0
        made = clip(f"d{n}", f"s{n}", at_ms, sound(REQUEST, voice=voice, seed=n), text)
        said.append(utterance(made, KEPT, "H1" if what == "one home" else f"H{n}", 0.0))
        recent.note(said[-1])
    assert "media" not in [recent.again(each) for each in said]


OTHER = ("tigers", "elephants and mice", "the moon", "old trains in winter")


def again_as(said: Utterance, session: str) -> Utterance:
    return dataclasses.replace(said, session_id=session)


FIRES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12_000)), min_size=1, max_size=25)
PURR = np.random.default_rng(3).normal(0, 2_000, 24_000).astype("<i2").tobytes()


@settings(max_examples=80, deadline=None)
@given(FIRES, st.sampled_from([0, 500, 2_000, 5_000]))
def test_a_device_is_never_heard_twice_within_the_refractory_time(fires: list[tuple[str, int]], pause_ms: int) -> None:
    """In whatever order they are decided: sessions end and are sent again when they like."""
    kept: list[Any] = []
    recent = DuplicateFilter(contract(refractory_ms=pause_ms, same_utterance="each"))
    for number, (site, at_ms) in enumerate(fires):
        said = utterance(clip(site, f"s{number}", at_ms, PURR), KEPT, "H1", 0.0)
        why = recent.again(said)
        assert why in (None, "refractory")
        near = [at for other, at in kept if other == site and abs(at - at_ms) < pause_ms]
        assert (why is None) == (not near)  # and nothing is dropped that was not heard just before
        if why is None:
            recent.keep(said)
            kept.append((site, at_ms))


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(5)), st.integers(2, 5), st.lists(st.integers(0, 1_900), min_size=5, max_size=5))
def test_a_broadcast_is_told_in_whatever_order_homes_are_heard(order: list[int], wanted: int, at: list[int]) -> None:
    recent, words = DuplicateFilter(contract(media_homes=wanted)), "alexa what is on television tonight"
    heard = [utterance(clip(f"d{n}", f"s{n}", at[n], PURR, words), KEPT, f"H{n}", 0.0) for n in range(5)]
    for number in order:
        recent.note(heard[number])
    assert [recent.again(said) for said in heard] == ["media"] * 5
    alone = DuplicateFilter(contract(media_homes=6))
    for said in heard:
        alone.note(said)
    assert [alone.again(said) for said in heard] == [None] * 5


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(4)), st.lists(st.integers(0, 1_500), min_size=4, max_size=4))
def test_however_many_devices_of_a_home_hear_it_one_clip_is_kept(order: list[int], at: list[int]) -> None:
    recent, kept = DuplicateFilter(contract()), 0
    for number in order:
        said = utterance(clip(f"d{number}", f"s{number}", at[number], PURR), KEPT, "H1", 0.0)
        if recent.again(said) is None:
            recent.keep(said)
            kept += 1
    assert kept == 1
