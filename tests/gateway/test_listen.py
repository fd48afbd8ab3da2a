import socket
from pathlib import Path

import pytest

from gateway.files import BadFile
from gateway.listen import listen_loopback, listen_unix


def test_a_unix_socket_is_ours_alone_and_not_taken_from_one_who_listens(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with listen_unix(path):
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(BadFile, match="listens here already"):
            listen_unix(path)
    with listen_unix(path):  # the first one is gone, only its file was left
        assert path.is_socket()


def test_a_file_is_never_replaced_by_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("kept")
    with pytest.raises(BadFile):
        listen_unix(path)
    assert path.read_text() == "kept"


@pytest.mark.parametrize("name", ["nowhere/a.sock", "x" * 120])
def test_a_socket_that_cannot_be_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match="no socket can be opened here"):
        listen_unix(tmp_path / name)


def test_loopback_only_without_delay_and_a_taken_port_is_an_error() -> None:
    with listen_loopback(0) as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        assert listener.proto == socket.IPPROTO_TCP, "else every kept-alive response waits 40 ms"
        with pytest.raises(OSError, match="in use"):
            listen_loopback(port)
