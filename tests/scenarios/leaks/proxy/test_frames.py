"""WebSocket messages of a server, however the bytes are cut."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from scenarios.leaks.proxy.frames import Frames


def _bytes(*frames: Frame) -> bytes:
    return b"".join(frame.serialize(mask=False) for frame in frames)


@given(st.lists(st.binary(max_size=70_000), max_size=4), st.integers(1, 9_000))
def test_messages_come_whole_however_they_are_cut(messages: list[bytes], step: int) -> None:
    data = _bytes(*(Frame(Opcode.BINARY, message) for message in messages))
    frames = Frames()
    found = [message for at in range(0, len(data), step) for message in frames.feed(data[at : at + step])]
    assert (found, frames.lost) == (messages, "")


def test_fragments_are_one_message_and_pings_are_none() -> None:
    data = _bytes(
        Frame(Opcode.TEXT, b"Adel", fin=False), Frame(Opcode.PING, b"x"), Frame(Opcode.CONT, b"heid"),
        Frame(Opcode.CLOSE, b"\x03\xe8bye"),
    )  # fmt: skip
    assert list(Frames().feed(data)) == [b"Adelheid", b"bye"]


def test_what_cannot_be_read_is_said() -> None:
    compressed, masked = b"\xc1\x01x", Frame(Opcode.TEXT, b"x").serialize(mask=True)
    for frame in (compressed, masked):
        frames = Frames()
        assert list(frames.feed(frame)) == []
        assert "WebSocket" in frames.lost
