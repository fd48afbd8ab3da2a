"""Work arrives at its rate, whatever the system does; a late request counts from its intended moment."""

import time
from typing import Any

import pytest
from earlid.load.arrivals import INTENDED, Arrivals, Schedule
from hypothesis import given
from hypothesis import strategies as st


@given(st.floats(0.1, 100), st.booleans(), st.integers(0, 99))
def test_moments_follow_each_other_at_the_rate(per_s: Any, jitter: Any, seed: Any) -> None:
    schedule = Schedule(per_s, began=1_000.0, jitter=jitter, seed=seed)
    moments = [schedule.next() for _ in range(2_000)]
    assert moments == sorted(moments)
    assert (moments[-1] - moments[0]) * per_s == pytest.approx(1_999, rel=0.15)


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed: above 0"):
        Schedule(0, began=0.0)


class Base:
    def context(self) -> Any:
        return {"role": "annotator"}


class User(Arrivals, Base):
    per_user_per_s, jitter = 10.0, False


def test_a_user_that_is_held_up_begins_late_and_says_since_when() -> None:
    user = User()
    assert 0 <= user.wait_time() <= 0.2
    first = user.context()
    assert user.context() == {"role": "annotator"}  # later requests of the same task follow the first
    user._schedule.at -= 5  # as if a request had taken five seconds
    assert user.wait_time() == 0.0
    late = user.context()
    assert late["role"] == "annotator"
    assert late[INTENDED] < time.time() - 4
    assert first[INTENDED] - late[INTENDED] == pytest.approx(4.9, abs=0.01)
