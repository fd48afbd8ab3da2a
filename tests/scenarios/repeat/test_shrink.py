"""A failed run becomes a small scenario file that says the same."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.files import BadFile
from scenarios.model.suite_files import Prepared, prepare_file
from scenarios.repeat import shrink as module
from scenarios.repeat.shrink import again, same_way, shrink
from scenarios.report.document import document
from scenarios.report.made import Made
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, result

SCENARIO = "scenario: 2\nname: big\nabout: x\nchecks: [leaks]\nfleet: {households: 15, utterances_per_device: 3}\n"
FOUND = Verdict(check="leaks", outcome=Outcome.FAIL, examined=1, why="x", findings=(finding("contacts.name"),))


def run_folder(folder: Path, verdict: Verdict, options: str = "") -> Path:
    import msgspec

    file = folder / "big.yaml"
    file.write_text(SCENARIO)
    made = Made(
        started="",
        seconds=1,
        earlid="x",
        target="x",
        machine="x",
        operator=None,
        command=f"earlid run {file} --seed 3{options}",
    )
    out = folder / "out"
    out.mkdir()
    (out / "report.json").write_bytes(msgspec.json.encode(document(result((verdict,), out=out, made=made))))
    return out


def test_sixty_utterances_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = run_folder(tmp_path, FOUND)
    tries: list[tuple[str, ...]] = []

    def attempt(wanted: frozenset[tuple[str, str]], folder: Path, own: object) -> Callable[..., Any]:
        assert own is None
        assert wanted == {("leaks", "contacts.name")}
        return lambda part: tries.append(part.scenario.fleet.only) or "H07-D1-002" in part.scenario.fleet.only  # type: ignore[func-returns-value, redundant-expr]

    monkeypatch.setattr(module, "_attempt", attempt)
    small = prepare_file(shrink(out))[0].scenario
    assert small.fleet.only == ("H07-D1-002",)
    assert (small.seed, small.fleet.households, small.checks) == (3, 15, ("leaks",))
    count = len(tries)
    shrink(out)  # all of it is remembered
    assert len(tries) == count


LATE = "{extends: strict, contract: 1, name: late, kind: protect}"
MORE = (
    "timeline: [{at: 1m, do: gateway_kill}, {at: 2m, do: contract_changed, contract: " + LATE + "},\n"
    "  {at: 3m, do: broker_stop, for: 20s}]\n"
    "faults: [{kind: drop, share: 0.1}, {kind: delay, share: 0.2}, {kind: duplicate, share: 0.1}]\n"
)


def small_of(folder: Path, monkeypatch: pytest.MonkeyPatch, needs: Callable[[Any], bool]) -> tuple[Prepared, list[Any]]:
    """The shrunk run of one with events and faults, of which `needs` says what fails; and what was tried."""
    out = run_folder(folder, FOUND) if not (folder / "out").exists() else folder / "out"
    (folder / "big.yaml").write_text(SCENARIO + MORE)
    tries: list[Any] = []

    def attempt(*_said: object) -> Callable[..., bool]:
        def one(part: Prepared) -> bool:
            tries.append(part.scenario)
            return "H07-D1-002" in part.scenario.fleet.only and needs(part.scenario)

        return one

    monkeypatch.setattr(module, "_attempt", attempt)
    return prepare_file(shrink(out))[0], tries


def test_events_and_faults_that_nothing_needs_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, _ = small_of(tmp_path, monkeypatch, lambda _scenario: True)
    assert (small.scenario.timeline, small.scenario.faults) == ((), ())


def test_the_events_and_faults_that_fail_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def needs(scenario: Any) -> bool:
        events, kinds = {each.do for each in scenario.timeline}, {each.kind for each in scenario.faults}
        return "contract_changed" in events and "delay" in kinds

    small, _ = small_of(tmp_path, monkeypatch, needs)
    assert [each.do for each in small.scenario.timeline] == ["contract_changed"]
    assert [each.kind for each in small.scenario.faults] == ["delay"]
    assert small.judged_by.name == "late"


@pytest.mark.parametrize("torn", [b'{"only":["H0', b"\xff\xfe", b"{}\n"])
def test_half_a_line_of_a_killed_shrink_costs_one_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    _, tries = small_of(tmp_path, monkeypatch, lambda _scenario: True)
    store = tmp_path / "out" / "shrink.jsonl"
    store.write_bytes(b"".join(store.read_bytes().splitlines(keepends=True)[:-1]) + torn)
    _, again_ = small_of(tmp_path, monkeypatch, lambda _scenario: True)
    assert (len(tries) > 5, len(again_)) == (True, 1)
    _, third = small_of(tmp_path, monkeypatch, lambda _scenario: True)
    assert third == []


def test_a_run_that_passed_is_not_shrunk(tmp_path: Path) -> None:
    passed = Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x")
    with pytest.raises(BadFile, match="nothing failed there"):
        shrink(run_folder(tmp_path, passed))


def test_another_failure_is_not_the_same_way() -> None:
    assert same_way([FOUND], frozenset({("leaks", "contacts.name")}))
    assert not same_way([FOUND], frozenset({("leaks", "home.latitude")}))
    assert not same_way([FOUND], frozenset({("gating", "")}))


TARGET = "target: 1\nkind: attached\nname: own\nkept: {kind: folder, path: kept, session: call}\n"


def test_a_run_against_an_own_system_is_tried_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target.yaml").write_text(TARGET)
    out = run_folder(tmp_path, FOUND, f" --target {tmp_path / 'target.yaml'}")
    tried: list[str] = []

    def there(run: Prepared, own: Any, **_options: Any) -> Any:
        tried.append(own.target.name)
        failed = "H07-D1-002" in run.scenario.fleet.only or len(run.scenario.fleet.only) > 20
        return SimpleNamespace(result=SimpleNamespace(verdicts=[FOUND] if failed else []))

    monkeypatch.setattr(module, "run_own", there)
    assert prepare_file(shrink(out))[0].scenario.fleet.only == ("H07-D1-002",)
    assert set(tried) == {"own"}
    line = f"earlid run {out / 'shrunk.yaml'} --target {tmp_path / 'target.yaml'}"
    assert module.command_for(out / "shrunk.yaml", out) == line


def test_events_of_parts_are_not_tried_behind_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "e.yaml"
    whole: list[str] = []

    def end_to_end(run: Prepared, **_options: Any) -> Any:
        whole.append(run.name)
        return SimpleNamespace(result=SimpleNamespace(verdicts=[]))

    monkeypatch.setattr(module, "run_scenario", end_to_end)
    for event, times in (("gateway_kill", 1), ("mute", 0)):
        file.write_text(SCENARIO.replace("[leaks]", "[gating]") + f"timeline: [{{at: 1m, do: {event}}}]\n")
        monkeypatch.setattr(module, "many_seeds", lambda *_said: [SimpleNamespace(verdicts=[])])
        whole.clear()
        module._attempt(frozenset({("gating", "")}), tmp_path, None)(prepare_file(file)[0])
        assert len(whole) == times, event


def test_a_reports_line_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(SCENARIO + "matrix: {contract: [strict, apple-2019]}\n")
    run = again(f"earlid run {file} --only big-apple-2019 --seed 9 --broker amqtt")
    assert (run.name, run.scenario.seed) == ("big-apple-2019", 9)


def test_what_is_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(
        "scenario: 2\nname: t\nabout: x\nchecks: [leaks, load, retention]\n"
        "fleet: {households: 2, mutes: {from: '22:30', until: '06:00'}, resend: {wait: 20s}}\n"
        "faults: [{kind: drop, share: 0.1, from: 1m, until: 2m, household: H01}]\n"
        "thresholds: [{that: load.p95_ms < 9, warmup: 3s}]\n"
        "timeline: [{at: 3m, do: broker_stop, for: 20s}, {at: 1m, do: clock_step, by: -5m}, {after: 181d},\n"
        "  {at: 4m, do: contract_changed, contract: {extends: strict, gate: {children: drop}}}]\n"
    )
    (run,) = prepare_file(file)
    written = tmp_path / "again.yaml"
    written.write_text(module._text(run))
    (again_,) = prepare_file(written)
    same = {"name": "t", "fleet": run.scenario.fleet, "contract": "strict", "timeline": ()}
    assert again_.scenario.model_copy(update=same) == run.scenario.model_copy(update={"timeline": ()})
    assert [e.model_copy(update={"contract": None}) for e in again_.scenario.timeline] == [
        e.model_copy(update={"contract": None}) for e in run.scenario.timeline
    ]
    assert again_.judged_by == run.judged_by
