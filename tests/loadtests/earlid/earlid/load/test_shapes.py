"""Users over time, and a search that ends near the true capacity."""

from typing import Any

import pytest
from earlid.load.shapes import Capacity, Ramp, ShiftChange, Soak, Spike, Steps
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Ramp(last=100, rise_s=10, hold_s=5), {0: 0, 5: 50, 10: 100, 15: 100, 16: None}),
        (Ramp(last=0, first=50, rise_s=10), {0: 50, 5: 25, 10: 0, 11: None}),
        (Spike(quiet=5, loud=50, quiet_s=10, loud_s=3), {0: 5, 10: 50, 12.9: 50, 13: 5, 23: 5, 24: None}),
        (Soak(people=30, seconds=60), {0: 30, 60: 30, 61: None}),
        (ShiftChange(people=20, shift_s=10, gap_s=2, shifts=2), {0: 20, 11: 0, 12: 20, 23: 0, 24: None}),
        (Steps(step=10, each_s=5, most=30), {0: 10, 5: 20, 14: 30, 15: None}),
    ],
)
def test_each_shape_is_what_it_says(shape: Any, told: Any) -> None:
    for at, users in told.items():
        found = shape.users(at)
        assert (found[0] if found else None) == users, at
        assert found is None or found[1] >= 1


@given(st.integers(1, 500), st.integers(1, 500))
def test_the_search_ends_within_a_tenth_of_the_capacity(capacity: Any, first: Any) -> None:
    search = Capacity(first=first, most=500, each_s=1)
    for _ in range(40):
        if search.found:
            break
        search.judge(search.now, search.now <= capacity)
    assert search.found
    assert capacity - max(1, capacity * 0.1) <= search.low <= capacity


def test_a_trial_that_says_nothing_is_tried_again_and_then_counts_as_missed() -> None:
    search = Capacity(first=8, most=100, each_s=1)
    search.judge(8, None)
    assert search.now == 8
    search.judge(8, None)
    assert search.now < 8
