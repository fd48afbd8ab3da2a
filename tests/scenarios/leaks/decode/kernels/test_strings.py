"""Strings behind their lengths are the same with the compiled functions as without them."""

import struct

from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.leaks.decode.containers import _measured
from tests.scenarios.leaks.decode.conftest import Ways

_WORDS = st.text("abcdefgh  XYéü語019x~`", min_size=1, max_size=40).map(str.encode)
_FORMS = ("B", "<H", ">H", "<I", ">I")


@st.composite
def _counted(draw: st.DrawFn) -> bytes:
    """Draw a word with its length in front, in one of several ways, or with anything else there."""
    word = draw(_WORDS)
    lengths = [struct.pack(form, len(word)) for form in _FORMS]
    lengths += [bytes([0x60 + len(word) % 24]), bytes([0x78, len(word)]), bytes([0xA0 + len(word) % 31])]
    return draw(st.sampled_from(lengths) | st.binary(max_size=4)) + word


@given(st.lists(_counted(), max_size=60))
@example([b"\x05", b"xhello", b"   " * 200, b"\x00\x00\x00\x0aab"])
def test_both_ways_give_the_same_strings(both_ways: Ways, parts: list[bytes]) -> None:
    compiled, plain = both_ways(lambda: _measured(b"".join(parts)))
    assert compiled == plain


@given(st.binary(max_size=600), st.integers(1, 200))
def test_both_ways_give_the_same_strings_of_long_runs(both_ways: Ways, noise: bytes, many: int) -> None:
    readable = bytes(32 + code % 95 for code in noise) * many
    compiled, plain = both_ways(lambda: _measured(b"\0\xff" + readable + b"\0" + noise))
    assert compiled == plain


def test_a_name_behind_its_length_is_found_with_the_compiled_functions(both_ways: Ways) -> None:
    name = b"Rosalind Quintero"
    compiled, _ = both_ways(lambda: _measured(b"\x00\xff" + b"dname" + bytes([0x60 + len(name)]) + name + b"\x01"))
    assert name in compiled.split(b"\n")
