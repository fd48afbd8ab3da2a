import gzip
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.containers import in_bytes, is_container, readable, riff_chunks


def _chunk(name: bytes, data: bytes, order: str = "<") -> bytes:
    return name + struct.pack(f"{order}I", len(data)) + data + b"\0" * (len(data) % 2)


def _riff(*chunks: bytes, kind: bytes = b"RIFF", order: str = "<") -> bytes:
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
def test_what_a_person_could_read(data: bytes, text: str, noise: bool) -> None:
    assert readable(data) == (text, noise)


def test_latin_1_is_not_guessed_for_random_bytes() -> None:
    assert readable(b"Zo\xeb and", latin=False) == (" and", True)


def test_every_chunk_but_the_samples() -> None:
    data = _riff(
        _chunk(b"fmt ", b"1234"), _chunk(b"data", b"samples"), _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", b"note")),
        _chunk(b"JUNK", b"odd"),
    )  # fmt: skip
    assert list(riff_chunks(data + b"after")) == [b"1234", b"note", b"odd", b"after"]


def test_the_other_byte_order_and_a_chunk_that_promises_too_much() -> None:
    assert list(riff_chunks(_riff(_chunk(b"JUNK", b"note", ">"), kind=b"RIFX", order=">"))) == [b"note"]
    assert list(riff_chunks(_riff(b"JUNK\xff\xff\xff\x7fnote"))) == [b"note"]


def test_text_that_begins_like_a_container_is_none() -> None:
    assert not list(riff_chunks(b"RIFF raff and so on"))
    assert not is_container(b"x is a letter")
    assert is_container(zlib.compress(b"x"))
    assert is_container(b"..." + gzip.compress(b"x"))


def test_a_stream_is_inflated_just_beyond_the_limit() -> None:
    assert [(step, len(out)) for step, out in in_bytes(zlib.compress(bytes(10_000)), 100)] == [("zlib", 101)]


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    text, _ = readable(data)
    text.encode()
    list(in_bytes(data, 1_000))


@pytest.mark.parametrize("sign", [b"t\x00%c", b"SU%c", b"m\x00\x00\x00%c"])
def test_strings_behind_their_length_end_where_the_next_sign_stands(sign: bytes) -> None:
    texts = [b"Tami Lutz", b"tami.lutz18@example.net", b"7095 Jordan Lane"]
    data = b"\xac\x00\x83" + b"".join(sign % len(text) + text for text in texts) + b"\x80"
    found = b"\n".join(each for step, each in in_bytes(data, 1_000) if step == "strings").split(b"\n")
    assert set(texts[:2]) <= set(found)


def test_columns_filled_with_blanks_are_not_cut_inside_a_word() -> None:
    names = ["Tami Lutzke", "Nora Lundgren", "Ivan Marshall"] * 60
    data = b"\x03\x7e\x00\x80" + b"".join(f"{name:40}{at:<20}".encode() for at, name in enumerate(names)) + b"\x1a"
    found = b"\n".join(each for step, each in in_bytes(data, 1_000) if step == "strings").split(b"\n")
    assert [text for text in found if text.rstrip().endswith((b"Lutz", b"Lund", b"Marsh"))] == []


@pytest.mark.parametrize("seed", range(3))
def test_a_long_run_of_columns_is_not_cut_inside_a_word(seed: int) -> None:
    draw, rows = random.Random(seed), b""
    for _ in range(120):
        given_name, family_name = (
            draw.choice(["Tami", "Tom", "Ivan", "Lena"]),
            draw.choice(["Lutzke", "Marsh", "Vance"]),
        )
        name, email = f"{given_name} {family_name}", f"{given_name}.{family_name}{draw.randrange(99)}@example.net"
        row = f"{name:16}+1231555{draw.randrange(10_000):04}    {email.lower():32}{draw.randrange(10_000):04} "
        rows += f"{row}{family_name + ' Lane':11}".encode()
    data = bytes(6) + rows + bytes(6)
    found = b"\n".join(each for step, each in in_bytes(data, 1_000_000) if step == "strings").split(b"\n")
    assert len(found) > 9, "chains exist by chance"
    assert [text for text in found if text.endswith((b" Lutz", b" Mars", b" Vanc"))] == []


def test_one_odd_byte_makes_no_strings_of_a_page() -> None:
    page = b"\n".join(
        b"the porch lamp in room %d is on, said the owner at noon and then again" % at for at in range(400)
    )
    name = b"Rosalind Quintero of Juniper Hollow Road"  # its length is a readable sign
    data = page + b"\n\x83\x01" + bytes([len(name)]) + name + b"\x02\n" + page
    found = b"\n".join(each for step, each in in_bytes(data, 1_000) if step == "strings")
    assert name in found.split(b"\n")
    assert len(found) < 6_000
