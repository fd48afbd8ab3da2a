"""Hands every answer of a Locust run to the search process, whatever locustfile makes the requests.

    from earlid.locust_watch import attach

    @events.init.add_listener
    def watch(environment, **_):
        attach(environment, identities=Path("identities.json"), spool=Path("responses.jsonl"))

Importing this module imports nothing of Locust's; `attach` uses what the host process has loaded.
"""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earlid.client import Counts, SearchClient, SearchLost
from earlid.locust_answer import exchange_of
from earlid.process import ADDRESS, SearchProcess, start_search

LEAKED, UNKNOWN = 1, 3
_CONTROL = "earlid control"  # key of a request's context
_REPORT = "earlid leak watch"  # key of a worker's report, and name of the message between workers and master


class LocustWatch:
    """One Locust process's watch. `search` is the search process it owns, if it owns one."""

    def __init__(self, environment: Any, client: SearchClient, search: SearchProcess | None) -> None:
        self._environment, self._client, self._search = environment, client, search
        self._seen = self._foreign = 0
        self._kinds: dict[str, int] = {}
        self._of_workers: dict[str, dict[str, Any]] = {}
        self._master_watches = False

    def on_request(self, request_type: str, name: str, context: Any = None, **event: Any) -> None:
        """Every request of every user ends here, and so does every control."""
        context = dict(context or {})
        control = context.pop(_CONTROL, None) or {}
        self._seen += not control
        response = event.get("response")
        if response is None or (not hasattr(response, "status_code") and not isinstance(response, str | bytes)):
            if event.get("exception") is None and not control:
                self._foreign += 1
                self._kinds[request_type] = self._kinds.get(request_type, 0) + 1
            return
        self._client.send(
            exchange_of(
                response,
                method=request_type,
                name=name,
                url=str(event.get("url") or name),
                ms=float(event.get("response_time") or 0),
                context={key: value for key, value in context.items() if _plain(value)},
                control=control,
            )
        )

    def on_test_start(self, **_event: Any) -> None:
        """The controls, through this run's own request event and both of Locust's clients, before any user."""
        runner = self._environment.runner
        if _is(runner, "MasterRunner"):
            return
        if _is(runner, "WorkerRunner"):
            runner.send_message(_REPORT, None)
        fetch_controls(self._environment, self._client.controls_url)
        if runner is not None:
            runner.stats.clear_all()  # the controls are no load
        self._seen = 0

    def on_reset_stats(self, **_event: Any) -> None:
        self._seen = 0

    def on_init(self) -> None:
        """Workers and master tell each other that they watch."""
        runner = self._environment.runner
        if _is(runner, "MasterRunner"):
            runner.register_message(_REPORT, self._answer_worker)
        elif _is(runner, "WorkerRunner"):
            runner.register_message(_REPORT, self._heard_of_master)

    def _answer_worker(self, msg: Any, **_event: Any) -> None:
        self._environment.runner.send_message(_REPORT, None, msg.node_id)

    def _heard_of_master(self, **_event: Any) -> None:
        self._master_watches = True

    def on_report(self, data: dict[str, Any], **_event: Any) -> None:
        data[_REPORT] = self._own_counts()

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_event: Any) -> None:
        if _REPORT in data:
            self._of_workers[client_id] = data[_REPORT]

    def on_quitting(self, environment: Any, **_event: Any) -> None:
        """Wait for the search, say what it found, and set the exit code. A worker leaves that to its master."""
        if _is(environment.runner, "WorkerRunner") and (self._search is None or self._search.forked):
            self._client.close()
            return
        code = self._conclude(environment)
        if self._search is not None and not self._search.forked:
            self._search.stop()
        if code is not None:
            environment.process_exit_code = code

    def _conclude(self, environment: Any) -> int | None:
        try:
            counts = self._client.end()
        except SearchLost as error:
            sys.stderr.write(f"leak watch: {error}: nothing can be said\n")
            return UNKNOWN
        doubts = self._doubts(environment, counts)
        sys.stderr.write(counts["summary"] + "".join(f"  {doubt}\n" for doubt in doubts))
        code = counts["exit_code"]
        return UNKNOWN if code is None and doubts else code

    def _doubts(self, environment: Any, counts: dict[str, Any]) -> list[str]:
        """Whatever makes the search's counts less than the whole."""
        reports = [self._own_counts(), *self._of_workers.values()]
        said = []
        counted, seen = int(environment.stats.total.num_requests), sum(int(report["seen"]) for report in reports)
        if counted != seen and not _is(environment.runner, "WorkerRunner"):
            said.append(f"Locust counted {counted} requests, the watch saw {seen}: some of them were not watched")
        elsewhere = [report for report in reports if report["address"] != self._client.address]
        sent = sum(int(report["sent"]) for report in reports if report not in elsewhere)
        if sent > int(counts["searched"]):
            said.append(f"handed over {sent} answers, searched {counts['searched']}")
        if elsewhere:
            said.append(f"{len(elsewhere)} workers have a search of their own: see their exit codes")
        if _is(environment.runner, "WorkerRunner") and not self._master_watches:
            said.append("the master does not watch: its exit code says nothing of leaks")
        lost = sum(int(report["lost"]) for report in reports)
        if lost or counts["gone"] or counts["open"] or counts["waiting"] or counts["broken"]:
            said.append(
                f"{lost} answers could not be handed over; of the search {counts['gone']} workers ended early, "
                f"{counts['waiting']} answers were left, {counts['open']} senders did not close, "
                f"{counts['broken']} broke off"
            )
        for report in reports:
            said += [f"no HTTP answers, not searched: {kind}: {n}" for kind, n in report["kinds"].items()]
        waited = sum(float(report["waited_s"]) for report in reports)
        if waited >= 1:
            sys.stderr.write(f"leak watch: users waited {waited:.1f} s in all for the search to catch up\n")
        return said

    def _own_counts(self) -> dict[str, Any]:
        own: Counts = self._client.counts
        return {
            "address": self._client.address,
            "seen": self._seen,
            "sent": own.sent,
            "lost": own.lost,
            "waited_s": own.waited_s,
            "foreign": self._foreign,
            "kinds": dict(self._kinds),
        }


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
) -> LocustWatch:
    """Search every answer of `environment` from now on. Call it once, in a listener of `events.init`.

    Uses the search process `search`, or the one at `address`, or the one that the environment variable EARLID_SEARCH
    names; without any of them it starts its own, for `identities`.

    Raises:
        SearchLost: there is no search process, and none could be started.
        OSError: nothing listens at the address given.
    """
    address = search.address if search else address or os.environ.get(ADDRESS)
    if address is None:
        if identities is None:
            raise SearchLost(f"{ADDRESS}: not set, and no identities given: nobody to search for")
        options = search_options(spool=spool, controls_url=controls_url, role=role)
        search = start_search(identities, options, join_tags=join_tags)
        address = search.address
    client = SearchClient(address)
    watch = LocustWatch(environment, client, search)
    hooks = environment.events
    hooks.request.add_listener(watch.on_request)
    hooks.test_start.add_listener(watch.on_test_start)
    hooks.reset_stats.add_listener(watch.on_reset_stats)
    hooks.report_to_master.add_listener(watch.on_report)
    hooks.worker_report.add_listener(watch.on_worker_report)
    hooks.quitting.add_listener(watch.on_quitting)
    watch.on_init()
    _catch_up_with_the_clock()
    return watch


def search_options(*, spool: Path | None, controls_url: str | None, role: str) -> list[str]:
    """Options of `earlid leaks serve`."""
    options = ["--role", role]
    options += ["--spool", str(spool)] if spool else []
    return options + (["--controls-url", controls_url] if controls_url else [])


def fetch_controls(environment: Any, url: str) -> None:
    """Ask for every planted leak with both of Locust's HTTP clients, through the run's own request event."""
    from locust.clients import HttpSession
    from locust.contrib.fasthttp import FastHttpSession
    from locust.event import EventHook

    event = environment.events.request
    quiet: Any = EventHook()  # type: ignore[no-untyped-call]
    index = json.loads(HttpSession(base_url=url, request_event=quiet, user=None).get("/controls.json").content or b"{}")
    clients: dict[str, Any] = {
        "HttpUser": HttpSession(base_url=url, request_event=event, user=None),
        "FastHttpUser": FastHttpSession(base_url=url, request_event=event, user=None),
    }
    for plant in index.get("plants", ()):
        for via, client in clients.items():
            control = {"name": plant["name"], "path": plant["path"], "field": plant["field"], "via": via}
            client.get(plant["path"], name=f"control {plant['name']}", context={_CONTROL: control})


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | list | tuple | dict)


def _is(runner: Any, kind: str) -> bool:
    return any(base.__name__ == kind for base in type(runner).__mro__)


def _catch_up_with_the_clock() -> None:
    """Else the run's time limit counts from before the search process was ready."""
    gevent = sys.modules.get("gevent")
    if gevent is not None:
        with contextlib.suppress(AttributeError):
            gevent.get_hub().loop.update_now()
