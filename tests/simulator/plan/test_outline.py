"""An outline counts a day as the profile says it, the same for one seed."""

import pytest

from simulator.plan.outline import outline
from simulator.world.arrivals import Day, Storm


def test_a_day_has_as_many_utterances_as_it_should() -> None:
    told = outline(Day(per_day=12.0), devices=300, seed=1)

    assert told.utterances == pytest.approx(3_600, rel=0.1)
    assert sum(told.kinds.values()) == told.utterances
    assert set(told.kinds) == {"wake", "button", "false_wake", "noise", "muted"}
    assert 1_500 / 80 < told.frames / told.utterances < 9_000 / 80
    assert told == outline(Day(per_day=12.0), devices=300, seed=1)


def test_a_storm_is_everybody_at_once() -> None:
    calm, storm = Day(per_day=1.0), Day(per_day=1.0, storms=(Storm(at_ms=3_600_000),))

    assert outline(calm, devices=200, seed=1).most_at_once < 20
    assert outline(storm, devices=200, seed=1).most_at_once == 200
