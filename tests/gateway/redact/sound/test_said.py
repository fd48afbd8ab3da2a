"""Secrets as people say them are silenced in sound too: hyphenated words, fillers between digits, corrections."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from gateway.clip import Clip, GateDecision
from gateway.contract.model import load_contract
from gateway.redact.pipeline import redact
from gateway.redact.sound.align import PocketSphinx
from gateway.vault.messages import SiteFacts
from simulator.device.assistant import PERFECT, transcribe
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import load_voices
from simulator.world.utterances import Word

STRICT = load_contract("strict")
NOW = datetime(2019, 4, 10, tzinfo=UTC)
FACTS = SiteFacts(
    household_key="k",
    consent=True,
    names=("Wolfgang Tarkington", "Wolfgang", "Tarkington"),
    streets=("4127 Maple Grove Road",),
)
ALIGNER = PocketSphinx()


@pytest.mark.parametrize(
    "text",
    [
        "call <five-four-one five-five-five oh-one eighty-seven> tonight",
        "we live at <forty-one twenty-seven maple grove road> near the park",
        "my pin is <four then seven then two then nine> thank you",
        "my name is spelled <double u o l f> in the book",
    ],
)
def test_a_secret_is_silent_and_the_rest_is_heard(text: str) -> None:
    secret = False
    words = []
    for token in text.split():
        secret = secret or token.startswith("<")
        words.append(Word(text=token.strip("<>"), secret="x" if secret else None))
        secret = secret and not token.endswith(">")
    saying = Saying(voice=load_voices("understood")[0], words=tuple(words))
    sound = render(Scene(sayings=(saying,), backdrop="pink", snr_db=25.0, seed=1))
    uttered = sound.uttered or sound.words
    heard = transcribe(
        uttered, samples=len(sound.pcm), site_id="s", session_id="1", hearing=PERFECT, rng=np.random.default_rng(1)
    )
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=sound.pcm.tobytes(), trigger="wake", transcript=heard)
    kept = GateDecision(keep=True, reason="wake_word", start_sample=0, end_sample=len(sound.pcm))
    left = redact(clip, kept, STRICT, facts=FACTS, population={}, key=b"k" * 32, now=NOW, aligner=ALIGNER)
    assert left.wav is not None, left.withheld
    masked = re.sub(r"<[^>]*>", "[x]", text)
    assert re.sub(r"\[[a-z ]+\]", "[x]", left.transcript or "") == masked
    sounds = np.frombuffer(left.wav[44:], np.int16) != 0
    for word in uttered:
        if word.secret is not None:
            assert not sounds[word.start : word.end].any(), word.text
    assert sounds[uttered[0].start : uttered[0].end].mean() > 0.5
