"""The gate on a make of voices that it was never fitted on: a neural one, one speaker at many pitches and rates."""

import numpy as np
import pytest

from gateway.gate.wake import OpenWakeWord
from scenarios.wakewords.corpus import Kind, takes
from scenarios.wakewords.sounds import pcm_of
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.accepting import strict_keeps
from tests.benchmarks.gate.conftest import ENGINE, SHARE, told, wilson

pytestmark = pytest.mark.bench
GOAL = 0.9  # of the wake words
PAUSE, RUN_ON = "kept_with_a_pause_behind_the_word", "kept_without"
COUNTS: dict[Kind, int] = {"wake": 200, "lead_in": 200, "confusable": 200}


@pytest.mark.parametrize("kind", COUNTS)
def test_wake_word_by_a_neural_voice(kind: Kind, note: Note) -> None:
    engine, say = OpenWakeWord(), told(f"neural voice, {kind}")
    count = max(20, int(COUNTS[kind] * SHARE))
    kept, alone = dict.fromkeys(("", PAUSE, RUN_ON), 0), 0
    said = dict.fromkeys(kept, 0)
    for number, take in enumerate(takes(count, kind=kind, seed=80, source="neural")):
        assert take.voice_split == "held_out"
        pcm = pcm_of(take)
        heard = engine.hear(np.asarray(pcm))
        held = strict_keeps(engine, pcm, heard)
        for group in ("", PAUSE if "Alexa," in take.line else RUN_ON):
            said[group] += 1
            kept[group] += held
        alone += bool(heard.scores.max() >= ENGINE)
        if number % 50 == 49:
            say(number + 1)
    note(
        f"wake word by a neural voice: {kind}",
        takes=count,
        kept=kept[""],
        kept_between=wilson(kept[""], count),
        **({} if kind == "confusable" else {group: f"{kept[group]} of {said[group]}" for group in (PAUSE, RUN_ON)}),
        engine_alone=alone,
        engine_alone_between=wilson(alone, count),
    )
    if kind == "confusable":
        assert kept[""] <= alone
    if kind == "wake" and kept[""] < GOAL * count:
        pytest.xfail(f"the goal is missed: {kept['']} of {count} are kept, {GOAL:.0%} are wanted")
