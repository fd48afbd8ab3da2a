"""What is cut holds the wake word by itself, or nothing is kept."""

import msgspec
import numpy as np
import pytest

from gateway.clip import Clip, GateDecision
from gateway.contract.model import load_contract
from gateway.gate.decide import decide, to_score
from gateway.gate.recheck import recheck_trimmed_clip
from gateway.gate.verify import Verifier, load_verifier
from gateway.gate.wake import HOP_SAMPLES, Heard, OpenWakeWord, Pcm
from scenarios.wakewords.corpus import takes
from scenarios.wakewords.sounds import sound_of
from tests.gateway.world import without_second_stage

STRICT = load_contract("strict")
CLIP = Clip(site_id="s", session_id="1", at_ms=0, pcm=bytes(2 * 60 * HOP_SAMPLES), trigger="wake")
HEARD_AT = 40 * HOP_SAMPLES
DECISION = GateDecision(
    keep=True, reason="wake_word", start_sample=HEARD_AT - 13_760, end_sample=76_800, wake_sample=HEARD_AT
)
FIRST = Verifier(  # as sure as the first number of a window says
    hidden=np.eye(1_920, 1, dtype=np.float32),
    hidden_bias=np.zeros(1, np.float32),
    out=np.ones(1, np.float32),
    out_bias=-5.0,
)


def hearing(*holding: int) -> tuple[list[int], "Heard"]:
    """What a cut sounds like: a word at each of these hops."""
    embeddings = np.zeros((75, 96), np.float32)
    embeddings[list(holding), 0] = 10.0
    return list(holding), Heard(scores=np.zeros(60, np.float32), embeddings=embeddings)


def test_a_cut_that_holds_the_word_is_as_it_was_decided() -> None:
    checked = recheck_trimmed_clip(CLIP, DECISION, STRICT, lambda _: hearing(10)[1], FIRST)
    assert checked.cut_score is not None
    assert checked.cut_score >= 0.5
    assert msgspec.structs.replace(checked, cut_score=None) == DECISION


def test_a_cut_from_behind_its_word_is_taken_from_where_it_was_said() -> None:
    cuts: list[int] = []

    def hear(pcm: Pcm) -> Heard:
        cuts.append(len(pcm))
        return hearing(10)[1] if len(cuts) == 2 else hearing(30)[1]

    moved = recheck_trimmed_clip(CLIP, DECISION, STRICT, hear, FIRST)
    assert moved.wake_sample == HEARD_AT - 11 * HOP_SAMPLES
    assert moved.start_sample == moved.wake_sample - 13_760
    assert cuts == [76_800 - DECISION.start_sample, 76_800 - moved.start_sample]


@pytest.mark.parametrize("heard", [hearing()[1], hearing(30)[1], Heard(scores=np.zeros(60, np.float32))])
def test_a_cut_without_the_word_is_not_kept(heard: Heard) -> None:
    decision = recheck_trimmed_clip(CLIP, DECISION, STRICT, lambda _: heard, FIRST)
    assert (decision.keep, decision.reason) == (False, "not_verified")


def test_what_nothing_was_to_verify_or_something_else_admitted_is_left_alone() -> None:
    pressed = msgspec.structs.replace(DECISION, reason="button", wake_sample=None)
    dropped = GateDecision(keep=False, reason="no_wake_word")
    nothing = hearing()[1]
    for decision in (pressed, dropped):
        assert recheck_trimmed_clip(CLIP, decision, STRICT, lambda _: nothing, FIRST) == decision
    assert recheck_trimmed_clip(CLIP, DECISION, without_second_stage("strict"), lambda _: nothing, None) == DECISION


@pytest.mark.slow
def test_clips_of_voices_never_heard_hold_the_wake_word_and_no_more_before_it() -> None:
    """Without this, of such requests one in eleven is cut behind its word."""
    engine, verifier, gone, late, early, kept = OpenWakeWord(), load_verifier(), 0, 0, 0, 0
    for kind in ("wake", "lead_in"):
        for take in takes(330, kind=kind, seed=4_242):
            if take.voice_split != "held_out":
                continue
            sound = sound_of(take)
            quiet = np.random.default_rng(take.seed % 2**32).normal(0, np.std(sound.pcm[:4_000]), 24_000)
            pcm = np.concatenate([quiet.astype(np.int16), sound.pcm])
            clip = msgspec.structs.replace(CLIP, pcm=pcm.astype("<i2").tobytes())
            decision = decide(clip, STRICT, engine.hear(to_score(clip, STRICT)), verifier)
            decision = recheck_trimmed_clip(clip, decision, STRICT, engine.hear, verifier)
            if decision.keep:
                (word,) = (each for each in sound.words if each.text.lower().startswith("alexa"))
                kept += 1
                gone += decision.start_sample > word.end + 24_000 - 3_200
                late += decision.start_sample > word.start + 24_000 + 1_600
                early += decision.start_sample < word.start + 24_000 - 8_000 - 1_600
    print(f"contained: {kept} kept, {gone} without the word, {late} late, {early} early")  # noqa: T201
    assert kept > 60
    assert gone <= 0.02 * kept
    assert late <= 0.05 * kept
    assert early <= 0.05 * kept
