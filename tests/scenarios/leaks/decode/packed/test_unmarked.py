"""What has no mark is opened, and the bulk tests never turn away what the readers would have opened or read."""

import zlib
from collections.abc import Callable

import brotli
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.packed.marks import plausible
from scenarios.leaks.decode.packed.unmarked import opens, unmarked
from scenarios.leaks.decode.runs import HEAD, could_open, could_read

VALUES = st.one_of(st.text(min_size=8, max_size=60), st.from_regex(r"[A-Z][a-z]{4,9} [A-Z][a-z]{4,9}", fullmatch=True))


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(data) + made.flush()


def head_of(data: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    return np.frombuffer(data.ljust(HEAD, b"\0")[:HEAD], np.uint8).reshape(1, HEAD), np.array([len(data)])


@pytest.mark.parametrize("pack", [raw_deflate, brotli.compress])
def test_a_value_is_opened(pack: Callable[[bytes], bytes]) -> None:
    assert (b"Fengraquista Kelhemibistra") in [data for _, data in unmarked(pack(b"Fengraquista Kelhemibistra"), 1_000)]


@pytest.mark.parametrize("pack", [raw_deflate, brotli.compress])
@given(VALUES)
def test_what_opens_could_open(pack: Callable[[bytes], bytes], text: str) -> None:
    packed = pack(text.encode("utf-8", "replace"))
    if opens(packed):
        assert could_open(*head_of(packed))[0]


@given(VALUES)
def test_what_reads_could_read(text: str) -> None:
    data = text.encode("utf-8", "replace")
    if plausible(data) and len(data) >= HEAD:
        assert could_read(head_of(data)[0])[0]


def test_noise_could_not_read() -> None:
    rng = np.random.default_rng(1)
    heads = rng.integers(0, 256, (10_000, HEAD), np.uint8)
    assert could_read(heads).mean() < 0.001
