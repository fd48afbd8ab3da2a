"""Frames: what goes in comes out, and what is no frame is refused."""

import ast
import socket
import sys
import threading
from pathlib import Path

import pytest
from earlid import protocol
from hypothesis import given
from hypothesis import strategies as st

heads = st.dictionaries(st.text(max_size=20), st.text(max_size=50) | st.integers(0, 2**53) | st.booleans(), max_size=5)


def _through(pieces: list[bytes]) -> tuple[int, dict[str, object], memoryview] | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=protocol.send, args=(ours, pieces))
        sender.start()
        frame = protocol.receive(theirs)
        sender.join(10)
        return frame


@given(kind=st.integers(0, 255), head=heads, bodies=st.lists(st.binary(max_size=100_000), max_size=3))
def test_a_frame_comes_out_as_it_went_in(kind: int, head: dict[str, object], bodies: list[bytes]) -> None:
    frame = _through(protocol.pack(kind, head, bodies))
    assert frame is not None
    assert (frame[0], frame[1], bytes(frame[2])) == (kind, head, b"".join(bodies))


@given(junk=st.binary(min_size=1, max_size=200))
def test_junk_is_refused_or_waited_for_never_believed(junk: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(junk)
        try:
            frame = protocol.receive(theirs)
        except protocol.BadFrame:
            return
        assert frame is None or isinstance(frame[1], dict)


def test_the_end_of_a_stream_is_none_and_half_a_frame_is_not() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        ours.close()
        assert protocol.receive(theirs) is None
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(b"\0\0")
        ours.close()
        with pytest.raises(protocol.BadFrame):
            protocol.receive(theirs)


def test_the_package_imports_the_standard_library_only() -> None:
    folder = Path(protocol.__file__).parent
    names = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(str(node.module).split(".")[0])
    # Locust's own classes are asked of the process that runs Locust.
    assert names - sys.stdlib_module_names == {"earlid", "locust"}
