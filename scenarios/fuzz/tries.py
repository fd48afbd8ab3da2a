"""Tries one scenario: behind a pipe in a few seconds, or against somebody's own system."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, Self

import msgspec

from scenarios.checks.judge import Case, judge
from scenarios.leaks.detector import LeakDetector, Searched
from scenarios.leaks.haystack import Haystack, Part
from scenarios.model.observations import NOTHING, Response
from scenarios.model.suite_files import Prepared
from scenarios.own_system.own_run import OwnTarget, run_own
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options
from scenarios.twin.difference import View
from scenarios.twin.many_seeds import Spoken, speak
from scenarios.twin.world import InProcessTwinWorld, pipe_house
from scenarios.verdict import Verdict


class Try(Protocol):
    """Runs a scenario and judges it. Whoever calls it has entered it."""

    def __call__(self, run: Prepared) -> Sequence[Verdict]:
        """Raises ProcessDied or LinkError if a part of the system has ended or does not answer."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Piped:
    """The built-in system behind a pipe: gateway, vault and review tool in one process, without broker and load."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._house: InProcessTwinWorld | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, run: Prepared) -> Sequence[Verdict]:
        if self._house is None:
            self._house = self._stack.enter_context(pipe_house(run.contract))
        with tempfile.TemporaryDirectory(prefix="earlid-fuzz-") as name:
            spoken = speak(run.scenario, run.contract, self._house, Path(name), anew=True)
            seen = NOTHING
            if "leaks" in run.scenario.checks:
                labels = {ref: row.utterance.utterance_id for row in spoken.ledger.rows for ref in row.refs}
                seen = msgspec.structs.replace(NOTHING, responses=searched(self._house.visited(labels).views, spoken))
        case = Case(
            scenario=run.scenario,
            contract=run.contract,
            ledger=spoken.ledger,
            seen=seen,
            capabilities=frozenset({"join:exact"}),
        )
        return judge(case, run.scenario.checks)


def searched(views: Sequence[View], spoken: Spoken) -> tuple[Response, ...]:
    """Each answer of the review tool, searched for everybody of the fleet. Equal answers are searched once."""
    detector, rows = LeakDetector(spoken.identities), []
    known: dict[tuple[object, ...], Searched] = {}
    for view in views:
        answer = (view.headers, view.body)
        if answer not in known:
            parts = [Part(kind="header", name=name, data=value.encode()) for name, value in view.headers]
            body = Part(kind="body", name=view.place, data=view.body)
            known[answer] = detector.search(Haystack(parts=(*parts, body)))
        rows.append(
            Response(
                role=view.role,
                method=view.name.partition(" ")[0],
                route=view.name.partition(" ")[2],
                status=view.status,
                bytes=known[answer].bytes,
                ms=0.0,
                findings=known[answer].findings,
                not_searched="; ".join(known[answer].notes) or None,
            )
        )
    return tuple(rows)


class OnOwnSystem:
    """Somebody's own system. A `command` target is started for each try; an `attached` one is spoken to again."""

    def __init__(self, own: OwnTarget) -> None:
        self._own = own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, run: Prepared) -> Sequence[Verdict]:
        with tempfile.TemporaryDirectory(prefix="earlid-fuzz-") as name:
            quiet = Narrator(quiet=True)
            return run_own(run, self._own, out=Path(name), options=Options(), narrator=quiet).result.verdicts
