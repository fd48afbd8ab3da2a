"""A stream's frames: each once, in the order they were recorded, and nothing spliced."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.frame_order import FrameOrder
from gateway.wire import AudioFrame


def frame(seq: int | None, at_ms: int | None = None) -> AudioFrame:
    return AudioFrame(pcm=bytes([(seq or 0) % 251] * 2_560), seq=seq, at_ms=80 * (seq or 0) if at_ms is None else at_ms)


def heard(frames: list[AudioFrame]) -> tuple[list[int | None], int]:
    order, made, gaps = FrameOrder(), [], 0
    for each in frames:
        gap, out = order.put(each, 0.0)
        made += [one.seq for one in out]
        gaps += gap
    return made, gaps


@given(st.integers(2, 60), st.lists(st.integers(0, 58), max_size=12), st.lists(st.integers(1, 57), max_size=6))
def test_frames_doubled_and_swapped_with_the_next_are_heard_once_in_order(
    count: int, doubled: list[int], swapped: list[int]
) -> None:
    sent = [frame(seq) for seq in range(count)]
    for at in swapped:  # not the first: where a stream begins nobody knows
        if at + 1 < count:
            sent[at], sent[at + 1] = sent[at + 1], sent[at]
    for at in sorted(doubled, reverse=True):
        if at < count:
            sent.insert(at + 1, sent[at])
    made, gaps = heard(sent)
    if len(set(swapped)) == len(swapped) and all(abs(a - b) > 1 for a in swapped for b in swapped if a != b):
        assert made == list(range(count))
        assert gaps == 0
    assert made == sorted(set(made)) or gaps


@given(st.lists(st.integers(0, 40), max_size=80))
def test_whatever_comes_between_two_gaps_is_one_run(numbers: list[int]) -> None:
    order, last = FrameOrder(), None
    for number in numbers:
        gap, out = order.put(frame(number), 0.0)
        for place, each in enumerate(out):
            if last is not None and not (gap and place == 0):
                assert each.seq == last + 1
            last = each.seq


def test_a_frame_that_never_comes_is_a_gap_after_a_while() -> None:
    made, gaps = heard([frame(seq) for seq in range(40) if seq != 10])
    assert gaps == 1
    assert made == [*range(10), *range(11, 40)]


def test_two_frames_of_one_number_are_a_gap() -> None:
    other = msgspec.structs.replace(frame(5), pcm=bytes(2_560))
    assert heard([*map(frame, range(6)), other])[1] == 1


@pytest.mark.parametrize("again", [0, 3])
def test_a_device_that_starts_anew_is_heard_anew(again: int) -> None:
    made, gaps = heard([*map(frame, range(60, 100)), *map(frame, range(again, 20))])
    assert made == [*range(60, 100), *range(again, 20)]
    assert gaps == 1


def test_a_clock_that_stands_is_no_gap_and_one_that_begins_to_go_is_one() -> None:
    assert heard([frame(seq, 5) for seq in range(20)]) == (list(range(20)), 0)
    assert (
        heard([*(frame(seq, 5) for seq in range(9)), *(frame(seq, 10**12 + 80 * seq) for seq in range(9, 20))])[1] == 1
    )
    assert heard([*map(frame, range(5)), frame(5, 320), frame(6, 320)])[1] >= 1


@pytest.mark.parametrize(("silent_s", "gap"), [(0.0, False), (0.9, False), (1.1, True)])
def test_frames_without_numbers_come_as_they_come_until_none_does(silent_s: float, gap: bool) -> None:
    order = FrameOrder()
    order.put(AudioFrame(pcm=b"ab"), 0.0)
    assert order.put(AudioFrame(pcm=b"ab"), silent_s) == (gap, [AudioFrame(pcm=b"ab")])
