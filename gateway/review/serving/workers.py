"""Several processes behind one address. Each accepts from the same socket. A process that dies is started again.

They share the database and the files beside it: sessions, tries, leases and keys.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from gateway.ending import exit_at

_DEATHS, _WITHIN_S = 10, 60.0
_END_S = 10.0
_STDIN = 0


def supervise(
    command: Sequence[str],
    workers: int,
    listener: socket.socket,
    ready: str,
    died: Callable[[int], None] = lambda _pid: None,
) -> int:
    """Run `workers` processes of `command` until SIGTERM; an exit code. Prints `ready` once all of them are.

    Each gets the socket's number as its last argument, and an input that ends with this process. `died` is told of
    every process that ended by itself. More than ten in a minute end all of them: that mends nothing.
    """

    def start() -> subprocess.Popen[bytes]:
        said = [*command, str(listener.fileno())]
        pipe = subprocess.PIPE
        return subprocess.Popen(said, stdin=pipe, stdout=pipe, pass_fds=[listener.fileno()])

    exit_at(signal.SIGTERM, signal.SIGINT, code=0)
    running: dict[int, subprocess.Popen[bytes]] = {}
    deaths: list[float] = []
    try:
        for process in [start() for _ in range(workers)]:
            running[process.pid] = process
        for process in running.values():
            if process.stdout is None or not process.stdout.readline():
                return process.wait() or 1
        sys.stdout.write(ready + "\n")
        sys.stdout.flush()
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            gone = running.pop(ended.si_pid, None) if ended else None
            if gone is None:
                continue
            gone.wait()
            died(gone.pid)
            deaths = [at for at in deaths if at > time.monotonic() - _WITHIN_S] + [time.monotonic()]
            sys.stderr.write(f"review: a worker ended with {gone.returncode}; another takes its place\n")
            if len(deaths) > _DEATHS:
                return 1
            fresh = start()
            running[fresh.pid] = fresh
    except SystemExit:
        return 0
    finally:
        _end(running.values())
        listener.close()


def end_with_parent() -> None:
    """The worker's side: stop when the parent process is gone."""

    def wait() -> None:
        while os.read(_STDIN, 4_096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    some = list(processes)
    for process in some:
        process.terminate()
    for process in some:
        try:
            process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
