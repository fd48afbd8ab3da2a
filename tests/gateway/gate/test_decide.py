"""The gate's decision: what admits, what refuses, and which of two wins."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clip import Clip
from gateway.contract.model import Contract, load_contract, parse_contract
from gateway.gate.decide import decide, refusal, to_score
from gateway.gate.verify import Verifier
from gateway.gate.wake import Heard
from gateway.wire import REASONS, AsrToken, TokenTime, Transcript


def strict(**gate: Any) -> Contract:
    data = load_contract("strict").model_dump(by_alias=True)
    data["gate"] |= {"verify": (), "wake_threshold": 0.5, "end_silence_ms": None} | gate
    return parse_contract(data, "mine")


STRICT, BEFORE = strict(), load_contract("amazon-2019-before")
HEARD = Heard(scores=np.array([0.0] * 20 + [0.9, 0.8] + [0.0] * 20, np.float32))
SILENCE = Heard(scores=np.zeros(42, np.float32))


def clip(**more: Any) -> Clip:
    made = Clip(site_id="s", session_id="1", at_ms=10_000, pcm=b"\0\0" * 42 * 1_280, trigger="wake")
    return msgspec.structs.replace(made, **more)


def test_the_wake_word_in_the_audio_admits_with_at_most_the_pre_roll() -> None:
    decision = decide(clip(), STRICT, HEARD)
    assert (decision.keep, decision.reason) == (True, "wake_word")
    heard_at = 20 * 1_280
    assert 0 < decision.start_sample <= heard_at
    assert heard_at - decision.start_sample == (STRICT.gate.pre_roll_ms + 360) * 16


def test_a_claim_admits_nothing_unless_an_incident_contract_says_so() -> None:
    assert decide(clip(), STRICT, SILENCE).reason == "no_wake_word"
    assert decide(clip(), BEFORE, SILENCE).reason == "device_claim"


def test_a_button_admits_only_when_it_was_pressed_within_its_window() -> None:
    pressed = clip(trigger="button", button_at_ms=10_400)
    assert decide(pressed, STRICT, SILENCE).reason == "button"
    for at in (None, 9_999, 10_000 + STRICT.gate.button_window_ms + 1):
        assert decide(clip(trigger="button", button_at_ms=at), STRICT, SILENCE).reason == "no_button"
    assert decide(clip(trigger="wake", button_at_ms=10_400), STRICT, SILENCE).keep is False


@pytest.mark.parametrize(
    ("more", "consent", "reason"),
    [
        ({}, None, "unknown_device"),
        ({"muted": True}, True, "muted"),
        ({}, False, "no_consent"),
        ({"fault": "gap"}, True, "gap"),
        ({"pcm": b""}, True, "empty"),
        ({"pcm": b"\0\0" * 16 * 30_001}, True, "too_long"),
        ({"muted": True, "fault": "gap"}, None, "unknown_device"),
    ],
)
def test_what_refuses_does_so_before_anyone_listens(more: Any, consent: bool | None, reason: str) -> None:
    refused = refusal(clip(**more), STRICT, consent=consent)
    assert refused is not None
    assert (refused.keep, refused.reason) == (False, reason)
    assert reason in REASONS


def test_mute_and_unknown_devices_are_refused_under_every_contract() -> None:
    assert refusal(clip(muted=True), BEFORE, consent=True) is not None
    assert refusal(clip(), BEFORE, consent=None) is not None
    assert refusal(clip(), BEFORE, consent=False) is None


def test_the_wake_word_is_looked_for_where_the_contract_says() -> None:
    assert len(to_score(clip(), strict(wake_within_ms=None))) == 42 * 1_280
    assert len(to_score(clip(), strict(wake_within_ms=1_000))) == 16_000
    assert len(to_score(clip(), strict(admit=("button",), verify=()))) == 0
    assert len(to_score(clip(trigger="button", button_at_ms=10_400), STRICT)) == 0
    assert len(to_score(clip(trigger="button"), STRICT)) > 0


def verifier(logit: float) -> Verifier:
    return Verifier(
        hidden=np.zeros((1_920, 1), np.float32),
        hidden_bias=np.zeros(1, np.float32),
        out=np.zeros(1, np.float32),
        out_bias=logit,
    )


def words(*said: tuple[str, float]) -> Transcript:
    tokens = [
        AsrToken(value=w, confidence=1, range_start=0, range_end=1, time=TokenTime(start=end - 0.4, end=end))
        for w, end in said
    ]
    return Transcript(text="", likelihood=1, seconds=3, site_id="s", session_id="1", asr_tokens=[tokens])


EMBEDDED = Heard(scores=HEARD.scores, embeddings=np.zeros((42 + 15, 96), np.float32))


@pytest.mark.parametrize(
    ("verify", "logit", "said", "kept"),
    [
        ((), -9.0, None, True),
        (("acoustic",), 9.0, None, True),
        (("acoustic",), -9.0, words(("Alexa,", 1.5)), False),
        (("acoustic",), None, None, False),
        (("transcript",), None, words(("Alexa,", 1.5)), True),
        (("transcript",), None, words(("Alexis", 1.5)), False),
        (("transcript",), None, words(("alexa", 3.3)), False),
        (("transcript",), None, None, False),
        (("acoustic", "transcript"), 9.0, words(("a", 1.2), ("lexus", 1.5)), False),
        (("acoustic", "transcript"), 9.0, words(("alexa", 1.5)), True),
    ],
)
def test_every_second_stage_has_to_agree(verify: Any, logit: float | None, said: Any, kept: bool) -> None:
    stage = None if logit is None else verifier(logit)
    decision = decide(clip(transcript=said), strict(verify=verify), EMBEDDED, stage)
    assert (decision.keep, decision.reason) == (kept, "wake_word" if kept else "not_verified")


@pytest.mark.parametrize(("logit", "score"), [(-9.0, 0.0), (9.0, 1.0)])
def test_the_verifiers_score_stays_with_the_decision(logit: float, score: float) -> None:
    decision = decide(clip(), strict(verify=("acoustic",)), EMBEDDED, verifier(logit))
    assert decision.verify_score == pytest.approx(score, abs=0.001)
    assert decide(clip(), strict(verify=("acoustic",)), EMBEDDED).verify_score is None
    assert decision.dropped("refractory").verify_score == decision.verify_score


def test_an_engine_without_embeddings_cannot_be_verified_acoustically() -> None:
    assert decide(clip(), strict(verify=("acoustic",)), HEARD, verifier(9.0)).reason == "not_verified"


def test_a_later_word_is_tried_when_the_first_is_not_confirmed() -> None:
    twice = Heard(scores=np.array([0.0] * 5 + [0.9] + [0.0] * 20 + [0.9] + [0.0] * 15, np.float32))
    decision = decide(clip(transcript=words(("alexa", 2.0))), strict(verify=("transcript",)), twice)
    assert decision.wake_sample == 26 * 1_280


@pytest.mark.parametrize(("hz", "kept"), [(110, True), (340, False)])
def test_the_contracts_rule_for_childrens_speech(hz: int, kept: bool) -> None:
    wave = np.zeros(42 * 1_280)
    wave[:: 16_000 // hz] = 1
    pcm = (np.convolve(wave, np.hanning(12), "same") * 9_000).astype(np.int16).tobytes()
    assert decide(clip(pcm=pcm), strict(children="drop", verify=()), HEARD).keep is kept
    assert decide(clip(pcm=pcm), strict(children="keep", verify=()), HEARD).keep


@given(st.lists(st.floats(0, 1, width=32), max_size=60), st.integers(0, 80_000))
def test_a_kept_clip_never_holds_more_than_was_sent(scores: list[float], samples: int) -> None:
    decision = decide(clip(pcm=b"\0\0" * samples), STRICT, Heard(scores=np.array(scores, np.float32)))
    assert decision.reason in REASONS
    assert decision.keep == (max(scores, default=0.0) >= STRICT.gate.wake_threshold)
    assert 0 <= decision.start_sample <= decision.end_sample <= samples
