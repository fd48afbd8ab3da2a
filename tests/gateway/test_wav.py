"""One WAV a message: real writers' headers are read, and what is not 16 kHz 16-bit mono PCM, or cut short, is not."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wav import ORDER, ORDER_CHUNK, WireError, decode_wav, encode_wav

PCM = bytes(range(250)) * 16
FORM = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
GUID = bytes.fromhex("0100000000001000800000aa00389b71")
ORDERED = struct.pack("<4sI", ORDER_CHUNK, ORDER.size) + ORDER.pack(1, 7, 8)


def chunk(name: bytes, body: bytes, size: int | None = None, *, pad: bool = True) -> bytes:
    said = len(body) if size is None else size
    return struct.pack("<4sI", name, said) + body + b"\0" * (pad and len(body) & 1)


def riff(*chunks: bytes, size: int = 36) -> bytes:
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + b"".join(chunks)


def extensible(bits: int = 16, guid: bytes = GUID, rate: int = 16_000, channels: int = 1, valid: int = 16) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHHHHI", 0xFFFE, channels, rate, rate * block, block, bits, 22, valid, 4) + guid


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 2_000_000_000, 0x7FFFFFFF - 36, 70_000])
@pytest.mark.parametrize("more", [b"", ORDERED])
def test_a_streaming_writers_header_means_the_message(size: int, more: bytes) -> None:
    found = decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", PCM, size) + more, size=size))
    assert found == (PCM, more[8:] or None)


@given(st.binary(min_size=2, max_size=400).map(lambda raw: raw[: len(raw) // 2 * 2]))
def test_any_streamed_audio_comes_through(pcm: bytes) -> None:
    assert decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", pcm, 0xFFFFFFFF))) == (pcm, None)
    assert decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", b"LISTen, " + pcm, 0))) == (b"LISTen, " + pcm, None)


def test_data_that_is_really_empty_is_no_other_chunks_audio() -> None:
    assert decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", b""), ORDERED)) == (b"", ORDERED[8:])
    assert decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", b""), chunk(b"LIST", b"INFO"))) == (b"", None)
    assert decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", b""))) == (b"", None)


@pytest.mark.parametrize("form", [extensible(), extensible(valid=0), FORM + b"\0\0", FORM + bytes(24)])
def test_formats_that_are_ours(form: bytes) -> None:
    assert decode_wav(riff(chunk(b"fmt ", form), chunk(b"data", PCM))) == (PCM, None)


@pytest.mark.parametrize(
    "form",
    [
        extensible(rate=48_000),
        extensible(channels=2),
        extensible(bits=32),
        extensible(valid=12),
        extensible(guid=b"\3" + GUID[1:]),  # floats
        extensible()[:30],
        struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16),
        struct.pack("<HHIIHH", 1, 2, 16_000, 64_000, 4, 16),
        struct.pack("<HHIIHH", 1, 1, 16_000, 16_000, 1, 8),
        struct.pack("<HHIIHH", 6, 1, 16_000, 32_000, 2, 16),
        FORM[:14],
    ],
)
def test_formats_that_are_not(form: bytes) -> None:
    with pytest.raises(WireError, match="16 kHz"):
        decode_wav(riff(chunk(b"fmt ", form), chunk(b"data", PCM)))


@pytest.mark.parametrize("pad", [True, False])
@pytest.mark.parametrize("name", [b"LIST", b"time", b"bext"])
@pytest.mark.parametrize("body", [b"INFOabc", b"12345678", b"x"])
def test_other_chunks_before_and_after_padded_or_not(name: bytes, body: bytes, pad: bool) -> None:
    other = chunk(name, body, pad=pad)
    assert decode_wav(riff(chunk(b"fmt ", FORM), other, chunk(b"data", PCM), ORDERED)) == (PCM, ORDERED[8:])
    assert decode_wav(riff(other, chunk(b"fmt ", FORM), chunk(b"data", PCM), other, ORDERED)) == (PCM, ORDERED[8:])


@pytest.mark.parametrize("pad", [True, False])
def test_half_a_sample_is_no_audio(pad: bool) -> None:
    with pytest.raises(WireError, match="half a sample"):
        decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", PCM[:-1], pad=pad)))
    with pytest.raises(WireError, match="half a sample"):
        decode_wav(riff(chunk(b"fmt ", FORM), chunk(b"data", PCM[:-1], 0, pad=False)))


def test_a_message_of_nothing_but_chunks_is_read_chunk_by_chunk() -> None:
    """Looked at anew from each, it would never end."""
    many = riff(chunk(b"fmt ", FORM), *[chunk(b"data", b"")] * 8_000)
    assert decode_wav(many) == (b"", None)


def test_a_size_that_a_message_can_hold_is_believed() -> None:
    whole = encode_wav(PCM)
    for missing in (1, 2, 100, len(PCM)):
        with pytest.raises(WireError, match="truncated"):
            decode_wav(whole[:-missing])
