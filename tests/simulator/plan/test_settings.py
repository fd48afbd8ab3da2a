"""Settings: what a scenario file may ask of the world reaches the fleet."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.model.suite_files import load_scenario
from scenarios.run.world import fleet_settings, heard
from simulator.device.assistant import PERFECT, USUAL
from simulator.device.fleet import FleetSettings
from simulator.plan.outages import Outages

HEAD = "scenario: 1\nname: mine\nabout: x\nchecks: [leaks]\n"
FLEET = """\
fleet:
  {ways: people, distress: 0.5, visits: 0.2, talk_before: 0.3, ring_ms: 800, wakes: measured, reboots: 1, offline: 2,
   towns: ["Ashland, OR", "Ashland, MI"], word_error_rate: 0, time_jitter_ms: 0, wake_like: 0}
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_what_a_scenario_says_of_the_world_reaches_the_fleet(tmp_path: Path) -> None:
    scenario = load_scenario(_write(tmp_path, HEAD + FLEET))

    assert fleet_settings(scenario) == FleetSettings(
        seed=1,
        ways="people",
        distress=0.5,
        visits=0.2,
        talk_before=0.3,
        ring_ms=800,
        wakes="measured",
        outages=Outages(reboots=1, offline=2),
    )
    assert scenario.fleet.towns == ("Ashland, OR", "Ashland, MI")


def test_an_assistant_mishears_unless_a_scenario_says_otherwise(tmp_path: Path) -> None:
    usual = heard(load_scenario(_write(tmp_path, HEAD)))
    exact = heard(load_scenario(_write(tmp_path, HEAD + FLEET)))

    assert usual == USUAL
    assert usual.word_error_rate > PERFECT.word_error_rate == exact.word_error_rate == exact.wake_like == 0


def test_a_world_nobody_knows_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"fleet.wakes: never is not known; .*every_sound, measured"):
        load_scenario(_write(tmp_path, HEAD + "fleet: {wakes: never}\n"))
