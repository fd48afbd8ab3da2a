"""Talk never has the wake word in it, and what judges shares no content with what trains."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files import BadFile
from scenarios.wakewords.talk import chat, load_talk, number_of


def test_the_splits_share_no_word_that_fills_a_sentence() -> None:
    for part, words in load_talk().words.items():
        halves = [{w for w in words.split() if number_of(w.replace("_", " ")) % 2 == half} for half in (0, 1)]
        assert all(len(half) >= 5 for half in halves), part
    train, held_out = (
        {chat(np.random.default_rng(seed), split) for seed in range(300)} for split in ("train", "held_out")
    )
    assert not train & held_out


@given(st.integers(0, 2**32), st.sampled_from(["train", "held_out"]), st.integers(1, 4))
def test_no_wake_word_and_no_part_left_open(seed: int, split: str, sentences: int) -> None:
    said = chat(np.random.default_rng(seed), split, sentences)  # type: ignore[arg-type]
    assert not re.search(r"\balexa\b|[{}_]", said.lower())
    assert said == chat(np.random.default_rng(seed), split, sentences)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["sentences: [a, b]", "sentences: ['{thing} a', b]\nwords: {thing: one}", "sentences: [a, b]\nwords: {}\nmore: 1"],
)
def test_what_is_no_talk_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "talk.yaml"
    file.write_text(text)
    with pytest.raises(BadFile):
        load_talk(file)
