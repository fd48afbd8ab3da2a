"""After the load: wait for the search, say how far it is, and give up when the person says so."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from earlid.client import SearchClient

_EVERY_S = 5.0  # between two lines


def progress(counts: Mapping[str, Any], per_s: float) -> str:
    """`searched 3,400 of 13,000, about 2 min left`. Without a rate the time is not estimated."""
    waiting, searched = int(counts["waiting"]), int(counts["searched"])
    left = f", about {_duration(waiting / per_s)} left" if per_s > 0 else ""
    return f"searched {searched:,} of {searched + waiting:,}{left}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{seconds / 3_600:.1f} h"


class CatchUp:
    """Waits for one search. `give_up` ends the wait from elsewhere; `was_ended` says that somebody ended it.

    `took_s` is how long all waits took. `said` gets each line; None: they go to stderr.
    """

    def __init__(self, client: SearchClient, *, said: Callable[[str], Any] | None = None, who: str = "leak watch"):
        self._client, self._said, self._who = client, said or self._print, who
        self._given_up = self.was_ended = False
        self.took_s = 0.0
        self._began = self._told = 0.0
        self._from = 0

    def give_up(self) -> None:
        """End the wait, now or when it begins."""
        self._given_up = True

    def wait(self, others: Sequence[Mapping[str, Any]] = ()) -> None:
        """Until nothing waits, the search does not get on, or Ctrl-C. What is left then waits still."""
        self._began = self._told = time.monotonic()
        self._from = -1
        try:
            self._client.catch_up(self._go_on, others)
        except KeyboardInterrupt:
            self.was_ended = True
        self.took_s += time.monotonic() - self._began
        if self.was_ended:
            sys.stderr.write(f"{self._who}: the search was ended before it was through\n")

    def _go_on(self, counts: Mapping[str, Any]) -> None:
        now = time.monotonic()
        if self._given_up:
            raise KeyboardInterrupt
        if self._from < 0:
            self._from = int(counts["searched"])
        if now - self._told >= _EVERY_S:
            self._told = now
            per_s = (int(counts["searched"]) - self._from) / (now - self._began)
            self._said(progress(counts, per_s))

    def _print(self, line: str) -> None:
        sys.stderr.write(f"{self._who}: {line} (Ctrl-C ends the search)\n")
        sys.stderr.flush()
