"""Events on a system of one's own: the target's own programs are called, once for each household concerned."""

import json
from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.model.scenario import Scenario
from scenarios.model.targets.target_file import Command
from scenarios.own_system.events import events
from simulator.world.households import make_identities

IDENTITIES = make_identities(seed=1, households=3)
PROGRAM = ["{python}", "-c", "import sys; open('told', 'a').write(' '.join(sys.argv[1:]) + '\\n')"]


def scenario(event: object) -> Scenario:
    fleet = {"cohorts": [{"name": "first", "households": 2}, {"name": "last", "households": 1}]}
    said = {"scenario": 2, "name": "a", "about": "a", "checks": ["leaks"], "fleet": fleet, "timeline": [event]}
    return Scenario.model_validate_json(json.dumps(said))


def target(**more: object) -> Command:
    part = {"name": "gateway", "run": ["mine"], "ready": {"port": 1}}
    said = {"target": 1, "kind": "command", "name": "mine", "kept": {"kind": "none"}, "join": "count"}
    return Command.model_validate_json(json.dumps({**said, "parts": [part], **more}))


@pytest.mark.parametrize(
    ("event", "program", "homes"),
    [
        ({"at": "1m", "do": "consent_withdrawn", "household": "H02"}, "withdraw", [1]),
        ({"at": "1m", "do": "consent_withdrawn", "cohort": "first"}, "withdraw", [0, 1]),
        ({"at": "1m", "do": "household_forgotten", "household": "H03"}, "forget", [2]),
    ],
)
def test_the_targets_own_program_is_told_a_device_of_each_household(
    tmp_path: Path, event: object, program: str, homes: list[int]
) -> None:
    words = [*PROGRAM, program, "{site}"]
    (made,) = events(scenario(event), target(**{program: words}), None, IDENTITIES, tmp_path)
    assert made.at_ms == 60_000
    made.act()
    wanted = [f"{program} {IDENTITIES.households[at].devices[0].site_id}" for at in homes]
    assert (tmp_path / "told").read_text().splitlines() == wanted


@pytest.mark.parametrize(("do", "program"), [("consent_withdrawn", "withdraw"), ("household_forgotten", "forget")])
def test_a_target_without_the_program_is_told_its_name(tmp_path: Path, do: str, program: str) -> None:
    with pytest.raises(BadFile, match=rf"no `{program}: \[program"):
        events(scenario({"at": "1m", "do": do, "household": "H01"}), target(), None, IDENTITIES, tmp_path)
