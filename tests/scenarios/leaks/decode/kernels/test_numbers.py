"""Tokens that could be one large number are told the same with the compiled functions as without them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.bases import NUMERALS, Numeral
from tests.scenarios.leaks.decode.conftest import Ways

_SYMBOLS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _written(data: bytes, symbols: str = _SYMBOLS) -> bytes:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, len(symbols))
        text = symbols[rest] + text
    return text.encode()


@pytest.mark.parametrize("numeral", NUMERALS, ids=lambda numeral: numeral.name)
@given(values=st.lists(st.binary(min_size=8, max_size=60), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_numbers_that_could_say_something_are_those_that_numpy_tells(
    both_ways: Ways, numeral: Numeral, values: list[bytes], seed: int
) -> None:
    rng = random.Random(seed)
    others = ["".join(rng.choices(_SYMBOLS + "0lIO", k=rng.randint(9, 40))).encode() for _ in range(20)]
    tokens = [*others, *(token for token in map(_written, values) if len(token) >= 9)]
    compiled, plain = both_ways(lambda: numeral.likely(tokens))
    assert compiled == plain


@given(value=st.text("abcdefghijklmnop @.ABCÄé0123", min_size=8, max_size=40))
def test_a_number_that_says_a_value_is_likely(both_ways: Ways, value: str) -> None:
    token = _written(value.encode())
    assert both_ways(lambda: NUMERALS[0].likely([token])) == ([token], [token])
