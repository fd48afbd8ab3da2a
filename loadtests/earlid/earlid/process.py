"""Starts a search process, and ends it with the process that started it."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from earlid.client import SearchLost

ADDRESS = "EARLID_SEARCH"  # the environment variable that names a running search process


class SearchProcess:
    """A running `earlid leaks serve`. Leaving it as a context manager ends it; so does the end of this process."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, folder: Path) -> None:
        self._process, self.address, self._folder = process, address, folder
        self.owner = os.getpid()
        self._stopped = False

    @property
    def forked(self) -> bool:
        """Whether this is a forked copy of the process that started the search."""
        return os.getpid() != self.owner

    def __enter__(self) -> "SearchProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and remove its private folder. A forked copy of this process leaves it alone."""
        if self.forked or self._stopped:
            return
        self._stopped = True
        if self._process.stdin is not None:
            self._process.stdin.close()  # its sign to end
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)  # the process has removed it, unless it was killed


def start_search(identities: Path, options: Sequence[str] = (), *, join_tags: Sequence[str] = ()) -> SearchProcess:
    """Start a search for the people in `identities`; `options` are those of `earlid leaks serve`.

    `join_tags` are secret tags whose appearance is a leak, too. They go through a private file.

    Raises:
        SearchLost: it did not start; it has said why on stderr.
    """
    folder = Path(tempfile.mkdtemp(prefix="earlid-search-"))
    address = str(folder / "search.sock")
    command = [sys.executable, "-P", "-m", "scenarios.leaks.service", "--identities", str(identities)]
    command += ["--socket", address, "--owned", *options]
    if join_tags:
        tags = folder / "join.tags"
        tags.touch(mode=0o600)
        tags.write_text("\n".join(join_tags))
        command += ["--join-tags", str(tags)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    found = SearchProcess(process, address, folder)
    line = _first_line(process.stdout.fileno()) if process.stdout else b""
    if not line.startswith(b"search ready"):
        found.stop()
        raise SearchLost(f"the search process did not start (exit code {process.returncode})")
    return found


def search_options(*, spool: Path | None, controls_url: str | None, role: str) -> list[str]:
    """Options of `earlid leaks serve`."""
    options = ["--role", role]
    for name, value in (("--spool", spool), ("--controls-url", controls_url)):
        options += [name, str(value)] if value else []
    return options


def _first_line(descriptor: int) -> bytes:
    """Wait for it without stopping the other greenlets of this process: a Locust worker must keep its heartbeat."""
    line = b""
    while not line.endswith(b"\n"):
        select.select([descriptor], [], [])
        piece = os.read(descriptor, 4_096)
        if not piece:
            break
        line += piece
    return line
