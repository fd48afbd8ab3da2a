"""Operating curves: wake requests lost against confusables kept, per second stage, on voices held out of training."""

from collections import Counter
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from gateway.contract import load_contract
from gateway.gate.verify import load_verifier
from scenarios.wakewords.train import Answers
from simulator.assistant import USUAL
from tests.benchmarks.figures import Note

pytestmark = pytest.mark.bench
ENGINE = 0.5  # the engine's own threshold, what "the engine accepts" means
LOSSES = (0.01, 0.02, 0.05, 0.1)


def of_kind(answers: Answers, *kinds: str) -> np.ndarray:
    return np.array([take.kind in kinds for take in answers.takes], bool)


def transcript_agrees(answers: Answers, wake_like: float) -> np.ndarray:
    """The simulated transcript: loses the wake word as any word, and hears it in confusables at the stated rate."""
    rng = np.random.default_rng(7)
    lost = 0.8 * USUAL.word_error_rate  # substituted or left out
    chance = np.where(of_kind(answers, "wake", "lead_in"), 1 - lost, wake_like)
    return np.asarray(rng.random(len(chance)) < chance)


def test_second_stages(unheard: Answers, note: Note) -> None:
    scores, accepted = load_verifier().scores(unheard.windows), unheard.peaks >= ENGINE
    wake, lead = of_kind(unheard, "wake") & accepted, of_kind(unheard, "lead_in") & accepted
    confusable = of_kind(unheard, "confusable") & accepted
    seen = np.array([take.phrase_split == "train" for take in unheard.takes], bool)
    for loss in LOSSES:
        threshold = float(np.quantile(scores[wake], loss))
        kept = scores >= threshold
        values = {
            "threshold": round(threshold, 3),
            "acoustic": share(kept, confusable),
            "acoustic_seen_sentences": share(kept, confusable & seen),
            "acoustic_held_out_sentences": share(kept, confusable & ~seen),
            "lead_ins_lost": round(1 - share(kept, lead), 3),
        }
        for rate in (USUAL.wake_like, 0.3):
            words = transcript_agrees(unheard, rate)
            values[f"transcript_{rate}"] = share(words, confusable)
            values[f"both_{rate}"] = share(kept & words, confusable)
            values["transcripts_own_wake_loss"] = round(1 - share(words, wake), 3)
        note(f"second stage at {loss:.0%} wake loss", takes=int(confusable.sum()), wakes=int(wake.sum()), **values)
        if loss == 0.02:
            assert values["acoustic"] <= 0.2
            assert values[f"both_{USUAL.wake_like}"] <= 0.1
    det(scores[wake], scores[confusable], scores[lead], Path("out/bench/gate-det.svg"))


def test_what_strict_hears_beside_the_engine_alone(unheard: Answers, note: Note) -> None:
    gate = load_contract("strict").gate
    scores = load_verifier().scores(unheard.windows)
    strict = (unheard.peaks >= gate.wake_threshold) & (scores >= gate.verify_threshold)
    engine = unheard.peaks >= ENGINE
    for kind in ("wake", "lead_in", "confusable", "ordinary"):
        which = of_kind(unheard, kind)
        note(f"strict: {kind}", takes=int(which.sum()), engine=share(engine, which), strict=share(strict, which))
    assert share(strict, of_kind(unheard, "wake")) > share(engine, of_kind(unheard, "wake"))
    assert share(strict, of_kind(unheard, "confusable")) < 0.5 * share(engine, of_kind(unheard, "confusable"))
    by_phrase: Counter[str] = Counter(t.phrase for t in unheard.takes if t.kind in ("confusable", "lead_in"))
    for phrase, count in sorted(by_phrase.items()):
        which = np.array([take.phrase == phrase for take in unheard.takes], bool)
        note(f"phrase: {phrase}", takes=count, engine=share(engine, which), strict=share(strict, which))


def share(yes: np.ndarray, among: np.ndarray) -> float:
    return round(float(yes[among].mean()), 3) if among.any() else float("nan")


def det(wake: np.ndarray, confusable: np.ndarray, lead: np.ndarray, path: Path) -> None:
    """A DET plot (Martin et al. 1997): wake loss against confusables kept, both on normal-deviate axes, as SVG."""
    marks, deviate = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4), NormalDist().inv_cdf

    def at(rate: float) -> float:
        return 60 + 440 * (deviate(min(max(rate, 0.004), 0.5)) - deviate(0.004)) / (deviate(0.5) - deviate(0.004))

    lines = []
    for requests, colour, name in ((wake, "#1b5e9b", "wake requests"), (lead, "#b3541e", "with a lead-in")):
        limits = np.quantile(requests, np.linspace(0.004, 0.5, 60))
        points = " ".join(
            f"{at(float((confusable >= t).mean())):.1f},{560 - at(float((requests < t).mean())):.1f}" for t in limits
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="360" y="{70 + 18 * len(lines)}" fill="{colour}">{name}</text>')
    for mark in marks:
        lines.append(f'<text x="{at(mark):.0f}" y="530" text-anchor="middle">{mark:g}</text>')
        lines.append(f'<text x="52" y="{564 - at(mark):.0f}" text-anchor="end">{mark:g}</text>')
        lines.append(f'<path d="M{at(mark):.0f} 60V512M60 {560 - at(mark):.0f}H512" stroke="#ddd"/>')
    lines.append('<text x="280" y="552" text-anchor="middle">confusables kept, of those the engine accepts</text>')
    lines.append('<text transform="translate(14 280) rotate(-90)" text-anchor="middle">requests lost</text>')
    body = "\n".join(lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="560" font-family="sans-serif" font-size="13">'
    path.write_text(f'{head}<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n')
