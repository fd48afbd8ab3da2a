"""A failing scenario is found, made small and kept; whatever ends the search, what it found is there."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pytest
import yaml

from scenarios.fuzz.drawn import scenario_files
from scenarios.fuzz.search import Search, text
from scenarios.model.suite_files import Prepared, prepare_file
from scenarios.run.processes import ProcessDied
from scenarios.run.world import world_of
from scenarios.verdict import Outcome, Verdict

Fails = Callable[[Prepared], bool]


class Told:
    """A system that is only told of."""

    def __init__(self, fails: Fails, check: str = "should_not_exist") -> None:
        self._fails, self._check, self.runs = fails, check, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, run: Prepared) -> Sequence[Verdict]:
        self.runs += 1
        outcome = Outcome.FAIL if self._fails(run) else Outcome.PASS
        return [
            Verdict(check=self._check, outcome=outcome, examined=1, why="as told"),
            Verdict(check="leaks", outcome=Outcome.UNKNOWN, examined=0, why="nobody looked"),
        ]


def search(folder: Path, system: Told, *, seconds: float = 600, most: int | None = 60) -> Search:
    found = Search(system, folder, tell=lambda _line: None)
    found.look(scenario_files(contract="strict"), seed=1, seconds=seconds, most=most)
    return found


def says_muted(run: Prepared) -> bool:
    """As a system that ignores the switch: it fails where somebody speaks while the microphone is off."""
    return any(said.kind == "muted" for said in world_of(run.scenario)[1].utterances)


def test_a_failure_is_made_small_and_its_file_fails_the_same_way(tmp_path: Path) -> None:
    found = search(tmp_path, Told(says_muted))
    assert found.broken is not None
    labels = [said.utterance_id for said in world_of(found.broken.run.scenario)[1].utterances]
    found.fewest(labels, seconds=600)
    fleet = found.broken.run.scenario.fleet
    assert len(fleet.only) == 1 or len(labels) == 1
    path = tmp_path / "found.yaml"
    path.write_text(text(found.broken.said, ("why",)))
    (again,) = prepare_file(path)
    assert says_muted(again)
    assert found.broken.signature == {("should_not_exist", "")}


def test_utterances_that_do_not_matter_are_left_out(tmp_path: Path) -> None:
    def three(run: Prepared) -> bool:
        only = run.scenario.fleet.only
        return run.scenario.fleet.utterances_per_device >= 3 and (not only or "H01-D1-002" in only)

    found = search(tmp_path, Told(three))
    assert found.broken is not None
    found.fewest([said.utterance_id for said in world_of(found.broken.run.scenario)[1].utterances], seconds=600)
    assert found.broken.run.scenario.fleet.only == ("H01-D1-002",)


def test_nothing_is_found_in_a_system_that_holds(tmp_path: Path) -> None:
    system = Told(lambda _run: False)
    found = search(tmp_path, system, most=12)
    assert (found.broken, found.tried, system.runs) == (None, 12, 12)
    assert (found.held, found.open_) == ({"should_not_exist": 12}, {"leaks": "nobody looked"})


def test_another_failure_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    class Two(Told):
        def __call__(self, run: Prepared) -> Sequence[Verdict]:
            many = run.scenario.fleet.utterances_per_device > 1
            self._check, self._fails = ("conservation" if many else "should_not_exist"), lambda _run: many or None
            return [*super().__call__(run)]

    found = search(tmp_path, Two(lambda _run: True))
    assert found.broken is not None
    assert found.broken.signature == {("conservation", "")}
    assert found.broken.run.scenario.fleet.utterances_per_device == 2


def test_the_time_ends_the_search_after_one_try_at_least(tmp_path: Path) -> None:
    now = iter(range(0, 10**6, 100))
    found = Search(Told(lambda _run: False), tmp_path, tell=lambda _line: None, clock=lambda: float(next(now)))
    found.look(scenario_files(contract="strict"), seed=1, seconds=60, most=None)
    assert found.tried == 1


def test_a_system_that_ends_is_told_and_its_scenario_kept(tmp_path: Path) -> None:
    def ends(run: Prepared) -> bool:
        if run.scenario.fleet.households > 1:
            raise ProcessDied("gateway: ended with code 1 during the run")
        return False

    with pytest.raises(ProcessDied, match="ended with code 1"):
        search(tmp_path, Told(ends))
    assert yaml.safe_load((tmp_path / "trying.yaml").read_text())["fleet"]["households"] > 1


def test_ctrl_c_leaves_what_was_found_so_far(tmp_path: Path) -> None:
    failed: list[int] = []

    def stopped(run: Prepared) -> bool:
        if failed:
            raise KeyboardInterrupt
        failed.extend([1] * (run.scenario.fleet.households > 1))
        return bool(failed)

    found = Search(Told(stopped), tmp_path, tell=lambda _line: None)
    with pytest.raises(KeyboardInterrupt):
        found.look(scenario_files(contract="strict"), seed=1, seconds=60, most=None)
    assert found.broken is not None
