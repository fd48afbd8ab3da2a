import gzip
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.containers import in_bytes, is_container, readable, riff_chunks


def _chunk(name, data, order="<"):
    return name + struct.pack(f"{order}I", len(data)) + data + b"\0" * (len(data) % 2)


def _riff(*chunks, kind=b"RIFF", order="<"):
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack(f"{order}I", len(body)) + body


@pytest.mark.parametrize(
    ("data", "text", "noise"),
    [
        ("Zoë\n".encode(), "Zoë\n", False),
        (b"Zo\xeb", "Zoë", False),
        (b"\x00\x01name\x02Zo\xc3\xab!\x00ab\xff", "name\nZoë!", True),
        (b"", "", False),
    ],
)
def test_what_a_person_could_read(data, text, noise):
    assert readable(data) == (text, noise)


def test_latin_1_is_not_guessed_for_random_bytes():
    assert readable(b"Zo\xeb and", latin=False) == (" and", True)


def test_every_chunk_but_the_samples():
    data = _riff(
        _chunk(b"fmt ", b"1234"), _chunk(b"data", b"samples"), _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", b"note")),
        _chunk(b"JUNK", b"odd"),
    )  # fmt: skip
    assert list(riff_chunks(data + b"after")) == [b"1234", b"note", b"odd", b"after"]


def test_the_other_byte_order_and_a_chunk_that_promises_too_much():
    assert list(riff_chunks(_riff(_chunk(b"JUNK", b"note", ">"), kind=b"RIFX", order=">"))) == [b"note"]
    assert list(riff_chunks(_riff(b"JUNK\xff\xff\xff\x7fnote"))) == [b"note"]


def test_text_that_begins_like_a_container_is_none():
    assert not list(riff_chunks(b"RIFF raff and so on"))
    assert not is_container(b"x is a letter")
    assert is_container(zlib.compress(b"x"))
    assert is_container(b"..." + gzip.compress(b"x"))


def test_a_stream_is_inflated_just_beyond_the_limit():
    assert [(step, len(out)) for step, out in in_bytes(zlib.compress(bytes(10_000)), 100)] == [("zlib", 101)]


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    text, _ = readable(data)
    text.encode()
    list(in_bytes(data, 1_000))
