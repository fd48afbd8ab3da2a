"""Requests that begin with something else are requests, too: what the strict contract admits of them."""

import pytest

from gateway.clip import Clip
from gateway.contract.model import load_contract
from gateway.gate.decide import decide, to_score
from gateway.gate.verify import load_verifier
from gateway.gate.wake import OpenWakeWord
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

STRICT, LEAD_INS = load_contract("strict"), ("", "Hey, ", "Um, ", "So ", "OK ")
ENGINE = 0.5  # its own threshold
REQUEST = "Alexa, play some music in the kitchen."


@pytest.fixture(scope="module")
def engine() -> OpenWakeWord:
    return OpenWakeWord()


def admitted(engine: OpenWakeWord, lead_in: str) -> tuple[int, int, int]:
    """How many of every third speaker's requests are kept, at 20 dB, how many the engine alone would take, and of how
    many; and that what is kept holds the wake word."""
    voices, verifier, kept, alone = load_voices("understood")[::3], load_verifier(), 0, 0
    for number, voice in enumerate(voices):
        words = tuple(Word(text=word) for word in (lead_in + REQUEST).split())
        scene = Scene(
            sayings=(Saying(voice=voice, words=words),), backdrop="pink", snr_db=20, pre_roll_ms=1_500, seed=number
        )
        sound = render(scene)
        clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=sound.pcm.astype("<i2").tobytes(), trigger="wake")
        heard = engine.hear(to_score(clip, STRICT))
        alone += heard.scores.max() >= ENGINE
        decision = decide(clip, STRICT, heard, verifier)
        if decision.keep:
            kept += 1
            (alexa,) = (word for word in sound.words if word.text.lower().startswith("alexa"))
            assert decision.start_sample < alexa.start + 3_200 < decision.end_sample
    return kept, alone, len(voices)


@pytest.mark.slow
def test_lead_ins_are_wake_requests(engine: OpenWakeWord) -> None:
    shares = {}
    for lead_in in LEAD_INS:
        kept, alone, said = admitted(engine, lead_in)
        shares[lead_in] = kept / said
        asked = (lead_in + "Alexa").strip()
        print(f"lead-ins: {asked!r}: {kept} of {said} admitted under strict, {alone} by the engine alone")  # noqa: T201
    assert shares[""] >= 0.95
    assert sum(shares[each] for each in LEAD_INS[1:]) / 4 >= 0.7
