"""Whether what came of a session is whole: every frame there, one right after another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.session import Session, follows, whole
from gateway.wire import AudioFrame, SessionEnd, SessionStart


def frame(seq: int, at_ms: int | None) -> AudioFrame:
    return AudioFrame(pcm=bytes(2_560), seq=seq, at_ms=at_ms)  # 80 ms


def session(times: list[int | None], counted: int, began: int = 0) -> Session:
    made = Session(opened=0.0, heard=0.0)
    made.start = SessionStart(session_id="s", at_ms=began, trigger="wake")
    made.end = SessionEnd(session_id="s", at_ms=0, frames=counted)
    made.frames = {seq: frame(seq, at_ms) for seq, at_ms in enumerate(times)}
    return made


@pytest.mark.parametrize(
    ("apart", "fault"), [(80, None), (1, None), (580, None), (581, "clock"), (0, "gap"), (-80, "gap"), (2**53, "clock")]
)
def test_one_frame_comes_right_after_another(apart: int, fault: str | None) -> None:
    assert follows(frame(0, 1_000), frame(1, 1_000 + apart)) == fault
    assert whole(session([1_000, 1_000 + apart, 1_080 + apart], 3)) == fault


def test_frames_without_times_have_none_to_be_wrong() -> None:
    assert follows(frame(0, None), frame(1, 5)) is None
    assert whole(session([None, None], 2)) is None


@given(st.integers(0, 30), st.integers(0, 20_000))
def test_all_that_was_counted_must_be_there(have: int, counted: int) -> None:
    assert (whole(session([80 * n for n in range(have)], counted)) is None) == (have == counted)


def test_without_a_start_or_far_from_it_nothing_is_whole() -> None:
    made = session([0, 80], 2)
    assert whole(made) is None
    made.start = None
    assert whole(made) == "gap"
    assert whole(session([0, 80], 2, began=300_080)) == "clock"
    assert whole(session([0, 80], 2, began=300_000)) is None


@pytest.mark.parametrize("stands_at", [0, -1, 5_000, 1_700_000_000_000])
def test_a_clock_that_stands_is_near_no_start_and_far_from_none(stands_at: int) -> None:
    assert whole(session([stands_at] * 3, 3, began=1_600_000_000_000)) is None
    assert whole(session([stands_at] * 3, 4, began=1_600_000_000_000)) == "gap"
    assert whole(session([stands_at], 1, began=1_600_000_000_000)) == "clock", "one frame shows no clock that stands"


def test_a_hole_among_the_numbers_is_a_gap() -> None:
    made = session([0, 80, 160], 2)
    del made.frames[1]
    assert whole(made) == "gap"
