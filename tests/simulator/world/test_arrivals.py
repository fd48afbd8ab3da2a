"""Arrivals: as many as the profile says and when it says, homes with habits, storms, ramps, television evenings."""

import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from gateway.identities import Identities
from simulator.plan.plan import FleetSettings, plan_fleet
from simulator.sound.scenes import render
from simulator.world.arrivals import DAY_MS, HOUR_MS, USUAL_HOURS, Day, Habit, Storm, arrivals, habit, watches

USUAL = Habit(shift_hours=0.0, television=False)


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_hours_have_the_share_of_the_profile() -> None:
    day = Day(per_day=20_000)
    times = arrivals(day, USUAL, _rng())
    by_hour = np.bincount([at // HOUR_MS for at in times], minlength=24)
    expected = np.array(USUAL_HOURS) / sum(USUAL_HOURS) * len(times)

    assert len(times) == pytest.approx(20_000, rel=0.03)
    assert chisquare(by_hour, expected).pvalue > 0.001


def test_a_late_riser_is_later() -> None:
    hours = tuple(1.0 if hour == 8 else 0.0 for hour in range(24))

    late = arrivals(Day(per_day=500, hours=hours), Habit(shift_hours=1.5, television=False), _rng())

    assert all(9.5 <= at / HOUR_MS < 10.5 for at in late)


def test_gaps_are_those_of_a_poisson_process() -> None:
    times = arrivals(Day(per_day=5_000, hours=(1.0,) * 24), USUAL, _rng())
    gaps = np.diff(times)

    assert np.std(gaps) / np.mean(gaps) == pytest.approx(1.0, abs=0.05)


@given(st.floats(0, 40), st.integers(0, 2**32), st.integers(1, DAY_MS), st.floats(0, 24))
@settings(max_examples=50, deadline=None)
def test_times_are_in_order_and_within_the_span(per_day: float, seed: int, span_ms: int, starts: float) -> None:
    times = arrivals(Day(per_day=per_day, span_ms=span_ms, starts_hour=starts), USUAL, _rng(seed))

    assert times == sorted(set(times))
    assert all(0 <= at < span_ms for at in times)


def test_a_storm_catches_everybody_and_a_ramp_nobody_too_early() -> None:
    stormy = Day(per_day=0.0, storms=(Storm(at_ms=5_000, spread_ms=200),))
    ramp = Day(per_day=200, ramp_ms=DAY_MS)
    firsts = [arrivals(ramp, USUAL, _rng(seed))[:1] for seed in range(50)]

    assert all(
        len(found) == 1 and 5_000 <= found[0] < 5_200 for found in (arrivals(stormy, USUAL, _rng(s)) for s in range(9))
    )
    assert np.mean([first[0] for first in firsts if first]) > 8 * HOUR_MS


def test_televisions_are_on_in_the_evening_of_some_homes() -> None:
    day = Day()
    homes = [habit(day, _rng(seed)) for seed in range(200)]

    assert 70 < sum(home.television for home in homes) < 130
    assert watches(day, Habit(shift_hours=0, television=True), 20 * HOUR_MS)
    assert not watches(day, Habit(shift_hours=0, television=True), 12 * HOUR_MS)
    assert not watches(day, USUAL, 20 * HOUR_MS)


@pytest.mark.parametrize("hours", [(1.0,) * 23, (0.0,) * 24, (-1.0, *(1.0,) * 23)])
def test_a_day_has_24_hours(hours: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="24 shares are wanted"):
        arrivals(Day(hours=hours), USUAL, _rng())


def test_a_fleets_day_has_its_hours_and_its_television(identities: Identities) -> None:
    day = Day(per_day=60.0, television_share=1.0, television_false_wakes=10.0)
    said = plan_fleet(FleetSettings(day=day), identities).utterances
    evening = [u for u in said if 19 <= (u.at_ms - FleetSettings().began_ms) / HOUR_MS < 23]
    kinds = collections.Counter(u.kind for u in evening)

    assert {u.scene.backdrop for u in evening if u.intent != "noise"} == {"television"}
    assert kinds["false_wake"] > kinds["wake"]
    assert len({u.utterance_id for u in said}) == len(said) > 300


def test_a_home_in_rooms_says_the_same_at_other_places(identities: Identities) -> None:
    few = identities.model_copy(update={"households": identities.households[:2]})
    dry, wet = (plan_fleet(FleetSettings(in_rooms=share), few).utterances for share in (0.0, 1.0))

    assert [u.text for u in dry] == [u.text for u in wet]
    assert all(u.scene.room is not None for u in wet)
    assert len({u.scene.room for u in wet if u.household_id == "H01"}) == 1
    spoken = next(u for u in wet if u.scene.sayings)
    assert render(spoken.scene).digest != render(dry[wet.index(spoken)].scene).digest
