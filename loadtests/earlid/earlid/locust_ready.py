"""What takes time before a run is done before its clock runs, and no worker is lost without a word.

A process says that it gets ready, fetches the planted leaks, and says that it is ready. A master without a web UI waits
for its workers before Locust starts the run. At the end of a run the master asks each of them whether it is there.
"""

import json
import sys
import time
from typing import Any

from earlid.locust_load import CONTROL

READY = "earlid ready"  # name of the message between workers and master
_HEARD_S = 5.0  # a worker that says nothing for so long after it came does not watch
_ASKED_S = 15.0
_NAP_S = 0.05


class Readiness:
    """Of one Locust process. `is_getting_ready`: what it reports meanwhile is no load."""

    def __init__(self, environment: Any) -> None:
        self._environment, self._runner = environment, environment.runner
        self.search = ""  # the random name of its search, once that is there
        self.is_getting_ready = True
        self.master_search: str | None = None  # None: the master does not watch, as far as a worker knows
        self._workers: dict[str, bool] = {}  # by node: whether it is ready
        self._here: set[str] = set()
        self._asked = False
        if is_runner(self._runner, "MasterRunner"):
            self._runner.register_message(READY, self._heard_of_worker)
        elif is_runner(self._runner, "WorkerRunner"):
            self._runner.register_message(READY, self._heard_of_master)
            self.tell()

    def tell(self) -> None:
        """A worker tells its master how far it is."""
        self._runner.send_message(READY, {"ready": not self.is_getting_ready})

    def done(self) -> None:
        """This process is ready. A worker says so; a master without a web UI waits for its workers."""
        if self._runner is not None:
            self._runner.stats.clear_all()  # the planted leaks are no load
        self.is_getting_ready = False
        if is_runner(self._runner, "WorkerRunner"):
            self.tell()
        elif is_runner(self._runner, "MasterRunner") and self._environment.web_ui is None:
            self._wait_for_workers()

    def lost(self) -> int:
        """How many watched workers of this run are gone without having said that they leave. Asks and waits.

        Who is asked ends its users first, and sends its last statistics.
        """
        if not is_runner(self._runner, "MasterRunner"):
            return 0
        self._here.clear()
        there = [node for node in self._workers if node in self._runner.clients]
        for node in there:
            self._runner.send_message(READY, {"ask": True}, node)
        until = time.monotonic() + _ASKED_S
        while not self._here.issuperset(there) and time.monotonic() < until:
            sys.modules["gevent"].sleep(_NAP_S)
        return len(self._workers.keys() - self._here)

    def unwatched(self) -> int:
        """How many workers are here that never said that they watch."""
        nodes = list(self._runner.clients) if is_runner(self._runner, "MasterRunner") else []
        return sum(node not in self._workers for node in nodes)

    def forget(self) -> None:
        """At the start of a run: workers of an earlier one that are gone belong to that one."""
        for node in [node for node in self._workers if node not in self._runner.clients]:
            del self._workers[node]

    def leave(self) -> None:
        """A worker says that it ends, and that it is not lost."""
        if is_runner(self._runner, "WorkerRunner"):
            self._runner.send_message(READY, {"left": True})

    def _heard_of_worker(self, msg: Any, **_event: Any) -> None:
        if msg.data.get("left"):
            self._workers.pop(msg.node_id, None)
            return
        self._here.add(msg.node_id)
        if "ready" in msg.data:
            self._workers[msg.node_id] = bool(msg.data["ready"])
            self._runner.send_message(READY, {"search": self.search}, msg.node_id)

    def _heard_of_master(self, msg: Any, **_event: Any) -> None:
        if msg.data.get("search"):
            self.master_search = str(msg.data["search"])
        if msg.data.get("ask"):
            sys.modules["gevent"].spawn(self._end_and_answer)

    def _end_and_answer(self) -> None:
        end_users(self._environment)
        self._runner.send_message(READY, {"here": True})

    def _wait_for_workers(self) -> None:
        options, clients, began = self._environment.parsed_options, self._runner.clients, time.monotonic()
        most_s = float(getattr(options, "expect_workers_max_wait", 0) or 0) or float("inf")
        gevent: Any = sys.modules["gevent"]
        while len(clients.ready) < int(getattr(options, "expect_workers", 1)):
            if time.monotonic() - began > most_s:
                return  # Locust says so itself
            gevent.sleep(_NAP_S)
        quiet = time.monotonic() + _HEARD_S
        while time.monotonic() - began < most_s:
            mute = [node for node in list(clients) if node not in self._workers]
            at_it = [node for node in list(clients) if self._workers.get(node) is False]
            if not at_it and (not mute or time.monotonic() > quiet):
                return
            gevent.sleep(_NAP_S)


def end_users(environment: Any) -> None:
    """End the users of a worker, and send the master its last statistics."""
    runner = environment.runner
    if runner.state in ("running", "spawning"):
        runner.stop()
    data: dict[str, Any] = {}
    environment.events.report_to_master.fire(client_id=runner.client_id, data=data)
    runner.send_message("stats", data)


def end_run(environment: Any) -> None:
    """End a run that a signal ends: Locust would end it after this event, and what came meanwhile would be lost."""
    runner = environment.runner
    if runner.state not in ("running", "spawning"):
        return
    if is_runner(runner, "WorkerRunner"):
        end_users(environment)
    elif environment.web_ui is None and is_runner(runner, "MasterRunner"):
        runner.quit()  # waits for the workers' last reports
    else:
        runner.stop()


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
            client.get(plant["path"], name=f"control {plant['name']}", context={CONTROL: control})


def is_runner(runner: Any, kind: str) -> bool:
    """Whether a runner is of Locust's class `kind`. Nothing of Locust is imported."""
    return any(base.__name__ == kind for base in type(runner).__mro__)
