"""Requests in noise and rooms, in voices the engine was found to understand and in any: how many are lost."""

import numpy as np
import pytest

from gateway.gate.wake import OpenWakeWord
from scenarios.wakewords.corpus import PLACES, load_phrases, random_voice
from scenarios.wakewords.sounds import place, saying
from simulator.sound.rooms import Point, Room
from simulator.sound.scenes import Scene, render
from simulator.sound.voices import load_voices
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.accepting import strict_keeps
from tests.benchmarks.gate.conftest import ENGINE, SHARE, wilson

pytestmark = pytest.mark.bench
REQUESTS = 150
SNR_DB = (20.0, 10.0, 5.0, 0.0)


@pytest.mark.parametrize("where", ["dry", "room"])
@pytest.mark.parametrize("voices", ["understood", "any"])
def test_requests_in_noise(where: str, voices: str, note: Note) -> None:
    engine, commands = OpenWakeWord(), load_phrases().commands
    known, total = load_voices("understood"), max(10, int(REQUESTS * SHARE))
    lost_at = {}
    for snr_db in SNR_DB:
        rng = np.random.default_rng(3)  # the same requests at every level
        lost = {"engine": 0, "strict": 0}
        for number in range(total):
            voice = known[number % len(known)] if voices == "understood" else random_voice(rng, "held_out")
            command = commands[int(rng.integers(len(commands)))]
            room: Room | None = None
            talker: Point | None = None
            if where == "room":
                room, talker = place(PLACES + number % PLACES)  # none of those that training heard
            request = saying(f"Alexa, {command}.", voice, place_m=talker)
            scene = Scene(sayings=(request,), backdrop="pink", snr_db=snr_db, room=room, seed=number)
            pcm = render(scene).pcm
            heard = engine.hear(pcm)
            lost["engine"] += float(heard.scores.max(initial=0.0)) < ENGINE
            lost["strict"] += not strict_keeps(engine, pcm, heard)
        figures: dict[str, object] = {}
        for name, count in lost.items():
            figures |= {f"lost_{name}": round(count / total, 3), f"lost_{name}_95": wilson(count, total)}
        note(f"requests: {voices} voices, {where}, {snr_db:g} dB", takes=total, **figures)
        lost_at[snr_db] = lost["strict"] / total
        assert lost["strict"] <= lost["engine"] + 0.05 * total
    if SHARE >= 0.5 and (voices, where) == ("understood", "dry"):
        assert max(lost_at[20.0], lost_at[10.0]) <= 0.05
