"""A cable between clients and their broker that can be cut: everything in it is lost, and nobody gets through."""

import contextlib
import socket
import threading
import time


class Cable:
    """Listens on a free loopback port and passes on, both ways, what comes to `port`."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._whole = True
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name="cable", daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Whoever is connected is thrown out without a word; whoever comes meanwhile, too."""
        with self._lock:
            self._whole = False
            ends, self._ends = self._ends, []
        for end in ends:
            _reset(end)
        time.sleep(seconds)
        self._whole = True

    def close(self) -> None:
        self._listener.close()
        self.cut(0.0)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if not self._whole:
                    _reset(near)
                    continue
                far = socket.create_connection(self._to)
                self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for end in (one, other):
        _reset(end)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
