"""What is drawn is a valid scenario file, and the plainest one is plain."""

from typing import Any

import yaml
from hypothesis import HealthCheck, find, given, settings

from scenarios.fuzz.drawn import INVARIANTS, scenario_files
from scenarios.fuzz.search import text
from scenarios.model.scenario import Scenario, contradictions


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenario_files(contract="strict"))
def test_every_drawn_scenario_is_one(said: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(yaml.safe_load(text(said, ())))
    assert list(contradictions(scenario)) == []
    assert scenario.checks == INVARIANTS


def test_the_plainest_has_one_home_that_says_one_thing() -> None:
    said = find(scenario_files(), lambda _: True)
    assert said["fleet"] == {
        "households": 1,
        "utterances_per_device": 1,
        "devices_per_household": 1,
        "wakes": "every_sound",
    }
    assert (said["contract"], said.get("faults"), said.get("timeline")) == ("strict", None, None)


def test_a_system_that_cannot_have_faults_gets_none() -> None:
    said = scenario_files(contract="strict", with_faults=False, with_timeline=False, households=7)

    @settings(max_examples=30, deadline=None, database=None)
    @given(said)
    def holds(each: dict[str, Any]) -> None:
        assert not {"faults", "timeline"} & set(each)
        assert each["fleet"]["households"] == 7

    holds()
