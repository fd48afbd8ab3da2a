"""Words that sound like the wake word: found by distance, split by phrase, never the word itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.wakewords.near import WAKE, distance, near_pairs, near_words

PHONES = st.lists(st.sampled_from("AH L EH K S AA G T R IY Z N".split()), max_size=12).map(tuple)
LEXUS, LESSON, COLLECTION = ("L EH K S AH S", "L EH S AH N", "K AH L EH K SH AH N")
BANANA, THE = ("B AH N AE N AH", "DH AH")


def of(text: str) -> float:
    return distance(tuple(text.split()))


def test_what_wakes_devices_is_nearer_than_what_does_not() -> None:
    assert distance(WAKE) == 0
    assert 0 < of(LEXUS) < of(LESSON) < of(BANANA)
    assert of(COLLECTION) < of(BANANA)
    assert of(BANANA) < of(THE)


@given(PHONES, PHONES)
def test_sounds_around_the_word_cost_nothing_unless_it_has_to_begin_or_end_there(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    said = (*before, *WAKE, *after)
    assert distance(said) == 0
    assert distance((*WAKE, *after), begins=True) == 0 == distance((*before, *WAKE), ends=True)
    assert distance(said) <= min(distance(said, begins=True), distance(said, ends=True))


@given(PHONES)
def test_a_distance_is_at_most_that_of_leaving_everything_out(said: tuple[str, ...]) -> None:
    assert 0 <= distance(said) <= distance(())


@pytest.mark.slow
def test_the_literatures_confusables_are_among_them() -> None:
    words = {*near_words("train"), *near_words("held_out")}
    assert {"lexus", "alexis", "election", "nexus", "alexei"} <= words
    assert not {"banana", "window", "weather"} & words


@pytest.mark.slow
def test_training_and_judging_share_no_phrase_and_none_is_the_wake_word() -> None:
    for kind in (near_words, near_pairs):
        train, held_out = set(kind("train")), set(kind("held_out"))
        assert min(len(train), len(held_out)) > 400
        assert not train & held_out
        assert not [text for text in train | held_out if re.search(r"lexa\b", text)]
