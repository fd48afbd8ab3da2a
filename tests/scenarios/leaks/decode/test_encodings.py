import base64

from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.decode.encodings import in_text
from scenarios.leaks.decode.signals import signals


def test_of_noise_only_changing_lines_are_read_on() -> None:
    text = "first line\nper%20cent\nlast line"
    assert dict(in_text(text, noise=True))["percent"] == b"per cent"
    assert dict(in_text(text, noise=False))["percent"] == b"first line\nper cent\nlast line"


def test_readable_tokens_share_a_layer_and_containers_do_not() -> None:
    tokens = [base64.b64encode(data).decode() for data in (b"the first one", b"RIFF\4\0\0\0WAVE....", b"the second")]
    found = [data for step, data in in_text(" ".join(tokens), noise=False) if step == "base64"]
    assert found[0].startswith(b"RIFF")
    assert found[1].split(b"\n")[0] == b"the first one"
    assert b"the second" in found[1]


def test_escapes_of_bytes_come_as_bytes_too() -> None:
    found = [data for step, data in in_text("\\u001f\\u008b\\u0008\\u0000", noise=False) if step == "escapes"]
    assert b"\x1f\x8b\x08\x00" in found


def test_plain_words_are_left_alone() -> None:
    found = list(in_text("Nothing encoded in here, transcription included", noise=False))
    assert [step for step, _ in found] == ["reversed", "rot13"]  # as every short text
    long = "Nothing encoded in here, transcription included. " * 20
    assert not list(in_text(long, noise=False, marks=signals().present(long.encode())))


@given(st.text(), st.booleans())
def test_no_text_breaks_it(text: str, noise: bool) -> None:
    for _, data in in_text(text, noise=noise):
        assert isinstance(data, bytes)
