"""What `earlid why` says of a decision: scores beside thresholds, contract keys, what is covered, what is audible."""

from pathlib import Path

import pytest

from gateway.contract.model import load_contract
from gateway.decision import Covered, Decision
from scenarios.checks.audio import Heard
from scenarios.report.utterances.decided import audible_in, decided, sentence
from tests.scenarios.world import result

STRICT = load_contract("strict")
ENGINE_ONLY = load_contract("amazon-2019-before")


def test_a_word_that_the_verifier_refuses_is_told_with_both_scores_and_its_key() -> None:
    told = sentence(Decision(tag="t", reason="not_verified", wake_score=0.99, verify_score=0.9), STRICT)
    assert f"decided by gate.verify_threshold {STRICT.gate.verify_threshold}" in told
    assert f"wake score 0.99 (threshold {STRICT.gate.wake_threshold})" in told
    assert f"verifier 0.90 (threshold {STRICT.gate.verify_threshold})" in told


def test_a_kept_clip_says_what_was_kept_and_covered() -> None:
    kept = Decision(
        tag="t",
        reason="wake_word",
        wake_score=1.0,
        verify_score=0.97,
        cut_score=0.8,
        woke_ms=1_000,
        kept_from_ms=500,
        kept_until_ms=3_000,
        covered=(Covered(label="contact", from_ms=1_500, until_ms=2_000),),
    )
    told = sentence(kept, STRICT)
    assert "verifier in the trimmed clip 0.80 (threshold 0.5)" in told
    assert "kept 0.5 to 3.0 s; covered in the sound: contact 1.5 to 2.0 s" in told


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.92499, "0.92 (threshold 0.925)"), (0.9246, "0.92 (threshold 0.925)"), (0.9251, "0.93 (threshold 0.925)")],
)
def test_a_rounded_score_stands_on_its_own_side_of_the_threshold(score: float, shown: str) -> None:
    told = sentence(Decision(tag="t", reason="not_verified", verify_score=score), STRICT)
    assert f"verifier {shown}" in told


def test_what_was_not_asked_is_not_a_zero() -> None:
    told = sentence(Decision(tag="t", reason="muted"), STRICT)
    assert "wake score not asked" in told
    assert "verifier not asked" in told
    assert "verifier not in this contract" in sentence(Decision(tag="t", reason="device_claim"), ENGINE_ONLY)


def test_every_attempt_is_told_in_order(tmp_path: Path) -> None:
    attempts = (Decision(tag="t", reason="gap"), Decision(tag="t", reason="wake_word"))
    run = result((), out=tmp_path, decisions={"H01-D1-001": attempts})
    told = list(decided(run.ledger.rows[0], run))
    assert [line.split(":")[0] for line in told] == ["attempt 1", "attempt 2"]
    assert "gap" in told[0]
    none = result((), out=tmp_path, decisions={})
    assert list(decided(none.ledger.rows[0], none)) == ["scores: none, no attempt reached a decision"]


def test_a_system_that_tells_no_scores_is_not_given_any(tmp_path: Path) -> None:
    run = result((), out=tmp_path)
    (told,) = decided(run.ledger.rows[0], run)
    assert told.startswith("scores: not told")
    assert "gate.wake_threshold" in told


def test_audible_milliseconds_are_of_clips_that_somebody_listened_to(tmp_path: Path) -> None:
    heard = {"ref-1": Heard(residual={"contacts.name": 40}, floor=()), "ref-2": None}
    run = result((), out=tmp_path, audible=heard)
    assert audible_in("ref-1", run) == "contacts.name 40 ms; less than 30 ms of each are allowed"
    assert "not recognised" in audible_in("ref-2", run)
    assert audible_in("ref-3", run) == "served without sound"
    assert audible_in("ref-1", result((), out=tmp_path)).startswith("not checked")
