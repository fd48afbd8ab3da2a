"""A failed run becomes a small scenario file that says the same."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.commands import shrink as module
from scenarios.commands.shrink import again, same_way, shrink
from scenarios.model.suite_files import prepare_file
from scenarios.report.document import document
from scenarios.report.made import Made
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, result

SCENARIO = "scenario: 2\nname: big\nabout: x\nchecks: [leaks]\nfleet: {households: 15, utterances_per_device: 3}\n"
FOUND = Verdict(check="leaks", outcome=Outcome.FAIL, examined=1, why="x", findings=(finding("contacts.name"),))


def run_folder(folder: Path, verdict: Verdict) -> Path:
    import msgspec

    file = folder / "big.yaml"
    file.write_text(SCENARIO)
    made = Made(
        started="", seconds=1, earlid="x", target="x", machine="x", operator=None, command=f"earlid run {file} --seed 3"
    )
    out = folder / "out"
    out.mkdir()
    (out / "report.json").write_bytes(msgspec.json.encode(document(result((verdict,), out=out, made=made))))
    return out


def test_sixty_utterances_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = run_folder(tmp_path, FOUND)
    tries: list[int] = []

    def attempt(run, wanted, folder):
        assert wanted == {("leaks", "contacts.name")}
        assert run.scenario.seed == 3
        return lambda only: tries.append(len(only)) or "H07-D1-002" in only

    monkeypatch.setattr(module, "_attempt", attempt)
    small = prepare_file(shrink(out))[0].scenario
    assert small.fleet.only == ("H07-D1-002",)
    assert (small.seed, small.fleet.households, small.checks) == (3, 15, ("leaks",))
    count = len(tries)
    shrink(out)  # all of it is remembered
    assert len(tries) == count


def test_a_run_that_passed_is_not_shrunk(tmp_path: Path) -> None:
    passed = Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x")
    with pytest.raises(BadFile, match="nothing failed there"):
        shrink(run_folder(tmp_path, passed))


def test_another_failure_is_not_the_same_way() -> None:
    assert same_way([FOUND], frozenset({("leaks", "contacts.name")}))
    assert not same_way([FOUND], frozenset({("leaks", "home.latitude")}))
    assert not same_way([FOUND], frozenset({("gating", "")}))


def test_a_reports_line_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(SCENARIO + "matrix: {contract: [strict, apple-2019]}\n")
    run = again(f"earlid run {file} --only big-apple-2019 --seed 9 --broker amqtt")
    assert (run.name, run.scenario.seed) == ("big-apple-2019", 9)
