"""A text under any one-byte key is among the texts that come back."""

from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.packed.keyed import one_byte_key

NAME = b"Rosalind Quintero"


@given(st.integers(1, 255))
def test_a_name_under_any_key_is_read(key: int) -> None:
    assert NAME in one_byte_key(bytes(code ^ key for code in NAME))


def test_what_is_short_or_holds_few_bytes_is_not_tried() -> None:
    assert one_byte_key(NAME[:9]) == []
    assert one_byte_key(b"\xa1\xa2\xa1" * 9) == []
