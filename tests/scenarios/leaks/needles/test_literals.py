import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.needles.literals import (
    HyperscanLiterals,
    PlainLiterals,
    TableLiterals,
    digits_of,
    fold,
    hyperscan,
    literals,
    numbers_in,
    outermost,
    words_of,
)


@pytest.mark.parametrize(
    "text",
    ["Zoë Ångström", "ZOE ANGSTROM", "zoe\u200b  angstrom", "Zoe\u0308_A\u030angstr\u00f8m", "Ｚｏｅ Angstrom",
     "zoe\u00adangstrom".replace("\u00ad", " \u00ad")],
)  # fmt: skip
def test_one_name_in_many_dresses(text: str) -> None:
    assert words_of(text) == "zoe angstrom"


@pytest.mark.parametrize(
    "text",
    [
        "+14155550123", "(415) 555-0123", "415.555.0123", "tel:+1-415-555-0123", "1 415 555 0123", "4155550123",
        "415\u2013555\u20130123", "４１５ ５５５ ０１２３", "٤١٥ ٥٥٥ ٠١٢٣", "x4155550123y", "001 415 555 0123",
    ],
)  # fmt: skip
def test_one_phone_in_many_dresses(text: str) -> None:
    assert {"4155550123", "14155550123"} & set(numbers_in(fold(text), frozenset({10, 11})))


@pytest.mark.parametrize(
    "text", ["94155550123", "41555501234", "4155, 550123", "[4, 1, 5, 5, 5, 5, 0, 1, 2, 3]", "415:555:0123"]
)
def test_a_number_within_another_or_a_list_is_none(text: str) -> None:
    assert "4155550123" not in set(numbers_in(fold(text), frozenset({10})))


def test_the_national_zero_is_not_part_of_the_number() -> None:
    assert "2079460018" in set(numbers_in("020 7946 0018", frozenset({10})))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words_of(words_of(text)) == words_of(text)
    assert set(digits_of(text)) <= set("0123456789")


KEYS = [" ada lovelace ", " lovelace ", "ab", "bc", "é"]


@pytest.mark.skipif(hyperscan is None, reason="no hyperscan here")
@given(st.text(alphabet="abcé ", max_size=60) | st.sampled_from([" ada lovelace lovelace "]))
def test_both_searches_say_the_same(text: str) -> None:
    assert sorted(HyperscanLiterals(KEYS).search(text.encode())) == sorted(PlainLiterals(KEYS).search(text.encode()))


@given(st.text(alphabet="abl ovecé ", max_size=80) | st.sampled_from([" ada lovelace lovelace ada lovelace"]))
def test_a_table_says_the_same(text: str) -> None:
    for keys in (KEYS, [" ada lovelace ", " lovelace ", " ada lov"], ["dalovelace", "lovelaceada", "é"]):
        assert sorted(TableLiterals(keys).search(text.encode())) == sorted(PlainLiterals(keys).search(text.encode()))


def test_a_table_knows_where_each_key_beyond_ascii_ends() -> None:
    keys = [" jürgen weiß ", " ötztal öl ", " ada lovelace "]
    found = TableLiterals(keys).search(" jürgen weiß ada lovelace ötztal öl ".encode())
    assert [key for key, _, _ in found] == [keys[0], keys[2], keys[1]]


def test_no_keys_find_nothing() -> None:
    assert literals([]).search(b"anything") == []


def test_a_match_within_a_longer_one_is_dropped() -> None:
    assert outermost([("a", 3, 5), ("b", 0, 9), ("c", 8, 12)]) == [("b", 0, 9), ("c", 8, 12)]


@given(st.text(alphabet="ab \n,", max_size=200), st.integers(1, 3))
def test_long_texts_are_spaced_as_short_ones(text: str, times: int) -> None:
    long = (text + " x") * times * (40_000 // (len(text) + 2))
    assert words_of(long) == " ".join(long.replace(",", " ").split())
