"""Access, sampling, anonymity and load of a stranger's review desk (tests/broken/flask_desk.py): each planted fault is
found by its check and by no other, and nothing alarms in the mended one."""

from pathlib import Path

import msgspec
import pytest

from scenarios.own_system.own_run import run_own
from scenarios.report.result import RunResult
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options
from tests.broken.flask_desk import FAULTS
from tests.end_to_end.desks import desk_in
from tests.end_to_end.own_systems import own_at, prepared_in

CHECKS = ("leaks", "sampling", "anonymity", "access", "load")
# What each fault breaks, and the share of clips under review.
NAMED = {
    "pages_open_to_all": ({"access"}, 1.0),
    "trainee_hears": ({"access"}, 1.0),
    "shows_every_clip": ({"sampling"}, 0.2),
    "shows_small_towns": ({"anonymity"}, 1.0),
    "slow": ({"load"}, 1.0),
    "falls_over": ({"load"}, 1.0),
}


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAD_PASSWORD", "not-in-any-report-2957")
    monkeypatch.setenv("TRAINEE_PASSWORD", "not-in-any-report-4410")


def run(folder: Path, fault: str = "mended", share: float = 1.0) -> RunResult:
    place = "redact: {location: {min_anonymity: 10000}}"
    contract = f"contract: {{extends: strict, review: {{sampling: {share}}}, {place}}}\n"
    load = "load: {reviewers: 2, spawn_rate: 2, max_seconds: 5, p95_ms: 500}\n"
    prepared = prepared_in(folder, contract + load)
    scenario = prepared.scenario.model_copy(update={"checks": CHECKS})
    own = own_at(desk_in(folder, fault, share))
    given = msgspec.structs.replace(prepared, scenario=scenario)
    return run_own(given, own, out=folder / "out", options=Options(), narrator=Narrator(quiet=True)).result


def wrong(result: RunResult) -> dict[str, str]:
    return {verdict.check: verdict.why for verdict in result.verdicts if verdict.outcome.value != "pass"}


@pytest.mark.parametrize("share", [1.0, 0.2])
def test_nothing_alarms_in_the_mended_one(tmp_path: Path, share: float) -> None:
    result = run(tmp_path, share=share)
    assert {verdict.check for verdict in result.verdicts} == set(CHECKS)
    found = wrong(result)
    assert not found, "\n".join(found.values())
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert all(b"not-in-any-report" not in path.read_bytes() for path in written)


def test_every_planted_fault_has_a_name_here() -> None:
    assert set(NAMED) == set(FAULTS) - {"mended"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", NAMED)
def test_a_planted_fault_is_found_and_nothing_else(tmp_path: Path, fault: str) -> None:
    checks, share = NAMED[fault]
    found = wrong(run(tmp_path, fault, share))
    assert set(found) == checks, found
