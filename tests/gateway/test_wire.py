"""The MQTT door's codecs: what goes in comes out, and nothing else gets through."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire import (
    MAX_FRAME_BYTES,
    MAX_JSON_BYTES,
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


@given(samples, st.integers(1, 80))
def test_a_truncated_frame_is_refused(pcm: bytes, missing: int) -> None:
    whole = encode_frame(AudioFrame(pcm=pcm + b"\1\2" * 40, seq=1, at_ms=1))
    if missing != 24:  # the whole chunk of number and time: then it is another client's frame
        with pytest.raises(WireError):
            decode_frame(whole[:-missing])


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


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (SessionEnd, b'{"sessionId":"s","atMs":1,"frames":1000000000000000000000000000000}'),
        (SessionEnd, b'{"sessionId":"s","atMs":1,"frames":-1}'),
        (SessionEnd, b'{"sessionId":"s","atMs":1,"frames":20001}'),
        (SessionStart, b'{"sessionId":"s","atMs":9223372036854775807,"trigger":"wake"}'),
        (SessionStart, b'{"sessionId":"s\\n","atMs":1,"trigger":"wake"}'),
        (SessionStart, b'{"sessionId":"' + b"s" * 513 + b'","atMs":1,"trigger":"wake"}'),
        (SessionStart, b'{"sessionId":"","atMs":1,"trigger":"wake"}'),
        (SessionStart, b'{"sessionId":"s","atMs":1,"trigger":"wake"' + b" " * MAX_JSON_BYTES + b"}"),
    ],
)
def test_absurd_values_are_no_message(kind: type[SessionStart] | type[SessionEnd], raw: bytes) -> None:
    with pytest.raises(WireError):
        decode_json(raw, kind)


def test_every_topic_a_device_may_publish_is_of_its_own_share() -> None:
    topics = Topics("edge7")
    for name in topics.for_gateway():
        filled = name.replace("+", "assistant", 1) if "earlid/+" in name or "hermes" in name else name
        everybodys = filled.endswith(("/transcript", "/ask/+", "/stopListening"))  # which names its site within
        assert topics.device_of(filled) == ("" if everybodys else "assistant")
    assert topics.is_mute("edge7/earlid/kitchen/mute")
    assert not topics.is_mute("earlid/kitchen/mute")


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
