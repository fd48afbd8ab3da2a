"""What a worker says of itself while it searches, and what it makes of what comes."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest
from earlid import protocol
from earlid.exchange import Exchange

from scenarios.leaks.service.worker import SearchWorker


class Searched:
    """Keeps what it is asked to search."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, Any]] = []
        self.totals = SimpleNamespace(to_builtins=dict)

    def search(self, head: Any, bodies: Any) -> None:
        self.seen.append((head, bodies))


@pytest.fixture
def worker() -> Any:
    """A worker whose threads do not run."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made: Any = SearchWorker(SimpleNamespace(), ours, theirs, spool=None, role="user")  # type: ignore[arg-type]
        made._search = Searched()
        yield made


def _row(name: str, *bodies: bytes) -> list[Any]:
    row: list[Any] = list(Exchange(name=name))
    row[Exchange._fields.index("bodies")] = [("response_body", len(body)) for body in bodies]
    return row


def _frame(rows: list[Any], bodies: list[bytes]) -> bytes:
    return b"".join(protocol.pack_rows(rows, bodies))


def test_rows_of_several_frames_keep_their_own_bodies(worker: Any) -> None:
    data = _frame([_row("/a", b"1"), _row("/none"), _row("/b", b"22", b"333")], [b"1", b"22", b"333"])
    data += _frame([_row("/c", b"4")], [b"4"])
    assert worker._answers(data, 4) == []
    assert [(head["name"], [body for _kind, body in bodies]) for head, bodies in worker._search.seen] == [
        ("/a", [b"1"]), ("/none", []), ("/b", [b"22", b"333"]), ("/c", [b"4"]),
    ]  # fmt: skip
    assert worker.counts() | {"cpu_s": 0} == {"searched": 4, "broken": 0, "totals": {}, "cpu_s": 0}


@pytest.mark.parametrize(
    "data",
    [
        _frame([_row("/a", b"12")], [b"1"]),  # a body that is shorter than it says
        _frame([_row("/a", b"1")], [b"1", b"2"]),  # one that nobody said
        _frame([_row("/a")[:3]], []),  # a row of another version
        b"".join(protocol.pack(protocol.ROWS, {"count": 2, "rows": 2}, [b"[]"])),
        b"".join(protocol.pack(protocol.EXCHANGE, {"bodies": [["response_body", "x"]]})),
    ],
)
def test_what_is_no_exchange_counts_as_broken_and_nobody_waits_for_it(worker: Any, data: bytes) -> None:
    worker._answers(data, 2)
    assert worker._search.seen == []
    assert worker.counts() | {"cpu_s": 0} == {"searched": 2, "broken": 1, "totals": {}, "cpu_s": 0}


def test_what_ends_while_a_worker_counts_is_not_counted_as_searched(worker: Any) -> None:
    class Ending:
        """The totals before a search that ends at this very moment."""

        def to_builtins(self) -> dict[str, int]:
            worker._searched += 1
            return {"responses": 0}

    worker._search = SimpleNamespace(totals=Ending())
    assert worker.counts()["searched"] == 0
