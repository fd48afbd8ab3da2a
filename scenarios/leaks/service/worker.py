"""A worker of the search. It takes exchanges from the keeper, and searches them one after another."""

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from earlid import protocol
from earlid.exchange import Exchange

from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.service.keeper import DONE, TASK
from scenarios.leaks.service.search import ExchangeSearch, Result
from scenarios.leaks.service.spool import Spool
from scenarios.leaks.service.totals import stamped


class SearchWorker:
    """Searches what comes over `tasks` until that ends. Over the socket `control` the parent asks for reports."""

    def __init__(
        self, detector: LeakDetector, tasks: socket.socket, control: socket.socket, *, spool: Path | None, role: str
    ) -> None:
        self._search = ExchangeSearch(detector, role=role)
        self._tasks, self._control = tasks, control
        self._spool = Spool(spool) if spool else None
        self._searched = self._broken = 0

    def run(self) -> None:
        """Search until the keeper ends."""
        threading.Thread(target=self._report, name="report", daemon=True).start()
        with suppress(OSError, protocol.BadFrame):
            while head := protocol.exactly(self._tasks, TASK.size, may_end=True):
                _connection, count, size = TASK.unpack(head)
                answers = b"".join(self._answers(bytes(protocol.exactly(self._tasks, size)), count))
                self._tasks.sendall(DONE.pack(count, len(answers)))
                if answers:
                    self._tasks.sendall(answers)
        os._exit(0)

    def _answers(self, data: bytes, count: int) -> list[bytes]:
        """Search the exchanges of whole frames; the frames of those that want an answer.

        What is no exchange counts as broken and as searched, so that nobody waits for it; broken makes a run unknown.
        """
        answers, began = [], self._searched
        try:
            exchanges = _exchanges(data)
        except (protocol.BadFrame, TypeError, ValueError):
            exchanges = []
            self._broken += 1
        for head, bodies in exchanges:
            result = self._search.search(head, bodies)
            if result is not None and self._spool is not None and not self._spool.write(stamped(result.line)):
                self._search.totals.count(self._search.totals.unsearched, self._spool.broken)
            self._searched += 1
            if head.get("reply"):
                answers += protocol.pack(protocol.RESULT, _told(result))
        self._searched = began + count
        return answers

    def _report(self) -> None:
        """Answer the parent's questions. End the process when the parent has ended."""
        with suppress(OSError, protocol.BadFrame):
            while protocol.receive(self._control) is not None:
                protocol.send(self._control, protocol.pack(protocol.COUNTS, self.counts()))
        os._exit(0)

    def counts(self) -> dict[str, Any]:
        """How far this worker is. `searched` never counts an exchange that is not in `totals` yet."""
        head: dict[str, Any] = {"searched": self._searched, "broken": self._broken}
        return head | {"totals": self._search.totals.to_builtins(), "cpu_s": time.process_time()}


def _exchanges(data: bytes) -> list[tuple[dict[str, Any], list[tuple[str, bytes]]]]:
    """(head, bodies) of each exchange of whole frames. Raises BadFrame, TypeError, ValueError: it is none."""
    found = []
    for kind, head, rest in protocol.frames_of(data):
        heads = [head]
        if kind == protocol.ROWS:
            rows, rest = protocol.rows_of(head, rest)
            heads = [dict(zip(Exchange._fields, row, strict=True)) for row in rows]
        at = 0
        for one in heads:
            bodies = []
            for name, size in one.get("bodies") or ():
                bodies.append((str(name), bytes(rest[at : at + int(size)])))
                at += int(size)
            found.append((one, bodies))
        if at != len(rest):
            raise protocol.BadFrame("not a frame: its bodies are not as long as it says")
    return found


def _told(result: Result | None) -> dict[str, Any]:
    if result is None:
        return {"findings": [], "notes": [], "bytes": 0}
    return {"findings": result.line.get("findings", []), "notes": list(result.notes), "bytes": result.bytes}
