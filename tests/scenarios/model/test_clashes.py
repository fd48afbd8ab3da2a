"""Events that contradict one another are told; those that only follow one another are not."""

import json

import pytest

from scenarios.model.clashes import clashes
from scenarios.model.scenario import Scenario


def told(*events: object) -> list[tuple[object, str]]:
    said = {"scenario": 2, "name": "a", "about": "a", "checks": ["leaks"], "fleet": {"households": 2}}
    scenario = Scenario.model_validate_json(json.dumps({**said, "timeline": events}))
    return [(at[1], says) for at, says in clashes(scenario.timeline, scenario.fleet)]


STOP = {"at": "2m", "do": "gateway_stop", "for": "5m"}
MUTE = {"at": "2m", "do": "mute", "for": "1m", "household": "H01"}
FORGET = {"at": "1m", "do": "household_forgotten", "household": "H01"}


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (STOP, {"at": "3m", "do": "gateway_kill"}, "gateway_kill: gateway_stop lasts from 2 minutes to 7 minutes"),
        (STOP, {"at": "7m", "do": "gateway_kill"}, None),
        (STOP, {"at": "3m", "do": "broker_stop", "for": "1m"}, None),
        (MUTE, {**MUTE, "at": "150s"}, "mute: mute lasts from 2 minutes"),
        (MUTE, {**MUTE, "at": "150s", "household": "H02"}, None),
        (MUTE, {"at": "150s", "do": "unmute", "household": "H01"}, None),
        (FORGET, {**FORGET, "at": "2m"}, "household_forgotten: H01: forgotten already at 1 minute"),
        (FORGET, {"at": "2m", "do": "consent_withdrawn", "household": "H01"}, "H01: forgotten already"),
        ({**FORGET, "do": "consent_withdrawn"}, {**FORGET, "at": "2m"}, None),
    ],
)
def test_two_events(first: object, second: object, says: str | None) -> None:
    found = told(first, second)
    assert [at for at, _ in found] == ([] if says is None else [1])
    assert says is None or says in found[0][1]
    assert told(second, first)[:1] == ([] if says is None else [(0, found[0][1])])
