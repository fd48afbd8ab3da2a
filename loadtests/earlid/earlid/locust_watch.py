"""Hands every answer of a Locust run to the search process, whatever locustfile makes the requests.

    from earlid.locust_watch import attach

    @events.init.add_listener
    def watch(environment, **_):
        attach(environment, identities=Path("identities.json"), spool=Path("responses.jsonl"))

Importing this module imports nothing of Locust's; `attach` uses what the host process has loaded.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from earlid.client import SearchClient, SearchLost
from earlid.copies.clients import watch_clients
from earlid.load.settings import SETTINGS, LoadSettings, load_settings
from earlid.locust_beside import watch_beside
from earlid.locust_elsewhere import Elsewhere, Speaker
from earlid.locust_handover import Answers
from earlid.locust_load import LoadRecord
from earlid.locust_page import add_tab, open_metrics
from earlid.locust_ready import Readiness, end_run, fetch_controls, is_runner
from earlid.locust_verdict import ALONE, OF_LINE, SAID, UNKNOWN, doubts, lag_lines, own_report, worst
from earlid.process import ADDRESS, SearchProcess, search_options, start_search
from earlid.sending.waiting import CatchUp

_REPORT = "earlid leak watch"  # key of a worker's report


class LocustWatch:
    """One Locust process's watch. `search` is the search process it owns, if it owns one."""

    def __init__(
        self,
        environment: Any,
        client: SearchClient,
        search: SearchProcess | None,
        settings: LoadSettings,
        readiness: Readiness,
    ) -> None:
        self._environment, self._client, self._search = environment, client, search
        self._readiness = readiness
        self.answers = Answers(client)
        self._run = 0
        self._codes: list[int | None] = []  # of the runs that are over
        self._of_workers: dict[str, dict[str, Any]] = {}
        self._lost = self._unwatched = 0
        self._catching_up = CatchUp(client)
        self._over: Any = None  # set once the end of the process has been judged
        runner = environment.runner
        self._elsewhere = Elsewhere(runner) if is_runner(runner, "MasterRunner") else None
        self._speaker = Speaker(runner, client) if is_runner(runner, "WorkerRunner") else None
        self.load = LoadRecord(
            environment, client, settings, others=self._elsewhere.latest if self._elsewhere else tuple
        )

    def on_test_start(self, **_event: Any) -> None:
        """The planted leaks of the first run came before it; a later one of the web UI has its own."""
        runner = self._environment.runner
        self._lost = self._unwatched = 0
        if self._elsewhere is not None:
            self._elsewhere.begin()
            self._readiness.forget()
            return
        if self._speaker is not None:
            self._speaker.begin()
            self._readiness.tell()
        if self._run:
            fetch_controls(self._environment, self._client.controls_url)
            if runner is not None:
                runner.stats.clear_all()  # they are no load
        self.answers.seen = 0
        self._run += 1

    def on_test_stop(self, **_event: Any) -> None:
        """In the web UI each start ends with a verdict of its own."""
        runner = self._environment.runner
        self.answers.streams.end_all()
        self._lost, self._unwatched = self._readiness.lost(), self._readiness.unwatched()
        if self._elsewhere is not None:
            self._elsewhere.collect(self._of_workers, self._client.search_id)
        try:
            if self._environment.web_ui is None or is_runner(runner, "WorkerRunner"):
                return
            sent = sum(int(report["sent"]) for report in self._reports() if self._is_shared(report))
            self._catching_up = CatchUp(self._client)
            self._catching_up.wait()
            others = self._elsewhere.counts() if self._elsewhere else ()
            counts = self._client.run(sent, others=others, wait=not self._catching_up.was_ended)
        except SearchLost as error:
            sys.stderr.write(f"leak watch: run {self._run}: {error}: nothing can be said\n")
            self._codes.append(UNKNOWN)
            return
        self._codes.append(self._say(self._environment, {**counts, "open": 0}, final=False))

    def on_reset_stats(self, **_event: Any) -> None:
        self.answers.seen = 0

    def on_report(self, data: dict[str, Any], **_event: Any) -> None:
        if self._readiness.is_getting_ready:
            stats = self._environment.runner.stats
            stats.clear_all()  # what was counted so far are the planted leaks
            data.update(stats=[], errors={}, stats_total=stats.total.serialize())
        data[_REPORT] = self._own_counts()
        if self._speaker is not None and self._is_elsewhere():
            self._speaker.on_report(data)

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_event: Any) -> None:
        if _REPORT in data:
            self._of_workers[client_id] = data[_REPORT]
        if self._elsewhere is not None:
            self._elsewhere.on_worker_report(data)

    def on_quitting(self, environment: Any, **_event: Any) -> None:
        """Wait for the search, say what it found, and set the exit code. A worker leaves that to its master.

        A second signal meanwhile ends the wait: what was not searched by then is unknown.
        """
        if self._over is not None:
            for catching_up in (self._catching_up, getattr(self._speaker, "catching_up", None)):
                if catching_up is not None:
                    catching_up.give_up()
            self._over.wait()
            return
        self._over = threading.Event()
        try:
            self._quit(environment)
        finally:
            self._over.set()

    def _quit(self, environment: Any) -> None:
        end_run(environment)
        self.answers.streams.end_all()
        if self._speaker is not None and self._is_elsewhere():
            self._speaker.say(self._client.counts.sent)
        self._readiness.leave()
        if self._speaker is not None and (self._search is None or self._search.forked):
            self._client.close()
            if self._readiness.master_search is None:
                sys.stderr.write(f"leak watch: {ALONE}\n")
                environment.process_exit_code = UNKNOWN
            return
        code = self._conclude(environment)
        if self._search is not None and not self._search.forked:
            self._search.stop()
        if code is not None:
            environment.process_exit_code = code

    def _conclude(self, environment: Any) -> int | None:
        try:
            self._catching_up.wait()
            others = self._elsewhere.all_counts() if self._elsewhere else ()
            counts = self._client.end(others=others, wait=not self._catching_up.was_ended)
        except SearchLost as error:
            sys.stderr.write(f"leak watch: {error}: nothing can be said\n")
            self.load.conclude(None, [str(error)])
            return UNKNOWN
        code = self._say(environment, counts, final=True)
        return worst([code, *self._codes])

    def _say(self, environment: Any, counts: dict[str, Any], *, final: bool) -> int | None:
        """The summary, whatever is doubtful, and the exit code."""
        counted = None if is_runner(environment.runner, "WorkerRunner") else int(environment.stats.total.num_requests)
        reports = self._reports()
        found = doubts(
            counts,
            reports,
            (self._elsewhere.of_all if final else self._elsewhere.of_run) if self._elsewhere else {},
            counted=counted,
            alone=self._speaker is not None and self._readiness.master_search is None,
            lost=self._lost,
            unwatched=self._unwatched,
        )
        sys.stderr.write(counts["summary"] + "".join(f"  {doubt}\n" for doubt in found))
        waited, after_s = sum(float(report["waited_s"]) for report in reports), self._catching_up.took_s
        sys.stderr.write("".join(f"leak watch: {line}\n" for line in lag_lines(counts, waited, after_s)))
        code: int | None = counts["exit_code"]
        code = UNKNOWN if code is None and found else code
        if not is_runner(environment.runner, "WorkerRunner") and not (
            final and self._codes
        ):  # else each run was judged
            code = worst(
                [code, *(OF_LINE[line.outcome] for line in self.load.conclude(counts, found, after_s=after_s))]
            )
        if not final:
            sys.stderr.write(f"leak watch: run {self._run}: {SAID[code]}\n")
        return code

    def _is_elsewhere(self) -> bool:
        """Whether this worker's search is not its master's."""
        return self._readiness.master_search not in (None, self._client.search_id)

    def _is_shared(self, report: Mapping[str, Any]) -> bool:
        return bool(report.get("search") == self._client.search_id)

    def _reports(self) -> list[dict[str, Any]]:
        """Of this process first, then of its workers."""
        return [self._own_counts(), *self._of_workers.values()]

    def _own_counts(self) -> dict[str, Any]:
        return own_report(self._client, seen=self.answers.seen, run=self._run, kinds=self.answers.kinds)


def attach(
    environment: Any,
    *,
    identities: Path | None = None,
    spool: Path | None = None,
    controls_url: str | None = None,
    role: str = "reviewer",
    join_tags: Sequence[str] = (),
    search: SearchProcess | None = None,
    address: str | None = None,
    load: LoadSettings | None = None,
) -> LocustWatch:
    """Search every answer of `environment` from now on. Call it once, in a listener of `events.init`.

    Uses the search process `search`, or the one at `address`, or the one that the environment variable EARLID_SEARCH
    names; without any of them it starts its own, for `identities`. `load` says which objectives are judged, and where
    load.json goes.

    Raises:
        SearchLost: there is no search process, and none could be started.
        OSError: nothing listens at the address given.
    """
    hooks, ready, readiness = environment.events, threading.Event(), Readiness(environment)
    hooks.test_start.add_listener(lambda **_event: ready.wait())  # a worker may be told to start while needles compile
    try:
        address = search.address if search else address or os.environ.get(ADDRESS)
        if address is None:
            if identities is None:
                raise SearchLost(f"{ADDRESS}: not set, and no identities given: nobody to search for")
            options = search_options(spool=spool, controls_url=controls_url, role=role)
            search = start_search(identities, options, join_tags=join_tags)
            address = search.address
        client = SearchClient(address, gather=True)
        readiness.search = client.search_id
        watch = LocustWatch(environment, client, search, load or _settings_of(os.environ), readiness)
        _begin(watch, environment)
        if not is_runner(environment.runner, "MasterRunner"):
            fetch_controls(environment, client.controls_url)
        readiness.done()
    finally:
        ready.set()
    _catch_up_with_the_clock()
    return watch


def _settings_of(environ: Mapping[str, str]) -> LoadSettings:
    return load_settings(Path(environ[SETTINGS])) if SETTINGS in environ else LoadSettings()


def _begin(watch: LocustWatch, environment: Any) -> None:
    hooks = environment.events
    hooks.request.add_listener(watch.answers.on_request)
    hooks.test_start.add_listener(watch.on_test_start)
    hooks.test_stop.add_listener(watch.on_test_stop)
    hooks.reset_stats.add_listener(watch.on_reset_stats)
    hooks.report_to_master.add_listener(watch.on_report)
    hooks.worker_report.add_listener(watch.on_worker_report)
    hooks.quitting.add_listener(watch.on_quitting)
    watch.load.attach()
    if not is_runner(environment.runner, "WorkerRunner"):
        add_tab(environment, watch.load)
        open_metrics(watch.load, watch.load.metrics_port)
    watch_clients(watch.answers.copy_stream, watch.answers.on_lost)
    watch_beside(watch.answers.on_beside)


def _catch_up_with_the_clock() -> None:
    """Else the run's time limit counts from before the search process was ready."""
    gevent = sys.modules.get("gevent")
    if gevent is not None:
        with contextlib.suppress(AttributeError):
            gevent.get_hub().loop.update_now()
