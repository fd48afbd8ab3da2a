"""A beginning is judged alone as it is among many."""

import zlib
from types import ModuleType

import brotli
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.leaks.decode.runs import HEAD, could_read, ends_itself, reaches_the_end
from scenarios.leaks.decode.sieve import _MAGIC, _begins_lzstring, begins_brotli, begins_deflate, begins_packed

_LONE = b"Rosalind Quintero, 541-555-0187"
_HEADS = st.one_of(
    st.binary(min_size=HEAD, max_size=HEAD),
    st.text("abc ÅéΩ語\x00\x01\x7f.", min_size=HEAD).map(lambda text: text.encode()[:HEAD]),
    st.binary(min_size=4, max_size=40).map(lambda data: zlib.compress(data, wbits=-15)[:HEAD].ljust(HEAD, b"\0")),
    st.binary(min_size=4, max_size=40).map(lambda data: brotli.compress(data)[:HEAD].ljust(HEAD, b"\0")),
    st.text("abcdefgh ", min_size=12).map(lambda text: text.encode("cp037")[:HEAD]),
)


@given(data=_HEADS, size=st.integers(0, 40) | st.sampled_from([999, 1_000, 4_095, 4_096, 9_000]))
@example(data=zlib.compress(_LONE * 9, 9, wbits=-15)[:HEAD], size=60)
def test_one_beginning_is_judged_as_many_are(functions: ModuleType, data: bytes, size: int) -> None:
    from scenarios.leaks.decode.kernels import heads

    head, sizes = np.frombuffer(data, np.uint8).copy(), np.array([size])
    rows = head[None, :]
    assert heads.is_deflate(head, size) == begins_deflate(rows, sizes)[0]
    assert heads.is_brotli(head, size) == begins_brotli(rows, sizes)[0]
    assert heads.ends_itself(head, size) == ends_itself(rows, sizes)[0]
    assert heads.reaches_the_end(head, size) == reaches_the_end(rows, sizes)[0]
    assert heads.is_lzstring(head) == _begins_lzstring(rows)[0]
    assert heads.reads(head, HEAD, False) == could_read(rows)[0]
    assert heads.reads(head, 8, True) == could_read(rows[:, :8], whole=True)[0]


def test_every_pair_of_bytes_is_the_same_mark_either_way(functions: ModuleType) -> None:
    from scenarios.leaks.decode.kernels import heads

    pairs = np.array([(first, second) for first in range(256) for second in range(256)], np.uint8)
    told = [(heads.is_start(int(a), int(b)), heads.is_magic(int(a), int(b))) for a, b in pairs.tolist()]
    assert [start for start, _ in told] == begins_packed(pairs).tolist()
    assert [magic for _, magic in told] == _MAGIC.ravel().tolist()
