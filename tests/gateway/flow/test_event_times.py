"""Clocks that stand or were set back lose no request; one utterance stays one."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.event_times import EventTimes, Said
from gateway.gate.loudness_shape import shape

REFRACTORY_MS = 2_000


def said(
    number: int, at_ms: int, seen_s: float, *, seed: int | None = None, words: str = "", length_ms: int = 2_000
) -> Said:
    rng = np.random.default_rng(number if seed is None else seed)
    levels = np.repeat(25_000 / 2.0 ** rng.uniform(0, 9, 25), 1_280)
    pcm = (levels * rng.choice((-1, 1), len(levels))).astype(np.int16)
    return Said(
        key=f"k{number}",
        audio=number,
        start_ms=at_ms,
        end_ms=at_ms + length_ms,
        woke_ms=at_ms + 500,
        seen_s=seen_s,
        sound=shape(pcm),
        words=frozenset(words.split()),
    )


def apart_ms(first: Said, second: Said) -> int:
    times = EventTimes(REFRACTORY_MS)
    return abs(times.woke_ms("s", second) - times.woke_ms("s", first)) if times.woke_ms("s", first) else 0


@pytest.mark.parametrize(
    ("second", "one"),
    [
        (said(2, 0, 17.0), False),  # the clock stands
        (said(2, 0, 17.0, seed=1), False),
        (said(2, 300, 17.0), False),  # set back: another sound
        (said(2, 300, 17.0, seed=1), True),  # the same sound, late
        (said(2, 300, 17.0, seed=1, words="lights off"), False),
        (said(2, 300, 3.0), True),  # heard of at once
        (said(2, 0, 3.9), True),
        (said(2, -1_100, 17.0, length_ms=900), False),  # set back: a short one, before the first by its clock
        (said(2, -1_100, 17.0, length_ms=900, seed=1), True),
        (said(2, -1_100, 3.0, length_ms=900), True),
        (said(2, 1_900, 3.0), True),
    ],
)
def test_whether_two_requests_are_one(second: Said, one: bool) -> None:
    first = said(1, 0, 0.0, words="volume up")
    assert (apart_ms(first, second) < REFRACTORY_MS) is one


@given(st.lists(st.integers(5, 80), min_size=1, max_size=12))
def test_a_clock_that_stands_keeps_requests_as_far_apart_as_they_came(pauses_s: list[int]) -> None:
    times, at_s, made = EventTimes(REFRACTORY_MS), 0.0, []
    for number, pause in enumerate(pauses_s):
        made.append(times.woke_ms("s", said(number, 0, at_s)))
        at_s += pause
    assert all(later - earlier >= 5_000 for earlier, later in itertools.pairwise(made))


@given(st.lists(st.integers(2_000, 100_000), min_size=1, max_size=8), st.floats(0, 0.1))
def test_a_clock_that_goes_is_believed(pauses_ms: list[int], faster: float) -> None:
    times, at_ms = EventTimes(REFRACTORY_MS), 0
    for number, pause in enumerate(pauses_ms):
        each = said(number, at_ms, at_ms / 1000 * faster)
        assert times.woke_ms("s", each) == each.woke_ms
        at_ms += pause


def test_the_same_session_has_the_same_time_whenever_it_is_asked_for() -> None:
    times, first, second = EventTimes(REFRACTORY_MS), said(1, 0, 0.0), said(2, 0, 17.0)
    when = [times.woke_ms("s", each) for each in (first, second, first, second)]
    assert when[:2] == when[2:]


def test_sites_are_bounded() -> None:
    times, each = EventTimes(REFRACTORY_MS), said(1, 0, 0.0)
    for number in range(4_100):
        times.woke_ms(f"s{number}", each)
    assert len(times._sites) == 4_096
