"""Percentiles to 2 percent, merged as well as recorded at once."""

import math
from typing import Any

import pytest
from earlid.load.histogram import Histogram
from hypothesis import given
from hypothesis import strategies as st

TIMES = st.lists(st.floats(0.2, 60_000), min_size=1, max_size=200)


def _of(times: list[float]) -> Any:
    histogram = Histogram()
    for ms in times:
        histogram.record(ms)
    return histogram


@given(TIMES, st.sampled_from([50, 90, 95, 99, 100]))
def test_a_percentile_is_right_to_two_percent(times: list[float], percent: float) -> None:
    exact = sorted(times)[math.ceil(len(times) * percent / 100) - 1]
    assert exact * 0.999 <= _of(times).percentile(percent) <= exact * 1.0201


@given(TIMES, TIMES)
def test_merging_is_recording_at_once(one: list[float], other: list[float]) -> None:
    merged = _of(one)
    merged.add(Histogram.from_json(_of(other).to_json()))
    whole = _of([*one, *other])
    assert (merged.counts, merged.most_ms) == (whole.counts, whole.most_ms)
    assert merged.mean() == pytest.approx(whole.mean())


def test_an_interval_holds_the_percentile_and_shrinks_with_more() -> None:
    few, many = _of(range(1, 50)), _of([at % 50 + 1 for at in range(50_000)])  # type: ignore[arg-type]
    for histogram in (few, many):
        low, high = histogram.interval(95)
        assert low <= histogram.percentile(95) <= high
    assert many.interval(95)[1] - many.interval(95)[0] < few.interval(95)[1] - few.interval(95)[0]
    assert Histogram().interval(95) is None
    assert Histogram().percentile(95) is None
