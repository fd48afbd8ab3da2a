"""Groups of five symbols are told to be text exactly when their bytes could be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.groups import heads, is_texty


@given(st.binary(min_size=4, max_size=4))
def test_a_group_without_control_characters_could_be_text(four: bytes) -> None:
    low = any(code < 32 and code not in (9, 10, 13) for code in four)
    told = bool(is_texty(np.array([int.from_bytes(four, "big")], np.uint32))[0])
    assert told == (not low and not (127 in four and any(code < 32 for code in four)))


def test_three_groups_are_twelve_bytes() -> None:
    groups = np.zeros(16, np.uint32)
    groups[[0, 5, 10]] = [0x526F7361, 0x6C696E64, 0x20517569]
    assert heads(groups, np.array([0])).tobytes() == b"Rosalind Qui"
