"""A clip of which little is left: told by all that is known of it, and by no single hint that may mislead."""

import numpy as np
import pytest

from scenarios.kept.by_phrase import by_phrase
from scenarios.kept.by_sound import by_sound
from scenarios.kept.joined import Joined
from scenarios.kept.narrowed import narrowed
from tests.scenarios.kept.clips import clip, truth
from tests.scenarios.world import recording

LENGTHS = (2.0, 2.5, 3.0, 3.5, 3.5)
TEXTS = "alexa stop", "alexa play music", "alexa call the lights", "alexa what is the time", "alexa call my mother"
KNOWN = truth(*TEXTS)
NAMES = [said.utterance_id for said in KNOWN.utterances]
SENT = {
    name: recording(seed=at, seconds=seconds) for at, (name, seconds) in enumerate(zip(NAMES, LENGTHS, strict=True))
}


def silent(name: str) -> np.ndarray:
    return np.zeros_like(SENT[name])


def by_both(heard: dict[str, np.ndarray], **texts: str) -> Joined:
    clips = [clip(label, text=texts.get(label)) for label in heard]
    return narrowed(by_sound(clips, heard, SENT), clips, KNOWN, heard, SENT)


def test_silent_clips_are_told_by_their_length_and_the_words_that_are_left() -> None:
    heard = {f"k{at}": SENT[name] for at, name in enumerate(NAMES[:3])} | {"a": silent(NAMES[1]), "b": silent(NAMES[3])}
    joined = by_both(heard, b="alexa what is the [...]")
    assert (joined.of["a"], joined.of["b"], joined.untold, joined.narrowed) == (NAMES[1], NAMES[3], {}, 2)


def test_two_of_one_length_are_not_told_apart_by_it() -> None:
    heard = {f"k{at}": SENT[name] for at, name in enumerate(NAMES[:3])} | {"b": silent(NAMES[3])}
    assert by_both(heard).untold == {"b": frozenset(NAMES[3:])}
    assert by_both(heard, b="alexa").untold == {"b": frozenset(NAMES[3:])}


def test_each_hint_leaves_several_and_both_leave_one() -> None:
    heard = {f"k{at}": SENT[name] for at, name in enumerate(NAMES[:3])} | {"b": silent(NAMES[4])}
    assert by_both(heard, b="alexa call [NAME]").of["b"] == NAMES[4]


@pytest.mark.parametrize("known", [2, 3])
def test_length_says_nothing_where_the_system_cuts_or_too_little_is_known(known: int) -> None:
    heard = {f"k{at}": SENT[name] for at, name in enumerate(NAMES[:known])} | {"a": silent(NAMES[1])}
    if known == 3:
        heard["k0"] = heard["k0"][800:]
    assert by_both(heard).untold == {"a": frozenset(NAMES)}


def test_words_that_fit_several_are_told_by_sound() -> None:
    clips = [clip("1", text="alexa ..."), clip("2", text="alexa play [TITLE]")]
    heard = {"1": SENT[NAMES[4]], "2": silent(NAMES[2])}
    joined = narrowed(by_phrase(clips, KNOWN), clips, KNOWN, heard, SENT)
    assert joined.of == {"1": NAMES[4], "2": NAMES[1]}


def test_without_sound_or_words_nothing_is_told() -> None:
    clips = [clip("1")]
    assert narrowed(by_phrase(clips, KNOWN), clips, KNOWN, {}, {}).untold == {"1": frozenset(NAMES)}


def test_a_stranger_by_its_words_is_none_whose_sound_was_sent() -> None:
    clips = [clip("1", text="somebody wrote other words here"), clip("2", text="nobody ever said this here")]
    heard = {"1": SENT[NAMES[1]], "2": recording(seed=99, seconds=2.0)}
    joined = narrowed(by_phrase(clips, KNOWN), clips, KNOWN, heard, SENT)
    assert (joined.of, joined.strangers) == ({"1": NAMES[1]}, ("2",))
