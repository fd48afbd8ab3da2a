"""The parent process of the search: it loads the needles, forks the workers, and adds up their totals."""

import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from earlid import protocol

from gateway.files import BadFile
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.searchable import Searchable
from scenarios.leaks.service.backlog import Backlog
from scenarios.leaks.service.keeper import Keeper
from scenarios.leaks.service.routes import route_of
from scenarios.leaks.service.spool import Spool
from scenarios.leaks.service.totals import SearchTotals, stamped
from scenarios.leaks.service.worker import SearchWorker

Others = Sequence[Mapping[str, Any]]  # counts as this server gives them, of searches on other machines
_POLL_S = 0.05
DEFAULT_ROOM = 1024**3  # bytes that may wait
_MEMORY = 64 * 1024**2  # of it in memory, for each worker
_OF_BACKLOG = ("backlog", "most_backlog", "most_on_disk", "disk_refused")  # bytes, and how often a disk was full
END = signal.SIGUSR1  # ends a search and its workers: SIGTERM may come to a whole group of processes, their owner too
_NICER = 5  # the load goes first where both want one core; 10 left the search next to nothing on a busy machine


class _Process(NamedTuple):
    pid: int
    control: socket.socket


class SearchServer:
    """A context manager that starts the workers and the keeper, which receives, and ends them.

    `address` is the path of a Unix socket, or `host:port` on loopback. Up to `room` bytes wait to be searched; what
    does not fit in memory waits in files of `folder`.

    Raises:
        BadFile: the server cannot listen at the address.
    """

    def __init__(
        self,
        detector: LeakDetector,
        address: str,
        *,
        known: Searchable,
        jobs: int,
        spool: Path | None,
        role: str,
        room: int = DEFAULT_ROOM,
        folder: Path | None = None,
    ) -> None:
        self._detector, self._spool, self._role = detector, spool, role
        self._about = {
            "households": len(known.labels),
            "needles": detector.needle_count,
            "search": secrets.token_hex(8),
            "identities": known.digest,
            "version": version("earlid"),
        }
        self.controls_url = ""
        self._door = listen(address)
        self.address = _name_of(self._door)
        self._lock = threading.Lock()
        self._gone = 0
        self._before = SearchTotals()  # what belongs to runs that are over
        takes = listen(f"{address}.takes" if "/" in address else f"{address.rpartition(':')[0]}:0")
        self._takes = _name_of(takes)
        pairs = [socket.socketpair() for _ in range(jobs)]  # the keeper's end, and the worker's
        self._made = [self._door, takes, *(end for pair in pairs for end in pair)]
        self._workers = [self._fork(partial(self._search, tasks), keep=[tasks]) for _ours, tasks in pairs]
        ends = [ours for ours, _tasks in pairs]
        self._keeper = self._fork(partial(_keep, takes, ends, room, folder), keep=[takes, *ends])
        for made in (takes, *(end for pair in pairs for end in pair)):
            made.close()
        self._of_keeper = {"received": 0, "open": 0, "broken": 0, **dict.fromkeys(_OF_BACKLOG, 0)}

    def __enter__(self) -> "SearchServer":
        return self

    def __exit__(self, *_error: object) -> None:
        for process in (*self._workers, self._keeper):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, END)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, 0)
        for address in (self.address, self._takes):
            if "/" in address:
                Path(address).unlink(missing_ok=True)

    def serve(self) -> None:
        """Answer at the main address until the process ends."""
        while True:
            connection, _address = self._door.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _fork(self, run: Callable[[socket.socket], None], *, keep: Sequence[socket.socket]) -> _Process:
        """Fork a process, so that all share the needles in memory. No thread may run yet. It keeps only its sockets."""
        ours, theirs = socket.socketpair()
        held = {signal.SIGINT, signal.SIGTERM, END}  # the new process decides first what they do
        signal.pthread_sigmask(signal.SIG_BLOCK, held)
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                for other in (ours, *self._made):
                    if other not in keep:
                        other.close()
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the workers, after the senders
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(END, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, held)
                run(theirs)
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, held)
        theirs.close()
        self._made.append(ours)
        return _Process(pid, ours)

    def _search(self, tasks: socket.socket, control: socket.socket) -> None:
        os.nice(_NICER)
        SearchWorker(self._detector, tasks, control, spool=self._spool, role=self._role).run()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, protocol.BadFrame):
            told = {
                **self._about,
                "takes": self._takes,
                "controls": self.controls_url,
            }
            protocol.send(connection, protocol.pack(protocol.WORKERS, told))
            while (frame := protocol.receive(connection)) is not None:
                kind, head, _rest = frame
                others = head.get("others") or ()
                patience = Patience(float(head.get("quiet_s", 30.0)) if head.get("wait", True) else None)
                if kind == protocol.END:
                    counts = self._settled(patience, others)
                elif kind == protocol.RUN:
                    counts = self._of_run(int(head.get("sent", 0)), patience, others)
                elif kind == protocol.NOW:
                    counts = self._counted(self._reports(), since=self._before, others=others)
                elif kind == protocol.NAMES:
                    with self._lock:  # a detector serves one thread
                        counts = {"names": [route_of(str(name), self._detector) for name in head["names"]]}
                else:
                    return
                protocol.send(connection, protocol.pack(protocol.COUNTS, counts))

    def _settled(self, patience: "Patience", others: Others) -> dict[str, Any]:
        """Wait until all clients have closed and all is searched, or until the patience ends."""
        while True:
            reports = self._reports()
            waiting, still_open = self._waiting(reports), self._of_keeper["open"]
            if self._gone or not (waiting or still_open) or patience.ends(reports, time.monotonic()):
                return self._concluded(reports, others) | {"open": still_open}
            time.sleep(_POLL_S)

    def _of_run(self, sent: int, patience: "Patience", others: Others) -> dict[str, Any]:
        """Wait until `sent` exchanges are searched; the counts since the call before. The next ones begin now."""
        while True:
            reports = self._reports()
            searched = sum(report["searched"] for report in reports)
            waiting = self._waiting(reports)
            if self._gone or (searched >= sent and not waiting) or patience.ends(reports, time.monotonic()):
                counts = self._counted(reports, since=self._before, others=others)
                self._before = _total(reports)
                return counts
            time.sleep(_POLL_S)

    def _concluded(self, reports: list[dict[str, Any]], others: Others) -> dict[str, Any]:
        """The counts of everything, written to the spool too."""
        counts = self._counted(reports, since=SearchTotals(), others=others)
        if self._spool is None:
            return counts
        spool = Spool(self._spool)
        is_written = spool.write(stamped({"kind": "summary", **counts["totals"]}))
        spool.close()
        if is_written:
            return counts
        broken = SearchTotals(unsearched={spool.broken: 1})
        return self._counted(reports, since=SearchTotals(), others=others, more=broken)

    def _counted(
        self, reports: list[dict[str, Any]], *, since: SearchTotals, others: Others, more: SearchTotals | None = None
    ) -> dict[str, Any]:
        """The workers' totals without those of `since`, and what other searches told, with summary and exit code."""
        total = _total(reports).minus(since).plus(_total(others)).plus(more or SearchTotals())
        own = {name: sum(report[name] for report in reports) for name in ("searched", "broken", "cpu_s")}
        own |= {name: self._of_keeper[name] for name in ("received", *_OF_BACKLOG)}
        own |= {"broken": own["broken"] + self._of_keeper["broken"], "waiting": self._waiting(reports)}
        own |= {"gone": self._gone, "workers": len(self._workers)}
        counts = {name: count + sum(other[name] for other in others) for name, count in own.items()}
        return {**counts, "summary": total.summary(), "exit_code": total.exit_code(), "totals": total.to_builtins()}

    def _waiting(self, reports: Others) -> int:
        return max(0, int(self._of_keeper["received"]) - sum(int(report["searched"]) for report in reports))

    def _reports(self) -> list[dict[str, Any]]:
        """Ask each worker for its report, and then the keeper: it never says less than they. Who is silent is gone."""
        with self._lock:
            told = [_asked(process.control) for process in (*self._workers, self._keeper)]
            self._gone = told.count(None)
            self._of_keeper = told.pop() or self._of_keeper
            return [report for report in told if report is not None]


def _asked(control: socket.socket) -> dict[str, Any] | None:
    try:
        protocol.send(control, protocol.pack(protocol.FLUSH, {}))
        frame = protocol.receive(control)
    except (OSError, protocol.BadFrame):
        return None
    return frame[1] if frame else None


def _keep(
    takes: socket.socket, workers: Sequence[socket.socket], room: int, folder: Path | None, control: socket.socket
) -> None:
    memory = _MEMORY * len(workers)
    backlog = Backlog(memory=memory, room=room, folder=folder or Path(tempfile.gettempdir()))
    Keeper(takes, control, workers, backlog).run()


class Patience:
    """How long to wait for workers: `quiet_s` seconds in which none computes, or ten times that without a result.

    None: not at all.

    One long search is no standstill. It costs processor time, and the reports tell how much.
    """

    def __init__(self, quiet_s: float | None) -> None:
        self._quiet_s = quiet_s
        self._searched, self._computed = -1, -1
        self._result_at = self._busy_at = 0.0

    def ends(self, reports: Sequence[Mapping[str, Any]], now: float) -> bool:
        """Whether to give up at `now` (monotonic seconds), by the workers' newest reports."""
        if self._quiet_s is None:
            return True
        searched = sum(report["searched"] for report in reports)
        computed = int(sum(report["cpu_s"] for report in reports))  # whole seconds: a report itself costs some
        if searched != self._searched:
            self._result_at = self._busy_at = now
        elif computed != self._computed:
            self._busy_at = now
        self._searched, self._computed = searched, computed
        return now - self._busy_at > self._quiet_s or now - self._result_at > 10 * self._quiet_s


def _total(reports: Others) -> SearchTotals:
    total = SearchTotals()
    for report in reports:
        total = total.plus(msgspec.convert(report["totals"], SearchTotals))
    return total


def listen(address: str) -> socket.socket:
    """A listening socket at a path (mode 0600) or at `host:port` on loopback.

    Raises:
        BadFile: the address does not exist, is in use, or is not on loopback. Bodies hold people's data, so other
            hosts are refused.
    """
    try:
        if "/" in address:
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            before = os.umask(0o177)
            try:
                made.bind(address)
            finally:
                os.umask(before)
        else:
            host, _, port = address.rpartition(":")
            if host not in ("127.0.0.1", "localhost", "[::1]") or not port.isdigit():
                raise BadFile(f"{address}: allowed: a path of a socket, or 127.0.0.1:PORT")
            made = socket.create_server((host.strip("[]"), int(port)))
        made.listen(1_024)
    except OSError as error:
        raise BadFile(f"{address}: cannot be listened at ({error.strerror or error})") from None
    return made


def _name_of(listener: socket.socket) -> str:
    name = listener.getsockname()
    return str(name) if isinstance(name, str) else f"{name[0]}:{name[1]}"


def end_with_stdin() -> None:
    """End this process when its standard input closes, because its owner has then ended."""
    while os.read(sys.stdin.fileno(), 4_096):
        pass
    os.kill(os.getpid(), END)
