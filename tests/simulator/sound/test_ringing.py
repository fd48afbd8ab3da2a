"""How long a word is heard in a room."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.sound.ringing import heard_until

WORD, TAIL = 8_000, 3_200


def ringing(db_per_s: float) -> np.ndarray:
    """A word of half a second at a level of 1,000, and its echo."""
    rng = np.random.default_rng(1)
    level = np.ones(16_000)
    level[WORD:] = 10 ** (-db_per_s * np.arange(16_000 - WORD) / 16_000 / 20)
    return rng.standard_normal(16_000) * 1_000 * level


def test_an_echo_in_silence_is_heard_to_its_end() -> None:
    own = ringing(150)
    assert heard_until(own, own, end=WORD, longest=TAIL) == WORD + TAIL


def test_an_echo_is_heard_until_it_is_15_db_below_the_noise() -> None:
    own = ringing(150)  # 10 dB under the word after 67 ms, 25 dB after 167 ms
    noise = np.random.default_rng(2).standard_normal(16_000) * 1_000 * 10 ** (-10 / 20)
    heard = heard_until(own, own + noise, end=WORD, longest=TAIL)
    assert 140 <= (heard - WORD) / 16 <= 200


def test_a_louder_word_behind_covers_it() -> None:
    own = ringing(150)
    other = np.zeros(16_000)
    other[WORD:] = np.random.default_rng(3).standard_normal(16_000 - WORD) * 6_000
    assert heard_until(own, own + other, end=WORD, longest=TAIL) == WORD


@given(end=st.integers(-5_000, 20_000), longest=st.integers(0, 5_000), level=st.floats(0, 1e4))
def test_the_end_lies_between_the_words_own_and_the_longest(end: int, longest: int, level: float) -> None:
    own = np.full(4_000, level)
    heard = heard_until(own, own * 2, end=end, longest=longest)
    assert min(end, len(own)) <= heard <= max(end, min(end + longest, len(own)))
