"""Looks for a scenario that breaks an invariant, until the time is up, and makes the one it finds small."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from gateway.files import BadFile
from scenarios.fuzz.tries import Try
from scenarios.model.suite_files import Prepared, prepare_file
from scenarios.model.yaml_file import BadFiles
from scenarios.repeat.ddmin import smallest
from scenarios.repeat.shrink import Signature, same_way, signature_in
from scenarios.run.processes import ProcessDied
from scenarios.verdict import Outcome, Verdict
from simulator.links.link import LinkError

_TRYING = "trying.yaml"
_ROUNDS = 1_000_000  # seeds of one search
# In rounds, because Hypothesis begins each search with plain examples, up to fifty of them.
_ROUND = settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that failed: what its file says, the run, how it failed, and as which try."""

    said: Mapping[str, Any]
    run: Prepared
    signature: Signature
    verdicts: Sequence[Verdict]
    nth: int


class _TimeUp(BaseException):
    """Not an Exception: Hypothesis would take one for a failure of the example."""


class _Ended(BaseException):
    """The system under test has ended or refused, or an input is wrong: no example can be tried."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Fails(Exception):
    """An example that fails in the way that is being made small."""


class Search:
    """One search. `tried` counts examples; `held` and `open_` say of each check how often it passed and why it was
    unknown; `broken` is the smallest failing scenario so far."""

    def __init__(
        self, attempt: Try, folder: Path, *, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._attempt, self._folder, self._tell, self._clock = attempt, folder, tell, clock
        self._began = self._end = clock()
        self._holding: set[str] = set()  # what was tried, and does not fail as the first one did
        self.stopped = False  # by Ctrl-C: a library that calls back from C swallows the exception
        self.tried = 0
        self.held: dict[str, int] = {}
        self.open_: dict[str, str] = {}
        self.first: Broken | None = None
        self.broken: Broken | None = None

    def look(self, drawn: SearchStrategy[dict[str, Any]], *, seed: int, seconds: float, most: int | None) -> None:
        """Try examples for so many seconds, `most` of them; once one fails, make it small for half as long at most.

        Raises:
            ProcessDied, LinkError: the system has ended or does not answer. The scenario is in the folder.
            BadFile: the target or a credential is wrong.
        """
        self._began = self._clock()
        self._end = self._began + seconds

        for round_ in itertools.count():
            try:
                self._round(drawn, seed * _ROUNDS + round_, seconds, most)()
            except (_TimeUp, _Fails, Flaky):
                return
            except _Ended as ended:
                raise ended.error from None

    def _round(
        self, drawn: SearchStrategy[dict[str, Any]], seed: int, seconds: float, most: int | None
    ) -> Callable[[], None]:
        def holds(said: dict[str, Any]) -> None:
            if self._over(most):
                raise _TimeUp
            self._one(said, seconds)

        drawing: Callable[[], None] = hypothesis.seed(seed)(_ROUND(hypothesis.given(drawn)(holds)))
        return drawing

    def _over(self, most: int | None) -> bool:
        if self.stopped:
            raise KeyboardInterrupt
        late = self._clock() > self._end and self.tried > 0
        return late or (self.first is None and most is not None and self.tried >= most)

    def fewest(self, labels: Sequence[str], *, seconds: float) -> None:
        """Leave out the utterances without which the found scenario fails as well, for so many seconds at most."""
        found = self.broken
        if found is None or len(labels) < 2:
            return
        fleet, self._end = found.said["fleet"], self._clock() + seconds

        def fails(only: Sequence[str]) -> bool:
            if len(only) == len(labels):
                return True
            if self.stopped:
                raise KeyboardInterrupt
            if self._clock() > self._end:
                return False
            said = {**found.said, "fleet": {**fleet, "only": list(only)}}
            run = self._prepared(said)
            verdicts = self._attempt(run)
            self._progress(run, verdicts)
            if not same_way(verdicts, found.signature):
                return False
            self.broken = msgspec.structs.replace(found, said=said, run=run, verdicts=verdicts)
            return True

        smallest(labels, fails)

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def _one(self, said: dict[str, Any], seconds: float) -> None:
        key = text(said, ())
        if key in self._holding:
            return
        try:
            run = self._prepared(said)
        except BadFiles:
            hypothesis.reject()
        try:
            verdicts = self._attempt(run)
        except (ProcessDied, LinkError, BadFile) as error:
            raise _Ended(error) from None
        self._progress(run, verdicts)
        wanted = self.first.signature if self.first else signature_in(verdicts)
        if not wanted or not same_way(verdicts, wanted):
            self._holding.add(key)
            return
        self.broken = Broken(said=said, run=run, signature=wanted, verdicts=verdicts, nth=self.tried)
        if self.first is None:
            self.first = self.broken
            self._end = self._clock() + seconds / 2
            self._tell("it fails; now it is made small")
        raise _Fails

    def _prepared(self, said: Mapping[str, Any]) -> Prepared:
        path = self._folder / _TRYING
        path.write_text(text(said, ()), encoding="utf-8")
        return prepare_file(path)[0]

    def _progress(self, run: Prepared, verdicts: Sequence[Verdict]) -> None:
        self.tried += 1
        for verdict in verdicts:
            if verdict.outcome is Outcome.PASS:
                self.held[verdict.check] = self.held.get(verdict.check, 0) + 1
            elif verdict.outcome is Outcome.UNKNOWN:
                self.open_[verdict.check] = verdict.why
        failed = ", ".join(v.check for v in verdicts if v.outcome is Outcome.FAIL)
        fleet = run.scenario.fleet
        self._tell(
            f"{self.tried}, {self.seconds:.0f} s: homes {fleet.size}, utterances per device "
            f"{fleet.utterances_per_device}{f', of them {len(fleet.only)}' if fleet.only else ''}: {failed or 'holds'}"
        )

    def close(self) -> None:
        """Remove the file of the example that is being tried."""
        (self._folder / _TRYING).unlink(missing_ok=True)


def text(said: Mapping[str, Any], about: Sequence[str]) -> str:
    """A scenario file with comments before it."""
    body: str = yaml.safe_dump(dict(said), sort_keys=False, width=110, allow_unicode=True)
    return "".join(f"# {line}\n" for line in about) + body
