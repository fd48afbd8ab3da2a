"""What the acoustic second stage makes of what it was never fitted on: families of confusables, another synthesiser.

Fitted anew without each, on a twentieth of the usual corpus and one network instead of four. Who leaves out a family
leaves out the dictionary's words that look like it, too.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gateway.gate.verify import Verifier, load_verifier
from scenarios.wakewords.answers import Answers, ask_engine, together
from scenarios.wakewords.corpus import Kind, Take, takes
from scenarios.wakewords.flite import SPEAKERS, find_flite
from scenarios.wakewords.train import corpus, fit
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.conftest import CORPUS, ENGINE, SHARE, of_kind, share, told
from tests.benchmarks.gate.plot import draw_det

pytestmark = pytest.mark.bench
LOSSES = (0.01, 0.02, 0.05, 0.1)
LOSS = 0.02
ENOUGH = 0.6  # of the usual takes; what is fitted on fewer is worse
KIN = {  # families that sound alike, and the letters by which the dictionary's words are known as theirs
    "Lexus, Nexus, plexus, lecks": (("lexus", "nexus", "plexus", "lecks"), ("lex", "nex", "leck")),
    "Alexis, Alexei, Alexander": (("alexis", "alexei", "alexander"), ("alex", "alek", "lexi", "elex", "olex")),
    "lesson, letter, lecturer, legs": (("lesson", "letter", "lecturer", "legs"), ("less", "lett", "lect", "leg")),
    "unacceptable": (("unacceptable",), ("accept", "except")),
    "I'll explain": (("explain",), ("expl", "expe", "exce")),
    "he lacks a": (("lacks",), ("lack", "less", "lax")),
}
Scores = np.ndarray


def fitted(answers: Answers) -> Verifier:
    made = fit(answers, seed=1, members=1)
    return Verifier(
        hidden=made["hidden"].astype(np.float32),
        hidden_bias=made["hidden_bias"],
        out=made["out"],
        out_bias=float(made["out_bias"]),
        peak_weight=float(made["peak_weight"]),
    )


def without(answers: Answers, left_out: Callable[[Take], bool]) -> Verifier:
    return fitted(answers.where(~answers.which(left_out)))


def lost_for(verifier: Verifier, unheard: Answers, asked: Answers) -> Scores:
    """For each take the share of espeak-ng's held-out wake requests that a threshold which just keeps it would lose:
    one scale for models fitted apart. Nobody has labelled takes of what was never heard to find a threshold with."""
    requests = of_kind(unheard, "wake") & (unheard.peaks >= ENGINE)
    known = np.sort(verifier.scores(unheard.windows[requests], unheard.peaks[requests]))
    return np.searchsorted(known, verifier.scores(asked.windows, asked.peaks)) / len(known)


def at_each_loss(lost: Scores) -> dict[str, float]:
    return {f"kept_at_{loss:.0%}": round(float((lost >= loss).mean()), 3) for loss in LOSSES}


@pytest.fixture(scope="module")
def everything(training: Answers) -> Verifier:
    """Fitted on all of it."""
    return fitted(training)


def test_families_never_heard(training: Answers, everything: Verifier, unheard: Answers, note: Note) -> None:
    before, after = [], []
    for name, (families, letters) in KIN.items():

        def theirs(take: Take, families: tuple[str, ...] = families, letters: tuple[str, ...] = letters) -> bool:
            near = take.kind == "near" and any(each in take.phrase for each in letters)
            return take.family in families or near

        which = (unheard.peaks >= ENGINE) & unheard.which(lambda take, f=families: take.family in f)  # type: ignore[misc]
        if not which.any():
            continue
        asked = unheard.where(which)
        before.append(lost_for(everything, unheard, asked))
        after.append(lost_for(without(training, theirs), unheard, asked))
        note(
            f"family never heard: {name}",
            takes=len(asked.takes),
            kept=round(float((after[-1] >= LOSS).mean()), 3),
            kept_when_heard=round(float((before[-1] >= LOSS).mean()), 3),
        )
    pooled = {"families heard in training": np.concatenate(before), "families never heard": np.concatenate(after)}
    for name, lost in pooled.items():
        note(name, takes=len(lost), **at_each_loss(lost))
    every = np.linspace(0, 1, 2_000)  # of the requests, on the same scale
    for file in ("gate-det-families.svg", "gate-det-families.png"):
        curves = {name: (every, lost) for name, lost in pooled.items()}
        draw_det(curves, Path("out/bench") / file, goal=(0.2, LOSS), title="Second stage, acoustic: a family left out")
    if SHARE >= ENOUGH:
        assert (pooled["families never heard"] >= LOSS).mean() < 0.7  # worse than heard, and better than nothing


@pytest.fixture(scope="module")
def other_make() -> Answers:
    """Requests and confusables in every flite speaker, plain."""
    if find_flite() is None:
        pytest.skip("flite is not installed: no voices of another make")
    counts: dict[Kind, int] = {"wake": 600, "lead_in": 240, "confusable": 900}
    asked = (t for kind, n in counts.items() for t in takes(int(n * SHARE), kind=kind, seed=77, source="flite"))
    return ask_engine(asked, told=told("flite"))


def test_another_make_of_voices(
    training: Answers, everything: Verifier, other_make: Answers, unheard: Answers, note: Note
) -> None:
    flite = ask_engine(corpus(CORPUS * SHARE * 4, ("flite",), seed=1), told=told("training, flite"))
    mine = {speaker: other_make.which(lambda t, s=speaker: t.voice.variant == s) for speaker in sorted(SPEAKERS)}  # type: ignore[misc]
    alone, shipped = (lost_for(each, unheard, other_make) for each in (everything, load_verifier()))
    left_out = np.zeros(len(other_make.takes))
    for speaker, which in mine.items():
        rest = flite.where(flite.which(lambda take, speaker=speaker: take.voice.variant != speaker))  # type: ignore[misc]
        left_out[which] = lost_for(fitted(together([training, rest])), unheard, other_make.where(which))
    models = {"fitted on espeak-ng alone": alone, "the speaker left out": left_out, "shipped": shipped}
    accepted = other_make.peaks >= ENGINE
    wakes, confusables = (accepted & of_kind(other_make, kind) for kind in ("wake", "confusable"))
    for name, lost in models.items():
        for speaker, which in {**mine, "all speakers": np.ones(len(accepted), bool)}.items():
            note(
                f"flite, {name}: {speaker}",
                wakes=int((which & wakes).sum()),
                wakes_kept=share(lost >= LOSS, which & wakes),
                lead_ins_kept=share(lost >= LOSS, which & accepted & of_kind(other_make, "lead_in")),
                confusables=int((which & confusables).sum()),
                confusables_kept=share(lost >= LOSS, which & confusables),
            )
    for file in ("gate-det-flite.svg", "gate-det-flite.png"):
        curves = {name: (lost[wakes], lost[confusables]) for name, lost in models.items()}
        draw_det(curves, Path("out/bench") / file, goal=(0.2, LOSS), title="Second stage, acoustic: flite's voices")
    if SHARE >= ENOUGH:
        assert share(shipped >= LOSS, wakes) > share(alone >= LOSS, wakes)
