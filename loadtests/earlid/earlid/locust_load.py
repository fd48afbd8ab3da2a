"""Records the load of a Locust run beside the leak watch: seconds, routes, the generator itself, objectives.

The master and a Locust process without workers write load.json; workers report to the master.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from earlid.client import SearchClient, SearchLost
from earlid.load.arrivals import INTENDED
from earlid.load.document import document
from earlid.load.figures import figures, write
from earlid.load.recorder import Recorder
from earlid.load.settings import LoadSettings
from earlid.load.slo import Line, Measured, judged

CONTROL = "earlid control"  # key of a request's context: a planted leak, no load
_REPORT = "earlid load"
_NAP_S = 0.1
_AT_ONCE = 64  # requests
Others = Callable[[], Sequence[Mapping[str, Any]]]  # how far searches on other machines are


class LoadRecord:
    """The record of one Locust process. `others` gives the newest counts of searches on other machines."""

    def __init__(
        self,
        environment: Any,
        client: SearchClient,
        settings: LoadSettings,
        *,
        others: Others = tuple,
        role: str = "user",
    ) -> None:
        self._environment, self._client, self._settings, self._role = environment, client, settings, role
        self._others = others
        self._recorder = Recorder(warmup_s=settings.warmup_s)
        self._seen: list[tuple[Any, ...]] = []  # requests that are in no recorder yet
        self.aborted: list[Line] = []
        self.latest: dict[str, Any] = {}
        self._searched = (0.0, 0)
        self._lag_s = 0.0
        self._beating: Any = None
        self._trial: Recorder | None = None
        self._shown: dict[str, str] = {}
        self._capacity: dict[str, Any] | None = None
        environment.earlid_load = self

    def attach(self) -> None:
        hooks = self._environment.events
        hooks.request.add_listener(self.on_request)
        hooks.test_start.add_listener(self.on_test_start)
        hooks.report_to_master.add_listener(self.on_report)
        hooks.worker_report.add_listener(self.on_worker_report)

    @property
    def recorder(self) -> Recorder:
        """The record of the run, with every request so far."""
        self._record()
        return self._recorder

    def on_test_start(self, **_event: Any) -> None:
        self._seen, self._recorder = [], Recorder(warmup_s=self._settings.warmup_s)
        self.aborted, self._lag_s, self.latest = [], 0.0, {}
        if self._beating is None:
            self._beating = sys.modules["gevent"].spawn(self._beat)

    def on_request(
        self,
        request_type: str,
        name: str,
        context: Any = None,
        response_time: float | None = None,
        start_time: float | None = None,
        response_length: int | None = None,
        exception: Any = None,
        **_event: Any,
    ) -> None:
        """Every request of every user. Many are recorded one after another: that costs less than each alone."""
        ms = float(response_time or 0)
        at = float(start_time or time.time() - ms / 1_000)
        late_ms, role = 0.0, self._role
        if context:
            if CONTROL in context:
                return
            role = str(context.get("role") or role)
            late_ms = max(0.0, (at - float(context.get(INTENDED) or at)) * 1_000)
        self._seen.append((at, request_type, name, role, ms, exception is not None, int(response_length or 0), late_ms))
        if len(self._seen) >= _AT_ONCE:
            self._record()

    def _record(self) -> None:
        seen, self._seen = self._seen, []
        for recorder in (self._recorder, self._trial):
            if recorder is not None:
                for at, method, name, role, ms, failed, size, late_ms in seen:
                    recorder.request(at, method, name, role, ms, failed=failed, size=size, late_ms=late_ms)

    @property
    def has_objectives(self) -> bool:
        return bool(self._settings.objectives)

    @property
    def metrics_port(self) -> int | None:
        return self._settings.metrics_port

    def begin_trial(self, warmup_s: float) -> None:
        """Begin to judge a part of the run by itself."""
        self._record()
        self._trial = Recorder(warmup_s=warmup_s)

    def end_trial(self, users: int) -> bool | None:
        """Whether the trial kept to every objective. None: that cannot be said."""
        self._record()
        trial, self._trial = self._trial, None
        if trial is None:
            return None
        lines = self.lines(self.latest or None, trial)
        outcomes = {line.outcome for line in lines}
        kept = None if not lines else False if "missed" in outcomes else None if "unknown" in outcomes else True
        said = {True: "kept", False: "not kept", None: "cannot be said"}[kept]
        why = ", ".join(
            f"{line.expression}: {line.why or format(line.value or 0.0, '.4g')}"
            for line in lines
            if line.outcome != "met"
        )
        sys.stderr.write(f"capacity: {users} users: {said}{f' ({why})' if why else ''}\n")
        return kept

    def say_capacity(self, users: int, trials: Sequence[tuple[int, bool | None]]) -> None:
        """The answer of a search: the most users that kept to the objectives."""
        self._capacity = {"users": users, "trials": [list(trial) for trial in trials]}
        sys.stderr.write(f"capacity: {users} users keep to the objectives\n")

    def on_report(self, data: dict[str, Any], **_event: Any) -> None:
        data[_REPORT] = self.recorder.take()

    def on_worker_report(self, data: dict[str, Any], **_event: Any) -> None:
        if _REPORT in data:
            self.recorder.add(data[_REPORT])
            if self._trial is not None:
                self._trial.add(data[_REPORT])

    def lines(self, counts: Mapping[str, Any] | None, part: Recorder | None = None) -> list[Line]:
        """Every objective judged, for the whole run or a part of it. `counts` are the search's; None: it is gone."""
        totals = counts["totals"] if counts else {}
        recorder = part or self.recorder
        ended = max(recorder.seconds, default=0) + 1
        measured = Measured(
            seconds=ended - (recorder.began or ended) - recorder.warmup_s,
            findings=totals.get("findings", {}),
            unsearched=totals.get("unsearched", {}),
            search_lag_s=self._lag_s,
            saturated=recorder.saturated(),
            lost="" if counts else "the search process is gone",
        )
        return [line for one in self._settings.objectives for line in judged(one, recorder, measured)]

    def conclude(self, counts: Mapping[str, Any] | None, doubts: Sequence[str], *, after_s: float = 0.0) -> list[Line]:
        """Judge, print, and write load.json. The lines that were missed or are unknown decide the exit code.

        `after_s` is how long the search went on after the load.
        """
        lines = [] if self._capacity else self.lines(counts)  # a search for the capacity goes past it on purpose
        lines += [line for line in self.aborted if line.expression not in {one.expression for one in lines}]
        share = self.recorder.waited_share
        saturated = self.recorder.saturated()
        if saturated:
            sys.stderr.write(f"load: {saturated}\n")
        if share >= 0.001:
            sys.stderr.write(f"load: {share:.1%} of the users' time was waiting for the search, between requests\n")
        for line in lines:
            value = "no value" if line.value is None else f"{line.value:.4g}"
            why = f" ({line.why})" if line.why else ""
            sys.stderr.write(f"load: {line.outcome}: {line.objective}: {line.expression}: {value}{why}\n")
        for line in self.aborted:
            sys.stderr.write(f"load: ended early by {line.objective}: {line.expression}\n")
        self._write_figures(counts or self.latest)
        if self._settings.out is not None:
            self._settings.out.parent.mkdir(parents=True, exist_ok=True)
            told = document(
                self.recorder,
                self.shown(),
                counts,
                doubts,
                lines,
                self.aborted,
                capacity=self._capacity,
                after_s=after_s,
            )
            self._settings.out.write_text(json.dumps(told, separators=(",", ":")) + "\n")
        return lines

    def shown(self) -> dict[str, str]:
        """How each name may be shown. A name nobody could ask about is not shown."""
        names = sorted({text for key in self.recorder.routes for text in key} - {*self._shown})
        if names:
            with contextlib.suppress(SearchLost):  # said at the end of the run
                self._shown |= dict(zip(names, self._client.shown(names), strict=True))
        return self._shown

    def _beat(self) -> None:
        """Once a second: how the generator fares, and how far the search is."""
        gevent = sys.modules["gevent"]
        while True:
            began, cpu, waited, late = time.monotonic(), time.process_time(), self._client.counts.waited_s, 0.0
            second = int(time.time()) + 1  # all processes look at the same moments, so that their users add up
            while (left := second - time.time()) > 0:
                nap, wanted = time.monotonic(), min(_NAP_S, left)
                gevent.sleep(wanted)
                late = max(late, time.monotonic() - nap - wanted)
            runner = self._environment.runner
            if runner is None or runner.state not in ("running", "spawning"):
                continue
            distributed = any(base.__name__ == "MasterRunner" for base in type(runner).__mro__)
            self._beat_all(
                users=0 if distributed else runner.user_count,
                cpu_share=(time.process_time() - cpu) / max(time.monotonic() - began, _NAP_S),
                lag_ms=late * 1_000,
                waited_s=self._client.counts.waited_s - waited,
            )
            if not any(base.__name__ == "WorkerRunner" for base in type(runner).__mro__):
                self._look_at_search()
                self._write_figures(self.latest)

    def _write_figures(self, counts: Mapping[str, Any]) -> None:
        if self._settings.figures is not None:
            with contextlib.suppress(OSError):  # the load goes on; who reads them says that they stay away
                write(self._settings.figures, figures(self.recorder, self.shown(), counts))

    def _beat_all(self, **seen: float) -> None:
        for recorder in filter(None, (self.recorder, self._trial)):
            recorder.beat(time.time(), **seen)

    def _look_at_search(self) -> None:
        try:
            counts = self.latest = self._client.now(self._others())
        except SearchLost:
            return  # said at the end of the run
        now, searched = time.monotonic(), int(counts["searched"])
        rate = (searched - self._searched[1]) / max(now - self._searched[0], 0.1) if self._searched[0] else 0.0
        self._searched = (now, searched)
        lag_s = counts["waiting"] / rate if rate > 0 else 0.0
        self._lag_s = max(self._lag_s, lag_s)
        self._beat_all(
            waiting=counts["waiting"],
            search_lag_s=lag_s,
            findings=sum(counts["totals"]["findings"].values()),
            search_cpu_s=counts["cpu_s"],
        )
        self._abort_if_missed(counts)

    def _abort_if_missed(self, counts: Mapping[str, Any]) -> None:
        began = self.recorder.began
        if self.aborted or began is None or not any(one.abort for one in self._settings.objectives):
            return
        lines = self.lines(counts)
        at = 0
        for one in self._settings.objectives:
            missed = [line for line in lines[at : at + len(one.expect)] if line.outcome == "missed"]
            at += len(one.expect)
            if one.abort and missed and time.time() - began >= self._settings.warmup_s + max(one.delay_s, 1.0):
                self.aborted = missed
                sys.modules["gevent"].spawn(self._environment.runner.quit)
                return
