"""Searches on other machines: each worker tells the master what its search found, and the master adds it up.

A search has a random name. Workers of one machine may share one; then one of them speaks for it.
"""

import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from earlid.client import SearchClient, SearchLost
from earlid.sending.waiting import CatchUp

FOUND = "earlid found"  # name of the message: from the master "say", from a worker the counts of its search
_REPORT = "earlid searched"  # key of a worker's report, while the run goes on
_ANSWER_S = 600.0
_NAP_S = 0.05


class Elsewhere:
    """Of a master. `of_run` has the counts of the run by search; there are several when a worker left early."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self.of_run: dict[str, list[dict[str, Any]]] = {}
        self.of_all: dict[str, list[dict[str, Any]]] = {}
        self._latest: dict[str, dict[str, Any]] = {}
        self._heard_at = 0.0
        runner.register_message(FOUND, self._hear)

    def begin(self) -> None:
        """A new run begins."""
        self.of_run, self._latest = {}, {}

    def on_worker_report(self, data: dict[str, Any], **_event: Any) -> None:
        if _REPORT in data:
            self._latest[data[_REPORT]["search"]] = data[_REPORT]["counts"]

    def latest(self) -> list[dict[str, Any]]:
        """How far the other searches are, by their newest reports."""
        return list(self._latest.values())

    def counts(self) -> list[dict[str, Any]]:
        """The counts of this run."""
        return [counts for pieces in self.of_run.values() for counts in pieces]

    def all_counts(self) -> list[dict[str, Any]]:
        """The counts of all runs."""
        return [counts for pieces in self.of_all.values() for counts in pieces]

    def collect(self, reports: Mapping[str, Mapping[str, Any]], own: str) -> None:
        """Ask one worker of each search for its counts, and wait. `reports` are by worker; `own` is not asked.

        Called when no user is at work any more. A search without an answer is missing in `of_run`.
        """
        speakers: dict[str, str] = {}
        sent: dict[str, int] = {}
        for node, report in reports.items():
            name = str(report.get("search"))
            sent[name] = sent.get(name, 0) + int(report["sent"])
            if name != own and node in self._runner.clients:
                speakers[name] = node
        before = {name: len(self.of_run.get(name, ())) for name in speakers}
        for name, node in speakers.items():
            self._runner.send_message(FOUND, {"say": sent[name]}, node)
        self._heard_at = time.monotonic()
        while time.monotonic() < self._heard_at + _ANSWER_S:
            silent = [name for name in speakers if len(self.of_run.get(name, ())) == before[name]]
            if not any(speakers[name] in self._runner.clients for name in silent):
                return
            sys.modules["gevent"].sleep(_NAP_S)

    def _hear(self, msg: Any, **_event: Any) -> None:
        self._heard_at = time.monotonic()
        if "progress" in msg.data:
            sys.stderr.write(f"leak watch: worker {msg.node_id}: {msg.data['progress']}\n")
            return
        counts = msg.data["counts"]
        self.of_run.setdefault(str(msg.data["search"]), []).append(counts)
        self.of_all.setdefault(str(msg.data["search"]), []).append(counts)


class Speaker:
    """Of a worker. It says what its search found when the master asks, or when it leaves early."""

    def __init__(self, runner: Any, client: SearchClient) -> None:
        self._runner, self._client = runner, client
        self._is_said = False
        self.catching_up: CatchUp | None = None
        runner.register_message(FOUND, self._asked)

    def begin(self) -> None:
        """A new run begins."""
        self._is_said = False

    def on_report(self, data: dict[str, Any], **_event: Any) -> None:
        """Tell the master how far the search is, while the run goes on."""
        try:
            data[_REPORT] = {"search": self._client.search_id, "counts": self._client.now()}
        except SearchLost:
            return  # said at the end of the run

    def say(self, sent: int) -> None:
        """Wait until `sent` exchanges are searched, and tell the master, once a run."""
        if self._is_said:
            return
        self._is_said = True
        told = partial(self._runner.send_message, FOUND)
        self.catching_up = CatchUp(self._client, said=lambda line: told({"progress": line}))
        self.catching_up.wait()
        try:
            counts = self._client.run(sent, wait=not self.catching_up.was_ended)
        except SearchLost as error:
            sys.stderr.write(f"leak watch: {error}: nothing can be said\n")
            return  # the master misses its counts
        self._runner.send_message(FOUND, {"search": self._client.search_id, "counts": counts})

    def _asked(self, msg: Any, **_event: Any) -> None:
        """Locust must go on hearing its master meanwhile."""
        sys.modules["gevent"].spawn(self.say, int(msg.data["say"]))
