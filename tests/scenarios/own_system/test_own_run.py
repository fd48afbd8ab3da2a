"""A system that cannot be spoken to, or does not allow what a scenario asks for, is one line and no verdict."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.model.suite_files import prepare
from scenarios.model.targets.target_file import Own, load_target_file
from scenarios.own_system.own_run import OwnTarget, run_own
from scenarios.run.processes import ProcessDied
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options

TARGET = "target: 1\nkind: attached\nname: mine\nkept: {kind: none}\njoin: count\n"
SCENARIO = (
    "scenario: 2\nname: one\nabout: One home.\nfleet: {households: 1, utterances_per_device: 1}\nchecks: [leaks]\n"
)


def run(folder: Path, target: str, scenario: str = SCENARIO) -> None:
    (folder / "target.yaml").write_text(target)
    (folder / "one.yaml").write_text(scenario)
    found = load_target_file(folder / "target.yaml")
    assert isinstance(found, Own)
    own = OwnTarget(target=found, beside=folder)
    (prepared,) = prepare([folder / "one.yaml"])
    run_own(prepared, own, out=folder / "out", options=Options(), narrator=Narrator(quiet=True))


def test_a_broker_that_does_not_answer_makes_the_run_unknown(tmp_path: Path) -> None:
    with pytest.raises(ProcessDied, match="no broker answers") as caught:
        run(tmp_path, TARGET + "broker: {url: 'mqtt://127.0.0.1:9'}\n")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("target", "scenario", "says"),
    [
        (TARGET, SCENARIO, "broker: url: mqtt://host:port is wanted"),
        (TARGET + "pace: 500\n", SCENARIO, "may: \\[load\\] does"),
        (TARGET, SCENARIO + "timeline: [{at: 1s, do: gateway_kill}]\n", "gateway_kill: not possible on a system"),
        (TARGET, SCENARIO.replace("{households", "{hostile: [endless], households"), "may: \\[load\\] does"),
        (TARGET + "broker: {url: 'mqtt://h', fleet: {user: a, password: {env: NOT_SET_77}}}\n", SCENARIO, "NOT_SET_77"),
    ],
)
def test_what_a_target_does_not_allow_is_bad_input(tmp_path: Path, target: str, scenario: str, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        run(tmp_path, target, scenario)
