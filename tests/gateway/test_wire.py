"""The MQTT door's codecs: what goes in comes out, and nothing else gets through."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire import (
    MAX_FRAME_BYTES,
    AudioFrame,
    Receipt,
    SessionEnd,
    SessionStart,
    Topics,
    WireError,
    decode_frame,
    decode_json,
    encode_frame,
    encode_json,
    encode_wav,
)

samples = st.binary(max_size=4_000).map(lambda raw: raw[: len(raw) // 2 * 2])


@given(samples, st.integers(0, 2**32 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_frame_comes_back_as_it_was(pcm: bytes, seq: int, at_ms: int) -> None:
    frame = AudioFrame(pcm=pcm, seq=seq, at_ms=at_ms)
    assert decode_frame(encode_frame(frame)) == frame


@given(samples)
def test_a_plain_hermes_wav_is_a_frame_without_order(pcm: bytes) -> None:
    assert decode_frame(encode_wav(pcm)) == AudioFrame(pcm=pcm)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_a_wire_error(raw: bytes) -> None:
    for payload in (raw, b"RIFF" + raw, encode_wav(b"\0\0")[:40] + raw):
        try:
            decode_frame(payload)
        except WireError as error:
            assert repr(raw[:8]) not in str(error)


@given(samples, st.integers(1, 60))
def test_a_truncated_frame_is_refused(pcm: bytes, missing: int) -> None:
    whole = encode_frame(AudioFrame(pcm=pcm + b"\1\2" * 40, seq=1, at_ms=1))
    with pytest.raises(WireError):
        decode_frame(whole[: -(missing + 24)])


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "not a RIFF"),
        (encode_wav(b"\0" * MAX_FRAME_BYTES), "over"),
        (encode_wav(b"\0\0\0"), "half a sample"),
        (encode_wav(b"\0\0").replace(struct.pack("<I", 16_000), struct.pack("<I", 8_000)), "16 kHz"),
        (encode_wav(b"\0\0", struct.pack("<4sI", b"erld", 2) + b"xx"), "another version"),
        (b"RIFF\0\0\0\0WAVE", "no format"),
    ],
)
def test_what_is_wrong_is_named(payload: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        decode_frame(payload)


@given(st.binary(max_size=300))
def test_any_json_is_a_message_or_a_wire_error(raw: bytes) -> None:
    for kind in (SessionStart, SessionEnd, Receipt):
        try:
            decode_json(raw, kind)
        except WireError as error:
            assert kind.__name__ in str(error)


def test_json_is_camel_case_and_unknown_keys_are_ignored() -> None:
    start = SessionStart(session_id="s", at_ms=5, trigger="wake")
    assert encode_json(start) == b'{"sessionId":"s","atMs":5,"trigger":"wake"}'
    more = b'{"sessionId":"s","atMs":5,"trigger":"wake","sensitivity":0.5}'
    assert decode_json(more, SessionStart) == start


def test_topics_under_a_root_are_split_back() -> None:
    topics = Topics("edge7")
    assert topics.frame("dev", "s1") == "edge7/hermes/audioServer/dev/s1/audioSessionFrame"
    assert topics.split(topics.device("dev", "session/start")) == ["earlid", "dev", "session", "start"]
    assert topics.split("earlid/dev/button") == []
    assert all(name.startswith("edge7/") for name in topics.for_gateway())
