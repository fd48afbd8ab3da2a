"""A streamed body is handed over whole, whatever the pieces it was read in."""

import zlib
from typing import Any

import pytest
from earlid.copies.streams import OVERLAP, PIECE, StreamCopy
from hypothesis import given
from hypothesis import strategies as st


class Taken:
    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self.whys: list[Any] = []

    def __call__(self, piece: Any, part: Any, why: Any) -> None:
        assert part == len(self.pieces) + 1
        self.pieces.append(piece)
        self.whys.append(why)


def _read(pieces: Any, **more: Any) -> Any:
    taken = Taken()
    copy = StreamCopy(taken, **more)
    for piece in pieces:
        copy.take(piece)
        copy.pass_on()
    copy.end()
    return taken


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_short_bodies_come_in_one_piece(pieces: Any) -> None:
    taken = _read(pieces)
    assert b"".join(taken.pieces) == b"".join(pieces)
    assert len(taken.pieces) == bool(b"".join(pieces))


@given(st.binary(min_size=1, max_size=400), st.integers(1, 50), st.sampled_from(["gzip", "deflate"]))
def test_an_encoding_is_taken_off(body: Any, step: Any, encoding: Any) -> None:
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    packed = packer.compress(body) + packer.flush()
    taken = _read([packed[at : at + step] for at in range(0, len(packed), step)], encoding=encoding)
    assert (taken.pieces, taken.whys) == ([body], [""])


def test_a_value_on_the_border_of_two_pieces_stands_whole_in_one() -> None:
    body = bytes(PIECE - 5) + b"Adelheid Brunner" + bytes(PIECE)
    taken = _read([body[at : at + 65_536] for at in range(0, len(body), 65_536)], content_type="text/plain")
    assert any(b"Adelheid Brunner" in piece for piece in taken.pieces)
    assert max(map(len, taken.pieces)) < PIECE + OVERLAP + 65_536
    assert set(taken.whys) == {""}


def test_a_long_container_that_is_cut_is_said() -> None:
    assert _read([bytes(PIECE), b"x"], content_type="application/zip").whys == ["", "a long stream, searched in pieces"]


@pytest.mark.parametrize(("encoding", "why"), [("zstd", "content-encoding zstd"), ("gzip", "error")])
def test_an_encoding_that_cannot_be_taken_off_is_said(encoding: Any, why: Any) -> None:
    assert _read([b"not packed"], encoding=encoding).whys == [why]


def test_a_stream_nobody_reads_is_said_and_one_that_was_left_is_not() -> None:
    taken = Taken()
    StreamCopy(taken).end(whole=False)
    assert taken.whys == ["a stream that was never read"]
    taken = Taken()
    copy = StreamCopy(taken)
    copy.take(b"some")
    copy.end(whole=False)
    copy.end()
    assert (taken.pieces, taken.whys) == ([b"some"], [""])
