"""Can clips of one household be told from others: by ids, by times, by voice; and is distorted speech still usable?

Voice figures hold for synthetic voices and for these simple attackers only: an ordering, no privacy claim.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.contract.model import Pseudonyms
from gateway.gate.wake import OpenWakeWord
from gateway.redact.identifiers import Subject, identifier
from gateway.redact.sound.align import PocketSphinx
from gateway.redact.sound.voice import distort
from gateway.redact.times import recorded_on
from simulator.sound.speech import say
from simulator.sound.voices import load_voices
from tests.benchmarks.redact.speakers import tellings

pytestmark = pytest.mark.bench

Rows = npt.NDArray[np.float64]
START = datetime(2019, 4, 10, tzinfo=UTC)
TEXTS = (
    "Alexa, what is the weather like tomorrow?",
    "Put milk and eggs on my shopping list.",
    "Turn off the lights in the living room.",
    "Did you feed the cat this morning?",
    "The train is late and dinner is nearly ready.",
    "Play some quiet music in the kitchen.",
)
VOICES = 30


def auc(same: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """Area under the ROC curve with a 95 % interval by bootstrap; ties count half."""
    rng = np.random.default_rng(0)
    a, b = np.asarray(same), np.asarray(other)

    def area(x: Rows, y: Rows) -> float:
        ranks = np.searchsorted(np.sort(y), x, "left") + np.searchsorted(np.sort(y), x, "right")
        return float(ranks.mean() / (2 * len(y)))

    drawn = [area(rng.choice(a, len(a)), rng.choice(b, len(b))) for _ in range(200)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"auc": round(area(a, b), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def pairs(owners: Sequence[Any], like: Callable[[int, int], float]) -> dict[str, float]:
    same: list[float] = []
    other: list[float] = []
    for i in range(len(owners)):
        for j in range(i):
            (same if owners[i] == owners[j] else other).append(like(i, j))
    return auc(same, other)


def test_ids_and_times(figure: Callable[[str, Any], None]) -> None:
    rng = np.random.default_rng(1)
    owners = [home for home in range(30) for _ in range(8)]
    # Each home speaks at its own hour, give or take one, on any day of two months.
    at = [START + timedelta(days=int(rng.integers(60)), hours=(7 * o) % 24 + rng.normal(0, 1)) for o in owners]

    def ids(rules: Pseudonyms | None) -> list[str | None]:
        made = []
        for number, (owner, now) in enumerate(zip(owners, at, strict=True)):
            subject = Subject(session=str(number), household=str(owner))
            operator: Any = "pseudonym" if rules else "keep"
            rule = rules or Pseudonyms()
            made.append(
                identifier(f"G{owner}", operator, field="device", rules=rule, subject=subject, key=b"k" * 32, now=now)
            )
        return made

    rules = {"kept": None, "device": Pseudonyms(), "device, 30 days": Pseudonyms(rotate_days=30)}
    for name, rule in {**rules, "clip": Pseudonyms(scope="clip")}.items():
        seen = ids(rule)
        figure(f"linkage.ids.{name}", pairs(owners, lambda i, j, seen=seen: float(seen[i] == seen[j])))  # type: ignore[misc]
    across = ids(Pseudonyms(rotate_days=30))
    epochs = [int(now.timestamp() // (86_400 * 30)) for now in at]
    shared = sum(across[i] == across[j] for i in range(len(at)) for j in range(i) if epochs[i] != epochs[j])
    figure("linkage.ids.shared_across_a_rotation", shared)
    assert shared == 0
    for grain in ("exact", "hour", "day"):
        shown = [datetime.fromisoformat(recorded_on(now, grain)) for now in at]
        hours = [now.hour + now.minute / 60 for now in shown]
        found = pairs(owners, lambda i, j, h=hours: -min(abs(h[i] - h[j]), 24 - abs(h[i] - h[j])))  # type: ignore[misc]
        figure(f"linkage.times.{grain}", found)
    assert found["low"] <= 0.5 <= found["high"]


def features(pcm: bytes) -> Rows:
    """Mean and spread of 40 log bands over speech frames: what a simple speaker model sees."""
    sound = np.frombuffer(pcm, np.int16).astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(sound, 400)[::160] * np.hanning(400)
    power = np.abs(np.fft.rfft(frames, 512, axis=1)) ** 2
    loud = power.sum(axis=1) > np.median(power.sum(axis=1)) / 10
    edges = np.unique(np.geomspace(2, 256, 41).astype(int))
    bands = np.log(np.add.reduceat(power[loud], edges[:-1], axis=1) + 1.0)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])


def test_voices(figure: Callable[[str, Any], None]) -> None:
    rng = np.random.default_rng(2)
    voices = load_voices("understood")[:VOICES]
    owners = [voice.name for voice in voices for _ in TEXTS]
    plain = [say(text, voice).pcm.tobytes() for voice in voices for text in TEXTS]
    made = [distort(pcm, float(rng.uniform(0.5, 0.9))) for pcm in plain]
    again = [distort(pcm, float(rng.uniform(0.5, 0.9))) for pcm in plain]
    x, y, z = (np.array([features(pcm) for pcm in each]) for each in (plain, made, again))

    def linked(enrolled: Rows, tried: Rows, trained: Rows, informed: bool) -> dict[str, float]:
        """Trained on half of the voices, tried on the other half."""
        half = len(owners) // 2
        groups = trained[:half].reshape(-1, len(TEXTS), trained.shape[1])
        middle, weights = trained[:half].mean(axis=0), 1 / (trained[:half].std(axis=0) + 1e-9)
        if informed:  # within-speaker covariance: what distortion does to one voice counts for nothing
            within = (groups - groups.mean(axis=1, keepdims=True)).reshape(-1, trained.shape[1])
            turn = np.linalg.inv(np.linalg.cholesky(np.cov(within.T) + 0.05 * np.eye(trained.shape[1]))).T
        else:
            turn = np.diag(weights)
        a, b = ((each[half:] - middle) @ turn for each in (enrolled, tried))
        a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, b))
        return pairs(owners[half:], lambda i, j: float(a[i] @ b[j]))

    attackers = {
        "original": linked(x, x, x, informed=True),
        "distorted.ignorant": linked(x, y, x, informed=True),
        "distorted.lazy_informed": linked(z, y, x, informed=True),
        "distorted.semi_informed": linked(z, y, z, informed=True),
    }
    for name, found in attackers.items():
        figure(f"linkage.voice.{name}", found)
    assert attackers["original"]["low"] >= 0.9  # an attacker who cannot link undistorted voices measures nothing
    assert attackers["distorted.ignorant"]["high"] < attackers["original"]["low"]


def test_distorted_speech_can_still_be_followed(figure: Callable[[str, Any], None]) -> None:
    """Whether the wake word is still heard, and every word still found, in recordings that begin with it."""
    told = [each for each in tellings(80) if each.uttered[0].text.lower() == "alexa"][:40]
    aligner, engine = PocketSphinx(), OpenWakeWord()
    for coefficient in (None, 0.9, 0.8, 0.7, 0.6, 0.5):
        aligned = woken = 0
        for each in told:
            pcm = each.sound.pcm.tobytes()
            pcm = distort(pcm, coefficient) if coefficient else pcm
            aligned += aligner.align(pcm, [word.text for word in each.uttered]) is not None
            woken += float(engine.hear(np.frombuffer(pcm, np.int16)).scores.max()) > 0.5
        shares = {"aligned": round(aligned / len(told), 3), "wake_word_heard": round(woken / len(told), 3)}
        figure(f"intelligibility.{coefficient or 'original'}", shares | {"clips": len(told)})
        if coefficient is None:
            assert min(aligned, woken) >= 0.9 * len(told)
