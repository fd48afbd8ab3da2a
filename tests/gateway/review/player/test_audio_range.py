import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.player.audio_range import audio_response

WAV = bytes(range(100))


def asked(value: str | None) -> Request:
    headers = [] if value is None else [(b"range", value.encode("latin-1"))]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("value", "status", "body", "content_range"),
    [
        (None, 200, WAV, None),
        ("bytes=0-", 206, WAV, "bytes 0-99/100"),
        ("bytes=10-19", 206, WAV[10:20], "bytes 10-19/100"),
        ("bytes=90-500", 206, WAV[90:], "bytes 90-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=5-4", 416, b"", "bytes */100"),
        ("bytes=0-1,4-5", 200, WAV, None),
        ("bytes=-5", 200, WAV, None),
        ("lines=1-2", 200, WAV, None),
    ],
)
def test_ranges(value: str | None, status: int, body: bytes, content_range: str | None) -> None:
    answer = audio_response(asked(value), WAV)
    assert (answer.status_code, answer.body) == (status, body)
    assert answer.headers.get("content-range") == content_range


@given(st.text(alphabet="bytes=0123456789-, ", max_size=40))
def test_no_range_serves_more_than_there_is(value: str) -> None:
    answer = audio_response(asked(value), WAV)
    assert bytes(answer.body) in WAV


@pytest.mark.parametrize("validator", ['"abc"', 'W/"abc"', "Wed, 10 Apr 2019 10:00:00 GMT", ""])
def test_a_part_is_never_added_to_what_may_be_another_recording(validator: str) -> None:
    headers = [(b"range", b"bytes=10-19"), (b"if-range", validator.encode())]
    answer = audio_response(Request({"type": "http", "headers": headers}), WAV)
    assert (answer.status_code, answer.body) == (200, WAV)
