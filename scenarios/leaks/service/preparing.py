"""Says what a search process does before it is ready, so that nobody takes it for one that hangs."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FIRST_S, _EVERY_S = 2.0, 5.0


class Preparing:
    """Says each step that goes on two seconds after the start, and what it does every five seconds from then on.

    `said` gets each line. What is quick says nothing.
    """

    def __init__(
        self, *, said: Callable[[str], object] | None = None, first_s: float = _FIRST_S, every_s: float = _EVERY_S
    ) -> None:
        self._said = said or _print
        self._began = time.monotonic()
        self._every_s = every_s
        self._next = self._began + first_s

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Tell of a step that cannot say how far it is. No thread of this is left when it is over."""
        over = threading.Event()

        def tick() -> None:
            while not over.wait(max(0.0, self._next - time.monotonic())):
                self._say(what)

        ticking = threading.Thread(target=tick, name="preparing", daemon=True)
        ticking.start()
        try:
            yield
        finally:
            over.set()
            ticking.join()

    def share(self, what: str, done: float) -> None:
        """Tell how far a step is, from 0 to 1."""
        if time.monotonic() >= self._next:
            self._say(f"{what}, {done:.0%}")

    def _say(self, what: str) -> None:
        now = time.monotonic()
        self._next = now + self._every_s
        self._said(f"getting ready: {what} ({now - self._began:.0f} s)")


def _print(line: str) -> None:
    sys.stderr.write(f"leak watch: {line}\n")
    sys.stderr.flush()
