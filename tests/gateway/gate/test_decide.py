"""The gate's decision: what admits, what refuses, and which of two wins."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clip import Clip
from gateway.contract import load_contract
from gateway.gate.decide import decide, refusal
from gateway.wire import REASONS

STRICT, BEFORE = load_contract("strict"), load_contract("amazon-2019-before")
HEARD = np.array([0.0] * 20 + [0.9, 0.8] + [0.0] * 20, np.float32)
SILENCE = np.zeros(42, np.float32)


def clip(**more: Any) -> Clip:
    made = Clip(site_id="s", session_id="1", at_ms=10_000, pcm=b"\0\0" * 42 * 1_280, trigger="wake")
    return msgspec.structs.replace(made, **more)


def test_the_wake_word_in_the_audio_admits_with_at_most_the_pre_roll() -> None:
    decision = decide(clip(), STRICT, HEARD)
    assert (decision.keep, decision.reason) == (True, "wake_word")
    heard_at = 20 * 1_280
    assert 0 < decision.start_sample <= heard_at
    assert heard_at - decision.start_sample <= (STRICT.gate.pre_roll_ms + 800) * 16


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


@given(st.lists(st.floats(0, 1, width=32), max_size=60), st.integers(0, 80_000))
def test_a_kept_clip_never_holds_more_than_was_sent(scores: list[float], samples: int) -> None:
    decision = decide(clip(pcm=b"\0\0" * samples), STRICT, np.array(scores, np.float32))
    assert decision.reason in REASONS
    assert decision.keep == (max(scores, default=0.0) >= STRICT.gate.wake_threshold)
    assert 0 <= decision.start_sample <= decision.end_sample <= samples
