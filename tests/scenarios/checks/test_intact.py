"""The same samples in the same order, or not: nothing that redaction does is an alarm, everything else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.model import load_contract
from scenarios.checks.delivery import conservation
from scenarios.checks.intact import Integrity, condition, integrity
from scenarios.verdict import Outcome
from tests.scenarios.world import delivered, ledger, observed, recording, said, served, stored

ROOM = np.random.default_rng(1).normal(0, 40, 64_000)  # no room is as quiet as a cover
TRUTH = (recording(seconds=4.0) + ROOM).astype(np.int16)
FRAME = 1_280


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 20_000), st.integers(6_000, 40_000), st.lists(st.integers(4_400, 20_000), max_size=3), st.booleans()
)
def test_a_piece_with_parts_silenced_or_beeped_is_intact(
    start: int, length: int, apart: list[int], beeped: bool
) -> None:
    heard = TRUTH[start : start + length].copy()
    for at in np.cumsum(apart) - 4_400:
        part, after = heard[at : at + 4_000], heard[at + 4_000 : at + 4_080]
        if len(part) >= 600:
            part[:] = (8_000 * np.sin(np.arange(len(part)) * 2 * np.pi / 16)).astype(np.int16) if beeped else 0
            after[:] = (after * np.linspace(0, 1, len(after))).astype(np.int16)
    assert condition(TRUTH, heard) in ("intact", "covered")


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6))
def test_frames_that_changed_places_are_reordered(at: int, apart: int) -> None:
    frames = list(TRUTH[: 48 * FRAME].reshape(-1, FRAME))
    frames[at], frames[at + apart] = frames[at + apart], frames[at]
    assert condition(TRUTH, np.concatenate(frames)) == "reordered"


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40))
def test_a_splice_over_a_missing_frame_is_corrupt(at: int) -> None:
    frames = list(TRUTH[: 48 * FRAME].reshape(-1, FRAME))
    del frames[at]
    assert condition(TRUTH, np.concatenate(frames)) == "corrupt"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50_000), st.integers(0, 14))
def test_one_bit_turned_over_is_corrupt(at: int, bit: int) -> None:
    heard = TRUTH[:51_000].copy()
    heard[at] ^= 1 << bit
    assert condition(TRUTH, heard) == "corrupt"


def test_a_cover_hides_nothing_further_off() -> None:
    heard = TRUTH[:40_000].copy()
    heard[8_000:12_000] = 0
    heard[12_400:12_480] //= 2
    assert condition(TRUTH, heard) == "corrupt"


def test_another_recording_is_corrupt_and_nothing_but_silence_is_not() -> None:
    assert condition(TRUTH, recording(seed=9)) == "corrupt"
    assert condition(TRUTH, np.zeros(9_000, np.int16)) == "covered"


def swapped() -> np.ndarray:
    frames = list(TRUTH[: 40 * FRAME].reshape(-1, FRAME))
    frames[9], frames[10] = frames[10], frames[9]
    return np.concatenate(frames)


@pytest.mark.parametrize(
    ("heard", "counts"),
    [
        (TRUTH[:30_000], (1, 0, 0)),
        (swapped(), (1, 1, 0)),
        (TRUTH[:30_000] // 2, (1, 0, 1)),
        (0 * TRUTH, (0, 0, 0)),
        (None, None),
    ],
)
def test_served_clips_are_counted(heard: np.ndarray | None, counts: tuple[int, int, int] | None) -> None:
    one = said()
    rows = ledger((one, delivered(one), [stored(one)]))
    seen = observed(served={"ref-1": served(heard)}, sounds={one.utterance_id: TRUTH})
    found = integrity(rows, seen, load_contract("strict"))
    assert (found and (found.compared, found.reordered, found.corrupt)) == counts
    assert integrity(rows, seen, load_contract("google-2019")) is None  # voices are altered there: nothing is the same
    verdict = conservation(rows, found)
    assert ("nothing of them could be compared" in verdict.why) is (counts == (0, 0, 0))
    assert verdict.outcome is (Outcome.FAIL if counts and sum(counts[1:]) else Outcome.PASS)


def test_what_is_lost_fails_whatever_is_intact() -> None:
    one = said()
    rows = ledger((one, delivered(one, None), []))
    assert conservation(rows, Integrity(compared=3, reordered=0, corrupt=0)).outcome is Outcome.FAIL
