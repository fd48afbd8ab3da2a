"""What waits comes out as it went in, in order, wherever it waited; what is on the disk cannot be read there."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from scenarios.leaks.service import backlog as backlogs
from scenarios.leaks.service.backlog import Backlog, Chunk


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Backlog]]:
    """Makes backlogs in the test's folder, and closes them."""
    backlogs: list[Backlog] = []

    def make(**options: Any) -> Backlog:
        backlogs.append(Backlog(**{"folder": tmp_path, "room": 10**9, **options}))
        return backlogs[-1]

    yield make
    for backlog in backlogs:
        backlog.close()


def _chunks(count: int, size: int = 1_000) -> list[Chunk]:
    return [
        Chunk(1, 1, at.to_bytes(4) + b"Persis Thistlewood"[: size - 4].ljust(size - 4, b".")) for at in range(count)
    ]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.mark.parametrize("memory", [0, 2_500, 10**9])
def test_everything_comes_out_in_order(made: Callable[..., Backlog], tmp_path: Path, memory: int) -> None:
    backlog, chunks = made(memory=memory), _chunks(50)
    for chunk in chunks[:30]:
        backlog.put(chunk)
    found = [backlog.get() for _ in range(10)]
    for chunk in chunks[30:]:
        backlog.put(chunk)
    found += [backlog.get() for _ in range(40)]
    assert found == chunks
    assert backlog.held == 0
    assert backlog.most == 40_000
    assert (backlog.most_on_disk > 0) == (memory < 10**9)


def test_what_is_on_the_disk_is_sealed_and_has_no_name(made: Callable[..., Backlog], tmp_path: Path) -> None:
    backlog = made(memory=0)
    for chunk in _chunks(20):
        backlog.put(chunk)
    assert list(tmp_path.iterdir()) == []
    (file,) = [link for link in Path("/proc/self/fd").iterdir() if str(tmp_path) in _target(link)]
    assert file.stat().st_mode & 0o777 == 0o600
    held = file.read_bytes()
    assert len(held) > 15_000
    assert b"Thistlewood" not in held


def test_a_changed_byte_on_the_disk_is_not_believed(made: Callable[..., Backlog], tmp_path: Path) -> None:
    backlog = made(memory=0)
    for chunk in _chunks(3):
        backlog.put(chunk)
    (file,) = [link for link in Path("/proc/self/fd").iterdir() if str(tmp_path) in _target(link)]
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\0\0\0")
    backlog.get()  # the first is in memory: an empty queue takes any
    with pytest.raises(InvalidTag):
        backlog.get()


def test_the_disk_is_given_back_when_its_files_are_searched(
    made: Callable[..., Backlog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "_SEGMENT", 5_000)
    backlog = made(memory=0)
    for chunk in _chunks(50):
        backlog.put(chunk)

    def held() -> int:
        return sum(1 for link in Path("/proc/self/fd").iterdir() if str(tmp_path) in _target(link))

    assert held() >= 9
    for _ in range(50):
        backlog.get()
    assert held() <= 1


def test_a_full_queue_makes_who_puts_wait_and_drops_nothing(made: Callable[..., Backlog], tmp_path: Path) -> None:
    backlog, chunks, done = made(memory=2_000, room=5_000), _chunks(20), threading.Event()

    def put() -> None:
        for chunk in chunks:
            backlog.put(chunk)
        done.set()

    threading.Thread(target=put, daemon=True).start()
    assert not done.wait(0.5)
    assert [backlog.get() for _ in chunks] == chunks
    assert done.wait(5)
    assert backlog.most <= 5_000


def test_without_a_seal_nothing_goes_to_the_disk(
    made: Callable[..., Backlog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "_box", lambda: None)
    backlog, chunks, done = made(memory=2_000), _chunks(6), threading.Event()

    def put() -> None:
        for chunk in chunks:
            backlog.put(chunk)
        done.set()

    threading.Thread(target=put, daemon=True).start()
    assert not done.wait(0.5)
    assert not [link for link in Path("/proc/self/fd").iterdir() if str(tmp_path) in _target(link)]
    assert [backlog.get() for _ in chunks] == chunks
    assert backlog.most_on_disk == 0


def test_an_empty_queue_takes_a_chunk_of_any_size(made: Callable[..., Backlog], tmp_path: Path) -> None:
    backlog = made(memory=10, room=10)
    (chunk,) = _chunks(1)
    backlog.put(chunk)
    assert backlog.get() == chunk


def test_a_disk_that_is_full_makes_who_puts_wait_and_drops_nothing(
    made: Callable[..., Backlog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "_AGAIN_S", 0.01)
    room = 7_000

    def write(descriptor: int, data: memoryview, at: int) -> int:
        if at + len(data) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.pwrite(descriptor, data, at)

    backlog, chunks = made(memory=2_000, write=write), _chunks(60)
    threads = [threading.Thread(target=backlog.put, args=(chunk,), daemon=True) for chunk in chunks]
    for thread in threads:
        thread.start()
    found = [backlog.get() for _ in chunks]
    assert sorted(found) == sorted(chunks)
    assert backlog.disk_refused > 0
    assert backlog.held == 0


def test_a_folder_that_is_gone_is_as_a_full_disk(
    made: Callable[..., Backlog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "_AGAIN_S", 0.01)
    backlog, chunks = made(memory=1_000, folder=tmp_path / "gone"), _chunks(5)
    threads = [threading.Thread(target=backlog.put, args=(chunk,), daemon=True) for chunk in chunks]
    for thread in threads:
        thread.start()
    assert sorted(backlog.get() for _ in chunks) == chunks
