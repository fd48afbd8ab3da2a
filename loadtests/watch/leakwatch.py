"""Searches every response of a Locust run for identities, whatever locustfile makes the requests.

By hand in a locustfile of your own: `from loadtests.watch.leakwatch import attach`. Without touching it: add
it to Locust's locustfiles (`-f mine.py,loadtests/watch/leakwatch.py`), or start Locust as
`python -m loadtests.watch.locust_main`;
EARLID_LEAKWATCH names the settings file.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import msgspec
from locust import events
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from locust.event import EventHook
from locust.runners import MasterRunner, WorkerRunner

from gateway.files import BadFile
from gateway.identities import Household, Identities, load_identities
from loadtests.watch.responses import receive
from loadtests.watch.routes import route_of
from loadtests.watch.settings import load_settings
from loadtests.watch.stats import WatchStats
from scenarios.leaks.controls import INDEX, LABEL, ControlServer, Index, Plant, control_household, with_control
from scenarios.leaks.detector import Haystack, LeakDetector, Searched
from scenarios.leaks.needles.needles import join_tag_needles
from scenarios.verdict import Finding

_CONTROL = "earlid control"  # key of a request's context
_REPORT = "earlid leak watch"  # key of a worker's report


class LeakWatch:
    """One process's watch. In a distributed run the workers search and the master adds up."""

    def __init__(
        self, environment: Environment, detector: LeakDetector, *, spool: Path, role: str, controls_url: str | None
    ) -> None:
        self._environment, self._detector = environment, detector
        self._spool, self._role, self._controls_url = spool, role, controls_url
        self._tally = WatchStats()
        self._of_workers: dict[str, WatchStats] = {}

    def on_request(self, request_type: str, name: str, context: Any, **event: Any) -> None:
        """Every request of every user ends here, and so does every control."""
        context = context or {}
        if _CONTROL in context:
            self._on_control(context[_CONTROL], request_type, event.get("response"), event.get("url"))
            return
        route, role = route_of(name, self._detector), str(context.get("role") or self._role)
        place = f"{role} {request_type} {route}"
        response = event.get("response")
        if response is None or (not hasattr(response, "status_code") and not isinstance(response, str | bytes)):
            self._tally.foreign += 1
            return
        received = receive(response, str(event.get("url") or name), place, self._detector)
        if not received.status:
            self._tally.unanswered += 1
            return
        searched = self._detector.search(Haystack(parts=received.parts))
        why = received.unsearched or "; ".join(note.replace(f" {place}", "") for note in searched.notes) or None
        self._count(searched, place, why)
        self._write(
            {
                "kind": "response",
                "method": request_type,
                "route": route,
                "role": role,
                "status": received.status,
                "bytes": searched.bytes,
                "ms": round(float(event.get("response_time") or 0), 1),
                **{name: str(context[name]) for name in ("clip_ref", "person") if name in context},
                **({"not_searched": why} if why else {}),
                "findings": [_plain(finding) for finding in searched.findings],
            }
        )

    def on_test_start(self, **_event: Any) -> None:
        """The controls, through this run's own request event and both of Locust's clients, before any user."""
        if isinstance(self._environment.runner, MasterRunner):
            return
        if self._controls_url is not None:
            self._fetch_controls(self._controls_url)
        else:
            with ControlServer(control_household(0)) as server:
                self._fetch_controls(server.url)
        if self._environment.runner is not None:
            self._environment.runner.stats.clear_all()  # the controls are no load

    def on_report(self, data: dict[str, Any], **_event: Any) -> None:
        data[_REPORT] = self._tally.to_builtins()

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_event: Any) -> None:
        if _REPORT in data:
            self._of_workers[client_id] = msgspec.convert(data[_REPORT], WatchStats)

    def on_quitting(self, environment: Environment, **_event: Any) -> None:
        if isinstance(environment.runner, WorkerRunner):
            return
        total = self._tally
        for tally in self._of_workers.values():
            total = total.plus(tally)
        self._write({"kind": "summary", **total.to_builtins()})
        sys.stderr.write(total.summary())
        code = total.exit_code()
        if code is not None:
            environment.process_exit_code = code

    def _fetch_controls(self, url: str) -> None:
        event = self._environment.events.request
        clients: dict[str, Any] = {
            "HttpUser": HttpSession(base_url=url, request_event=event, user=None),
            "FastHttpUser": FastHttpSession(base_url=url, request_event=event, user=None),
        }
        for plant in fetch_index(url).plants:
            for via, client in clients.items():
                client.get(plant.path, name=f"control {plant.name}", context={_CONTROL: (via, plant)})

    def _on_control(self, control: tuple[str, Plant], method: str, response: Any, url: str | None) -> None:
        via, plant = control
        received = receive(response, str(url), f"control {method} {plant.path}", self._detector)
        findings = self._detector.search(Haystack(parts=received.parts)).findings
        how = next((f.how for f in findings if f.household_id == LABEL and f.field == plant.field), None)
        self._tally.planted += 1
        self._tally.found += how is not None
        if how is None and plant.name not in self._tally.missed:
            self._tally.missed.append(plant.name)
        self._write({"kind": "control", "name": plant.name, "via": via, "found": how is not None, "how": how or []})

    def _count(self, searched: Searched, place: str, why: str | None) -> None:
        self._tally.responses += 1
        self._tally.bytes += searched.bytes
        if why:
            self._tally.count(self._tally.unsearched, f"{place}: {why}")
        for finding in searched.findings:
            self._tally.count(self._tally.findings, f"{finding.field} in {finding.where.kind} of {finding.where.name}")

    def _write(self, line: dict[str, Any]) -> None:
        """One write per line in append mode: several workers may share the file."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._spool.open("ab", buffering=0) as spool:
            spool.write(msgspec.json.encode({"kind": line["kind"], "at": at, **line}) + b"\n")


def attach(
    environment: Environment,
    *,
    identities: Path,
    spool: Path,
    controls_url: str | None = None,
    role: str = "reviewer",
    join_tags: Sequence[str] = (),
) -> None:
    """Search every response of `environment` from now on. Call it once, in a listener of `events.init`.

    Raises:
        BadFile: the identities file is wrong, or the spool cannot be written.
    """
    _check_writable(spool)
    known = load_identities(identities)
    served = fetch_index(controls_url).household if controls_url else None
    control = Household.model_validate(served) if served else control_household(0)
    detector = LeakDetector(_with_control(known, control, identities), extra=join_tag_needles(join_tags))
    watch = LeakWatch(environment, detector, spool=spool, role=role, controls_url=controls_url)
    hooks: Any = environment.events  # Locust's hooks carry no types
    hooks.request.add_listener(watch.on_request)
    hooks.test_start.add_listener(watch.on_test_start)
    hooks.report_to_master.add_listener(watch.on_report)
    hooks.worker_report.add_listener(watch.on_worker_report)
    hooks.quitting.add_listener(watch.on_quitting)
    gevent.get_hub().loop.update_now()  # else the run's time limit counts from before the marks were compiled


def fetch_index(url: str) -> Index:
    """Asked outside the run's request event: it is no response of the system under test."""
    try:
        nobody: Any = EventHook  # untyped
        answer = HttpSession(base_url=url, request_event=nobody(), user=None).get(INDEX)
        return msgspec.json.decode(answer.content or b"", type=Index)
    except (OSError, msgspec.DecodeError) as error:
        raise BadFile(f"{url}{INDEX}: no list of controls ({type(error).__name__})") from None


def _with_control(known: Identities, control: Household, path: Path) -> Identities:
    if any(home.household_id == LABEL for home in known.households):
        raise BadFile(f"{path}: households: {LABEL} is the label of the planted controls, choose another")
    return with_control(known, control)


def _check_writable(spool: Path) -> None:
    try:
        spool.open("ab").close()
    except OSError as error:
        raise BadFile(f"{spool}: {error.strerror or 'cannot be written'}") from None


def _plain(finding: Finding) -> dict[str, Any]:
    return {**msgspec.to_builtins(finding), "fingerprint": finding.fingerprint}


def attach_from_settings(environment: Environment, **_event: Any) -> None:
    """`attach` as the settings file says; a wrong file is one line and exit code 2."""
    try:
        settings = load_settings()
        attach(
            environment,
            identities=settings.identities,
            spool=settings.spool,
            controls_url=settings.controls_url,
            role=settings.role,
            join_tags=settings.join_tags,
        )
    except BadFile as error:
        sys.stderr.write(f"leak watch: {error}\n")
        raise SystemExit(2) from None


if __name__ == "leakwatch":  # Locust loads a `-f` file under its bare name; an import registers nothing
    hooks: Any = events
    hooks.init.add_listener(attach_from_settings)
