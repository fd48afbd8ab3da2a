"""The parent process of the search: it loads the needles, forks the workers, and adds up their totals."""

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from earlid import protocol

from gateway.files import BadFile
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.searchable import Searchable
from scenarios.leaks.service.routes import route_of
from scenarios.leaks.service.totals import SearchTotals, stamped
from scenarios.leaks.service.worker import SearchWorker

Others = Sequence[Mapping[str, Any]]  # counts as this server gives them, of searches on other machines
_POLL_S = 0.05
_SUMMED = ("received", "searched", "broken", "waiting", "cpu_s")


class _Worker(NamedTuple):
    pid: int
    address: str
    control: socket.socket


class SearchServer:
    """A context manager that starts the workers and ends them.

    `address` is the path of a Unix socket, or `host:port` on loopback.

    Raises:
        BadFile: the server cannot listen at the address.
    """

    def __init__(
        self, detector: LeakDetector, address: str, *, known: Searchable, jobs: int, spool: Path | None, role: str
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
        self._workers = [self._fork(address, number) for number in range(jobs)]

    def __enter__(self) -> "SearchServer":
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(worker.pid, 0)
        for address in (self.address, *(worker.address for worker in self._workers)):
            if "/" in address:
                Path(address).unlink(missing_ok=True)

    def serve(self) -> None:
        """Answer at the main address until the process ends."""
        while True:
            connection, _address = self._door.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _fork(self, address: str, number: int) -> _Worker:
        """Fork one worker, so that all workers share the needles in memory. No thread may run yet."""
        listener = listen(f"{address}.{number}" if "/" in address else f"{address.rpartition(':')[0]}:0")
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                ours.close()
                self._door.close()
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the workers, after the senders
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                SearchWorker(self._detector, listener, theirs, spool=self._spool, role=self._role).run()
            os._exit(1)
        theirs.close()
        name = _name_of(listener)
        listener.close()
        return _Worker(pid, name, ours)

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, protocol.BadFrame):
            told = {
                **self._about,
                "workers": [worker.address for worker in self._workers],
                "controls": self.controls_url,
            }
            protocol.send(connection, protocol.pack(protocol.WORKERS, told))
            while (frame := protocol.receive(connection)) is not None:
                kind, head, _rest = frame
                others = head.get("others") or ()
                if kind == protocol.END:
                    counts = self._settled(float(head.get("quiet_s", 30.0)), others)
                elif kind == protocol.RUN:
                    counts = self._of_run(int(head.get("sent", 0)), float(head.get("quiet_s", 30.0)), others)
                elif kind == protocol.NOW:
                    counts = self._counted(self._reports(), since=self._before, others=others)
                elif kind == protocol.NAMES:
                    with self._lock:  # a detector serves one thread
                        counts = {"names": [route_of(str(name), self._detector) for name in head["names"]]}
                else:
                    return
                protocol.send(connection, protocol.pack(protocol.COUNTS, counts))

    def _settled(self, quiet_s: float, others: Others) -> dict[str, Any]:
        """Wait until all clients have closed and all is searched, or until the patience of `quiet_s` seconds ends."""
        patience = Patience(quiet_s)
        while True:
            reports = self._reports()
            waiting = sum(report["received"] - report["searched"] for report in reports)
            still_open = sum(report["open"] for report in reports)
            if self._gone or not (waiting or still_open) or patience.ends(reports, time.monotonic()):
                return self._concluded(reports, others) | {"open": still_open}
            time.sleep(_POLL_S)

    def _of_run(self, sent: int, quiet_s: float, others: Others) -> dict[str, Any]:
        """Wait until `sent` exchanges are searched; the counts since the call before. The next ones begin now."""
        patience = Patience(quiet_s)
        while True:
            reports = self._reports()
            searched = sum(report["searched"] for report in reports)
            waiting = sum(report["received"] - report["searched"] for report in reports)
            if self._gone or (searched >= sent and not waiting) or patience.ends(reports, time.monotonic()):
                counts = self._counted(reports, since=self._before, others=others)
                self._before = _total(reports)
                return counts
            time.sleep(_POLL_S)

    def _concluded(self, reports: list[dict[str, Any]], others: Others) -> dict[str, Any]:
        """The counts of everything, written to the spool too."""
        counts = self._counted(reports, since=SearchTotals(), others=others)
        if self._spool is not None:
            with self._spool.open("ab", buffering=0) as spool:
                spool.write(stamped({"kind": "summary", **counts["totals"]}))
        return counts

    def _counted(self, reports: list[dict[str, Any]], *, since: SearchTotals, others: Others) -> dict[str, Any]:
        """The workers' totals without those of `since`, and what other searches told, with summary and exit code."""
        total = _total(reports).minus(since).plus(_total(others))
        own = {name: sum(report[name] for report in reports) for name in _SUMMED}
        own |= {"gone": self._gone, "workers": len(self._workers)}
        counts = {name: count + sum(other[name] for other in others) for name, count in own.items()}
        return {**counts, "summary": total.summary(), "exit_code": total.exit_code(), "totals": total.to_builtins()}

    def _reports(self) -> list[dict[str, Any]]:
        """Ask each worker for its report. Workers that do not answer count as gone."""
        with self._lock:
            reports, gone = [], 0
            for worker in self._workers:
                try:
                    protocol.send(worker.control, protocol.pack(protocol.FLUSH, {}))
                    frame = protocol.receive(worker.control)
                except (OSError, protocol.BadFrame):
                    frame = None
                if frame is None:
                    gone += 1
                else:
                    reports.append(frame[1])
            self._gone = gone
            return reports


class Patience:
    """How long to wait for workers: `quiet_s` seconds in which none computes, or ten times that without a result.

    One long search is no standstill. It costs processor time, and the reports tell how much.
    """

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._searched, self._computed = -1, -1
        self._result_at = self._busy_at = 0.0

    def ends(self, reports: Sequence[Mapping[str, Any]], now: float) -> bool:
        """Whether to give up at `now` (monotonic seconds), by the workers' newest reports."""
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
    os.kill(os.getpid(), signal.SIGTERM)
