"""A secret that can still be heard is found, at whatever offset the clip was cut; a silenced one is not."""

from typing import Any

import msgspec
import numpy as np
import pytest

from scenarios.checks.audible import Comparison
from scenarios.checks.audio import audible, residual_ms, spoken_secrets
from scenarios.verdict import Outcome
from tests.scenarios.world import delivered, ledger, observed, recording, said, served, stored

ONE = said()
LEDGER = ledger((ONE, delivered(ONE), [stored(ONE)]))
TRUTH = recording()
SECRET = slice(24_000, 32_000)


def muted(part: slice = SECRET) -> np.ndarray:
    pcm = TRUTH.copy()
    pcm[part] = 0
    return pcm


def judged(pcm: np.ndarray | None, allowed: Any = ()) -> Any:
    seen = observed(served={"ref-1": served(pcm)}, sounds={ONE.utterance_id: TRUTH})
    return spoken_secrets(LEDGER, audible(LEDGER, seen), allowed)


@pytest.mark.parametrize("cut", [0, 1, 777, 6_400])
def test_a_silenced_secret_passes_and_an_audible_one_fails(cut: int) -> None:
    assert judged(muted()[cut:]).outcome is Outcome.PASS
    verdict = judged(TRUTH[cut:])
    assert verdict.outcome is Outcome.FAIL
    assert [finding.field for finding in verdict.findings] == ["contacts.name"]


def test_the_kinds_of_secrets_that_were_said_are_counted() -> None:
    assert judged(muted()).why.endswith("; said: 1 contacts.name")
    assert "; said: " not in judged(muted(), allowed=("contacts.name",)).why


@pytest.mark.parametrize(("left_ms", "outcome"), [(20, Outcome.PASS), (60, Outcome.FAIL)])
def test_an_edge_left_audible_is_measured(left_ms: int, outcome: Outcome) -> None:
    loud = np.full(len(TRUTH), 1, bool)
    pcm = TRUTH.copy()
    start = 24_000
    assert loud[start]
    pcm[start + left_ms * 16 : 32_000] = 0
    assert judged(pcm).outcome is outcome


def test_quieter_is_still_audible() -> None:
    assert judged((TRUTH * 0.2).astype(np.int16)).outcome is Outcome.FAIL


def test_a_declared_disclosure_may_be_heard() -> None:
    verdict = judged(TRUTH, allowed=("contacts.name",))
    assert (verdict.outcome, verdict.examined) == (Outcome.PASS, 0)


def test_another_recording_is_not_recognised_and_so_unknown() -> None:
    assert Comparison(TRUTH, recording(seed=99), [(24_000, 32_000)]).at is None
    assert judged(recording(seed=99)).outcome is Outcome.UNKNOWN


def test_withheld_audio_says_nothing() -> None:
    heard = residual_ms(LEDGER.rows[0], TRUTH, served(None))
    assert heard is not None
    assert heard.residual == {}


def test_the_offset_is_found_to_the_sample() -> None:
    assert Comparison(TRUTH, muted()[1_234:], [(24_000, 32_000)]).at == 1_234
    assert Comparison(TRUTH, np.zeros(0, np.int16), []).at is None


def test_secrets_of_a_recording_are_not_checked_and_said_so() -> None:
    one = msgspec.structs.replace(ONE, unknown=("secrets", "speakers"), words=())
    book = ledger((one, delivered(one), [stored(one)]))
    seen = observed(served={"ref-1": served(TRUTH)}, sounds={one.utterance_id: TRUTH})
    verdict = spoken_secrets(book, audible(book, seen))
    assert verdict.examined == 0
    assert verdict.outcome is Outcome.UNKNOWN
    assert "not checked: 1 clips of recordings" in verdict.why


def test_in_a_silent_clip_nothing_can_be_heard() -> None:
    verdict = judged(np.zeros(9_000, np.int16))
    assert (verdict.outcome, verdict.examined) == (Outcome.PASS, 1)
    assert "0 clips not recognised" in verdict.why


@pytest.mark.parametrize(("left", "outcome"), [((6_400, 9_600), Outcome.PASS), ((28_000, 31_200), Outcome.FAIL)])
def test_of_a_clip_that_is_nearly_silent_the_rest_is_listened_to(left: tuple[int, int], outcome: Outcome) -> None:
    pcm = np.zeros_like(TRUTH)
    pcm[slice(*left)] = TRUTH[slice(*left)]
    assert judged(pcm[500:]).outcome is outcome


def test_another_sound_in_its_place_is_not_recognised() -> None:
    assert judged(recording(seed=8)).outcome is Outcome.UNKNOWN
