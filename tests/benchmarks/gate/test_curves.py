"""Operating curves: wake requests lost against confusables kept, per second stage, on voices held out of training."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from gateway.contract.model import load_contract
from gateway.gate.verify import load_verifier
from gateway.gate.wake import OpenWakeWord
from scenarios.wakewords.answers import Answers
from scenarios.wakewords.corpus import Kind, Take, takes
from scenarios.wakewords.sounds import pcm_of
from simulator.device.assistant import USUAL
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.accepting import strict_keeps
from tests.benchmarks.gate.conftest import ENGINE, SHARE, of_kind, share, wilson
from tests.benchmarks.gate.plot import draw_det

pytestmark = pytest.mark.bench
LOSSES = (0.01, 0.02, 0.05, 0.1)
OFTEN_MISHEARD = 0.3  # a transcript three times as gullible as the simulator's usual one


def transcript_agrees(answers: Answers, wake_like: float) -> np.ndarray:
    """The simulated transcript: loses the wake word as any word, and hears it in confusables at the stated rate."""
    rng = np.random.default_rng(7)
    lost = 0.8 * USUAL.word_error_rate  # substituted or left out
    chance = np.where(of_kind(answers, "wake", "lead_in"), 1 - lost, wake_like)
    return np.asarray(rng.random(len(chance)) < chance)


def test_second_stages(unheard: Answers, note: Note) -> None:
    scores, accepted = load_verifier().scores(unheard.windows, unheard.peaks), unheard.peaks >= ENGINE
    wake, lead = of_kind(unheard, "wake") & accepted, of_kind(unheard, "lead_in") & accepted
    confusable = of_kind(unheard, "confusable") & accepted
    seen = unheard.which(lambda take: take.phrase_split == "train")
    by_loss: dict[float, dict[str, Any]] = {}
    for loss in LOSSES:
        threshold = float(np.quantile(scores[wake], loss))
        kept = scores >= threshold
        values: dict[str, Any] = {
            "threshold": round(threshold, 3),
            "acoustic": share(kept, confusable),
            "acoustic_95": wilson(int(kept[confusable].sum()), int(confusable.sum())),
            "acoustic_seen_sentences": share(kept, confusable & seen),
            "acoustic_held_out_sentences": share(kept, confusable & ~seen),
            "lead_ins_lost": round(1 - share(kept, lead), 3),
        }
        for rate in (USUAL.wake_like, OFTEN_MISHEARD):
            words = transcript_agrees(unheard, rate)
            values[f"transcript_{rate}"] = share(words, confusable)
            values[f"both_{rate}"] = share(kept & words, confusable)
            values["transcripts_own_wake_loss"] = round(1 - share(words, wake), 3)
            values["both_wake_loss"] = round(1 - share(kept & words, wake), 3)
        note(f"second stage at {loss:.0%} wake loss", takes=int(confusable.sum()), wakes=int(wake.sum()), **values)
        by_loss[loss] = values
    curves = {
        "wake requests, sentences trained on": (scores[wake], scores[confusable & seen]),
        "wake requests, held-out sentences": (scores[wake], scores[confusable & ~seen]),
        "requests with a lead-in": (scores[lead], scores[confusable]),
    }
    for name in ("gate-det.svg", "gate-det.png"):
        draw_det(curves, Path("out/bench") / name, goal=(0.2, 0.02), title="Second stage, acoustic: held-out voices")
    assert by_loss[0.02]["acoustic"] <= 0.2
    assert by_loss[0.02][f"both_{USUAL.wake_like}"] <= 0.1


class Judged(NamedTuple):
    """A take, and who hears the wake word in it; `strict` as the gate does, from decision to cut."""

    take: Take
    engine: bool
    candidate: bool
    strict: bool


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    """Held-out voices; of what is no request, phrases of both splits."""
    engine, gate, found = OpenWakeWord(), load_contract("strict").gate, []
    counts: dict[Kind, int] = {"wake": 3_000, "lead_in": 2_400, "confusable": 9_000, "near": 5_000, "words": 2_000}
    for kind, count in counts.items():
        for take in takes(int(count * SHARE), kind=kind, seed=78):
            if take.voice_split == "held_out":
                pcm = pcm_of(take)
                heard = engine.hear(pcm)
                peak = float(heard.scores.max(initial=0.0))
                kept = strict_keeps(engine, pcm, heard)
                candidate = peak >= gate.wake_threshold
                found.append(Judged(take=take, engine=peak >= ENGINE, candidate=candidate, strict=kept))
    return found


def test_what_strict_hears_beside_the_engine_alone(judged: list[Judged], note: Note) -> None:
    kept: dict[str, tuple[float, float]] = {}
    for kind, split in (
        ("wake", None),
        ("lead_in", None),
        ("confusable", None),
        ("near", "train"),
        ("near", "held_out"),
        ("words", "held_out"),
    ):
        which = [each for each in judged if each.take.kind == kind and split in (None, each.take.phrase_split)]
        engine, candidate, strict = (sum(each[at] for each in which) for at in (1, 2, 3))  # type: ignore[misc]
        name = f"{kind}, {split}" if split else kind
        note(
            f"strict: {name}",
            takes=len(which),
            engine=round(engine / len(which), 4),
            candidates=round(candidate / len(which), 3),
            strict=round(strict / len(which), 4),
            strict_95=wilson(strict, len(which)),
            strict_95_over_voices=over_voices(which),
        )
        kept[name] = engine / len(which), strict / len(which)
    assert all(kept[kind][1] > kept[kind][0] for kind in ("wake", "lead_in"))
    assert kept["confusable"][1] < 0.5 * kept["confusable"][0]


def over_voices(judged: list[Judged]) -> tuple[float, float]:
    """The share that strict keeps, 95 % bounds where whole voices are drawn anew (bootstrap): takes of one are no
    witnesses apart."""
    voices = sorted({each.take.voice.variant for each in judged})
    kept = np.array([sum(e.strict for e in judged if e.take.voice.variant == v) for v in voices])
    takes_of = np.array([sum(e.take.voice.variant == v for e in judged) for v in voices])
    drawn = np.random.default_rng(1).integers(len(voices), size=(2_000, len(voices)))
    shares = kept[drawn].sum(axis=1) / takes_of[drawn].sum(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975))
    return round(float(low), 3), round(float(high), 3)


def test_phrase_by_phrase(judged: list[Judged], note: Note) -> None:
    rows: dict[str, dict[str, float]] = {}
    for kind in ("lead_in", "confusable"):
        for phrase in sorted({each.take.phrase for each in judged if each.take.kind == kind}):
            which = [each for each in judged if (each.take.kind, each.take.phrase) == (kind, phrase)]
            engine, strict = (sum(each[at] for each in which) / len(which) for at in (1, 3))  # type: ignore[misc]
            rows[f"{kind}: {phrase}"] = {"takes": len(which), "engine": round(engine, 3), "strict": round(strict, 3)}
    note("phrase by phrase", **rows)
    assert len(rows) > 60
