"""Takes repeat with their seed, and what is held out is held out everywhere."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.wakewords.corpus import Channel, Kind, load_phrases, random_voice, takes, voice_split
from scenarios.wakewords.near import common_words, near_pairs, near_words
from simulator.world.common_words import EVERYDAY

KINDS: tuple[Kind, ...] = ("wake", "lead_in", "confusable", "near", "ordinary", "words")


@pytest.mark.slow
@settings(max_examples=20, deadline=None)  # the dictionary is read once
@given(st.sampled_from(KINDS), st.integers(0, 1_000), st.booleans())
def test_a_seed_gives_the_same_takes(kind: Kind, seed: int, varied: bool) -> None:
    drawn = list(takes(30, kind=kind, seed=seed, varied=varied))
    assert drawn == list(takes(30, kind=kind, seed=seed, varied=varied))
    assert drawn != list(takes(30, kind=kind, seed=seed + 1, varied=varied))
    assert varied or all(take.channel == Channel() and take.backdrop == "pink" for take in drawn)


def test_enough_right_context_to_train_on() -> None:
    wake = {take.line for take in takes(5_000, kind="wake", seed=1) if take.phrase_split == "train"}
    assert sum("Alexa," in line for line in wake) >= 50
    assert sum("Alexa " in line for line in wake) >= 50
    contexts: dict[str, set[str]] = defaultdict(set)
    for take in takes(60 * 400, kind="confusable", seed=1):
        if take.trainable:
            contexts[take.phrase].add(take.line)
    assert len(contexts) == sum(len(family.phrases) for family in load_phrases().families.values())
    assert min(map(len, contexts.values())) >= 20


def test_no_line_and_no_larynx_is_on_both_sides() -> None:
    splits = defaultdict(set)
    for kind in KINDS[:3]:
        for source in ("espeak", "flite"):
            for take in takes(4_000, kind=kind, seed=2, source=source):
                splits["line", take.line].add(take.phrase_split)
                splits["variant", f"{take.source} {take.voice.variant}"].add(take.voice_split)
    assert all(len(found) == 1 for found in splits.values())
    for what in ("line", "variant"):
        assert {found for key, each in splits.items() if key[0] == what for found in each} == {"train", "held_out"}


@pytest.mark.slow
def test_drawn_lines_hold_words_of_their_split_alone() -> None:
    for kind, known in (("words", common_words), ("near", lambda split: (*near_words(split), *near_pairs(split)))):
        train, held_out = (set(known(split)) for split in ("train", "held_out"))
        for take in takes(400, kind=kind, seed=3):  # type: ignore[arg-type]
            mine, others = (train, held_out) if take.phrase_split == "train" else (held_out, train)
            said = {take.phrase} if kind == "near" else set(take.line.lower().rstrip(".").split())
            assert said <= mine
            assert not said & others


def test_common_words_trained_on_are_none_that_false_accepts_are_counted_over() -> None:
    assert not {*common_words("train"), *common_words("held_out")} & set(EVERYDAY)


def test_a_voice_of_the_split_that_was_asked_for() -> None:
    rng = np.random.default_rng(4)
    assert {voice_split(random_voice(rng, "held_out")) for _ in range(50)} == {"held_out"}
