import base64
import binascii
import codecs
import gzip
import json
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.leaks.decode.layers import Limits, SeenLines, decode
from scenarios.leaks.scorecard.encoders import ENCODERS

VALUE = "Rosalind Quint"


def _hows(data: bytes, limits: Limits | None = None) -> set[tuple[str, ...]]:
    return {layer.how for layer in decode(data, limits or Limits()).layers if VALUE in layer.text}


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (VALUE.encode(), ()),
        (b"a=" + b"".join(b"%%%02x" % c for c in VALUE.encode()), ("percent",)),
        (base64.b64encode(VALUE.encode()), ("base64",)),
        (b"x" + base64.b64encode(VALUE.encode()), ("base64",)),
        (b"xy" + base64.b64encode(VALUE.encode()), ("base64",)),
        (b"/xy" + base64.b64encode(VALUE.encode()), ("base64",)),
        (base64.urlsafe_b64encode(b"\xff\xfe>>" + VALUE.encode() + b"??").rstrip(b"="), ("base64",)),
        (VALUE.encode().hex().upper().encode(), ("hex",)),
        (b"0" + VALUE.encode().hex().encode(), ("hex",)),
        (VALUE.encode().hex(":").encode(), ("hex",)),
        ("".join(f"&#x{ord(c):x};" for c in VALUE).encode(), ("html",)),
        ("".join(f"\\u{ord(c):04X}" for c in VALUE).encode(), ("escapes",)),
        ("".join(f"\\x{ord(c):02x}" for c in VALUE).encode(), ("escapes",)),
        (gzip.compress(VALUE.encode(), mtime=0), ("gzip",)),
        (b"junk" + gzip.compress(VALUE.encode(), mtime=0) + b"junk", ("gzip",)),
        (zlib.compress(VALUE.encode()), ("zlib",)),
        (VALUE.encode("utf-16"), ("utf-16",)),
        (VALUE.encode("utf-16-be"), ("utf-16",)),
    ],
)
def test_each_encoding_is_taken_off(data: bytes, how: tuple[str, ...]) -> None:
    assert how in _hows(data)


def test_markup_is_taken_off() -> None:
    texts = [layer.text.split() for layer in decode(b"<b>Rosalind</b><!-- x --><i>Quint</i>", Limits()).layers]
    assert VALUE.split() in texts


def test_three_layers_of_json_and_base64_around_gzip() -> None:
    inner = base64.b64encode(gzip.compress(json.dumps({"n": VALUE}).encode())).decode()
    data = json.dumps({"deep": json.dumps({"b": inner})}).replace("=", "\\u003d").encode()
    assert any(how[-1] == "gzip" for how in _hows(data))


@pytest.mark.slow
def test_random_tokens_are_not_taken_for_something_deeper() -> None:
    rng = random.Random(7)
    rows = []
    for _ in range(4_000):
        token = base64.urlsafe_b64encode(rng.randbytes(16)).decode().rstrip("=")
        cells = f'<td><a href="/clips/{token}">{token}</a></td>\n<td>2026-11-22</td>\n<td>Wake word</td>'
        rows.append(f"<tr>\n{cells}\n</tr>\n")
    pages = ["<table>" + "".join(rows[at : at + 20]) + "</table>" for at in range(0, len(rows), 20)]
    assert [decode(page.encode(), Limits()).cut for page in pages if decode(page.encode(), Limits()).cut] == []


def test_what_lies_deeper_than_the_limit_is_said() -> None:
    data = VALUE.encode()
    for _ in range(5):
        data = data.hex().encode()
    decoded = decode(data, Limits(depth=4))
    assert not _hows(data, Limits(depth=4))
    assert decoded.cut == "encoded more than 4 deep"
    assert _hows(data, Limits(depth=5))


def test_a_bomb_is_read_up_to_the_bound_and_said() -> None:
    bomb = gzip.compress(VALUE.encode() + bytes(50_000_000))
    decoded = decode(bomb, Limits(inflated=1_000_000))
    assert "1000000 bytes when decompressed" in (decoded.cut or "")
    assert max(len(layer.data) for layer in decoded.layers) <= 1_000_001
    assert _hows(bomb, Limits(inflated=1_000_000))


def test_a_bomb_of_bombs_stays_within_the_budget() -> None:
    bomb = b"".join(gzip.compress(bytes([at]) + bytes(4_000_000)) for at in range(16))
    decoded = decode(bomb, Limits(bytes_out=9_000_000))
    assert decoded.cut == "decoding bounds met"
    assert sum(len(layer.data) for layer in decoded.layers) <= 9_000_000


def test_a_cut_stream_gives_what_it_has() -> None:
    whole = gzip.compress((VALUE + " ").encode() * 2000 + bytes(range(256)) * 40)
    assert ("gzip",) in _hows(whole[: len(whole) // 2])


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.text(alphabet="%\\u&#x;<>0aA=/+-\x00").map(lambda t: t.encode()))
def test_no_bytes_break_it(data: bytes) -> None:
    decoded = decode(data, Limits())
    assert decoded.layers[0].data == data
    assert len({layer.data for layer in decoded.layers}) == len(decoded.layers)


@given(st.binary(max_size=200), st.sampled_from([b"RIFF", b"RIFX", b"\x1f\x8b\x08", b"\x78\x9c", b"\x78\x01"]))
def test_no_broken_container_breaks_it(data: bytes, magic: bytes) -> None:
    decode(magic + data, Limits())
    decode(magic + b"\x10\0\0\0WAVELIST\xff\xff\xff\xff" + data, Limits())


def test_chance_escapes_in_noise_never_meet_a_bound() -> None:
    """Noise is full of readable runs; each look may turn up something like an escape, but not for ever."""
    for seed in range(12):
        rng = random.Random(seed)
        quiet = struct.pack("<24000h", *(rng.randrange(1, 140) for _ in range(24_000)))  # as good as UTF-16
        sound = rng.randbytes(96_000) + quiet
        wav = struct.pack("<4sI4s4sI", b"RIFF", 12 + len(sound), b"WAVE", b"data", len(sound)) + sound
        assert decode(wav, Limits()).cut is None


def test_an_escaped_value_between_noise_is_found() -> None:
    noise = random.Random(1).randbytes(5_000)
    assert ("percent",) in _hows(noise + b"\0" + b"".join(b"%%%02X" % c for c in VALUE.encode()) + b"\0" + noise)


def test_a_word_that_opens_as_one_letter_again_and_again_meets_no_bound() -> None:
    """LZString reads this word as one letter, and brotli reads that as another one, and so on."""
    assert decode(b"the `[[EvaluationError]]` field of", Limits()).cut is None


def _chain(*names: str) -> Callable[[bytes], bytes]:
    def packed(data: bytes) -> bytes:
        for name in reversed(names):  # from the inside out
            data = ENCODERS[name](data)
        return data

    return packed


@pytest.mark.parametrize(
    ("names", "before", "after"),
    [
        (("base64 in lines", "entities"), b"10:00:01 INFO kept clip for ", b" in 3 ms\n"),
        (("base64 in lines", "brotli"), b"", b""),
        (("base64 in lines", "hex with colons"), b"", b""),
        (("base45", "bzip2"), b"", b""),
        (("rot13", "percent u", "braced escapes"), b"", b""),
        (("bits", "rot13", "percent u"), b"", b""),
        (("key 0x5a in hex", "bits"), b"", b""),
        (("z85", "reversed"), b"", b""),
        (("base85", "reversed", "percent where needed"), b"", b""),
        (("uuencode", "reversed", "z85"), b"", b""),
    ],
)
def test_a_chain_that_the_grid_missed_reads(names: tuple[str, ...], before: bytes, after: bytes) -> None:
    value = b"quillon.marbury@example.org"
    layers = decode(before + _chain(*names)(value) + after, Limits()).layers
    assert any(value in layer.data.split() or layer.data.strip() == value for layer in layers)


def test_a_repr_of_bytes_in_json_is_opened() -> None:
    text = json.dumps({"clip": 1, "note": repr(ENCODERS["deflate"](b"4412 TAMARACK HOLLOW LANE"))})
    assert any(layer.data == b"4412 TAMARACK HOLLOW LANE" for layer in decode(text.encode(), Limits()).layers)


def test_a_block_is_kept_whole_though_most_of_its_lines_stood_there_before() -> None:
    rows = [binascii.b2a_uu(bytes([65 + at]) * 45) for at in range(8)]
    block = b"begin 644 a\n" + b"".join(rows) + b"`\nend\n"
    seen = SeenLines(b"begin 644 &#97;\n" + b"".join(rows) + b"`\nend\n")
    assert seen.new_in("html", block) == block
    assert seen.new_in("html", block) == b""


def _steps(data: bytes) -> set[tuple[str, ...]]:
    return {layer.how for layer in decode(data, Limits()).layers}


def test_a_turned_text_that_an_escape_hardly_changes_is_not_turned_again() -> None:
    text = b"the porch lamp is on, the door is shut \\u0041 and nobody is at home this evening"
    turned = {how for how in _steps(text[::-1]) if how[:2] == ("reversed", "escapes")}
    assert turned == {("reversed", "escapes")}


@pytest.mark.parametrize(
    ("step", "turn"), [("reversed", lambda t: t[::-1]), ("rot13", lambda t: codecs.encode(t, "rot13"))]
)
def test_a_turned_text_that_is_escaped_throughout_and_turned_again_is_read(
    step: str, turn: Callable[[str], str]
) -> None:
    escaped = "".join(f"%{ord(letter):02x}" for letter in turn(VALUE))
    assert any(how[0] == step for how in _hows(turn(escaped).encode()) if how)


def test_rot47_is_not_undone_by_rot47() -> None:
    text = f"{VALUE} lives in 4127 Juniper Hollow Road, ".encode() * 3
    rotated = bytes(33 + (code - 33 + 47) % 94 if 33 <= code < 127 else code for code in text)
    plain = b'{"created": 1767216914, "owner": 3749262515} ' * 40  # all on one line, which the reader cuts
    hows = _steps(plain + rotated + b"\n" + plain)
    assert ("rot47",) in hows
    assert not any(how[:2] == ("rot47", "rot47") for how in hows)


def test_a_number_in_an_address_is_no_quoted_printable() -> None:
    assert not any("quoted-printable" in how for how in _steps(b'GET "/items?page=24&size=20" 200'))
    assert ("quoted-printable",) in _hows(b"GET /items?name=Rosalind=20Quint 200")
