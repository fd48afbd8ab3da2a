"""How many spoken secrets survive redaction, over word and timing errors, beside what that costs.

Here a sample sounds when it is not digital silence; `test_audible.py` asks the harness's own measure.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest

from gateway.clip import Clip, GateDecision, RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.redact.pipeline import redact
from gateway.redact.sound.align import PocketSphinx
from gateway.wire import Transcript
from simulator.device.assistant import USUAL, Hearing, transcribe
from tests.benchmarks.redact.speakers import Told, ordinary, tellings

pytestmark = pytest.mark.bench

STRICT = load_contract("strict")
NOW = datetime(2019, 4, 10, tzinfo=UTC)
AUDIBLE_MS = 30  # the alarm of the harness's own measure
CLIPS = 300
WORD_ERRORS, TIME_ERRORS_MS = (0.0, 0.05, 0.10, 0.20), (0, 25, 50, 100, 200)


class Count(msgspec.Struct):
    """Of one setting. A secret is one run of secret words; a word is over-muted when half of it is silent."""

    clips: int = 0
    withheld: int = 0
    secrets: int = 0
    missed: int = 0
    plain_words: int = 0
    over_muted: int = 0
    plain_ms: int = 0
    over_muted_ms: int = 0
    residual_ms: int = 0
    why: Counter[str] = msgspec.field(default_factory=Counter)
    missed_of: Counter[str] = msgspec.field(default_factory=Counter)
    secrets_of: Counter[str] = msgspec.field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        recall = {k: round(1 - self.missed_of[k] / n, 4) for k, n in sorted(self.secrets_of.items())}
        return {
            "recall_of_served": round(1 - self.missed / max(1, self.secrets), 4),
            "secrets_served": self.secrets,
            "withheld": round(self.withheld / max(1, self.clips), 4),
            "over_muted": round(self.over_muted / max(1, self.plain_words), 4),
            "over_muted_time": round(self.over_muted_ms / max(1, self.plain_ms), 4),
            "residual_ms": self.residual_ms,
            "withheld_why": dict(self.why),
            "recall_by_class": recall,
        }


def served(
    told: list[Told], hearing: Hearing, aligner: PocketSphinx, contract: Contract = STRICT
) -> Iterator[RedactedClip]:
    """What the gateway leaves of each, in order."""
    for number, each in enumerate(told):
        pcm = each.sound.pcm
        heard: Transcript = transcribe(
            each.uttered,
            samples=len(pcm),
            site_id="s",
            session_id="1",
            hearing=hearing,
            rng=np.random.default_rng(number),
        )
        clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm.tobytes(), trigger="wake", transcript=heard)
        kept = GateDecision(keep=True, reason="wake_word", start_sample=0, end_sample=len(pcm))
        yield redact(clip, kept, contract, facts=each.facts, population={}, key=b"k" * 32, now=NOW, aligner=aligner)


def run(told: list[Told], hearing: Hearing, aligner: PocketSphinx) -> Count:
    count = Count()
    for each, left in zip(told, served(told, hearing, aligner), strict=True):
        judge(each, left.wav, left.withheld, count)
    return count


def judge(each: Told, wav: bytes | None, withheld: str | None, count: Count) -> None:
    """A sample sounds when it is not digital silence: the recordings' own noise never is."""
    count.clips += 1
    if wav is None:
        count.withheld += 1
        count.why[str(withheld)] += 1
        return
    sounds = np.frombuffer(wav[44:], np.int16) != 0
    residual, secret = 0, False
    for word in each.uttered:
        audible = int(sounds[word.start : word.end].sum()) // 16
        if word.secret is not None:
            residual, secret = residual + audible, True
        else:
            count.plain_words += 1
            count.plain_ms += (word.end - word.start) // 16
            count.over_muted_ms += (word.end - word.start) // 16 - audible
            count.over_muted += audible * 16 < (word.end - word.start) / 2
    if secret:
        count.secrets += 1
        count.secrets_of[each.kind] += 1
        count.missed += residual >= AUDIBLE_MS
        count.missed_of[each.kind] += residual >= AUDIBLE_MS
        count.residual_ms += residual


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return tellings(CLIPS)


@pytest.mark.parametrize("rate", WORD_ERRORS)
def test_recall_over_word_errors(rate: float, told: list[Told], figure: Callable[[str, Any], None]) -> None:
    row = run(told, Hearing(word_error_rate=rate), PocketSphinx()).row()
    figure(f"recall.word_errors.{rate:.0%}", row)
    if rate == 0.0:
        assert row["recall_of_served"] == 1.0
    if rate == 0.05:
        good_enough(row)


def test_recall_as_an_assistant_usually_hears(told: list[Told], figure: Callable[[str, Any], None]) -> None:
    row = run(told, USUAL, PocketSphinx()).row()
    figure("recall.usual", row)
    good_enough(row)


def good_enough(row: dict[str, Any]) -> None:
    assert row["recall_of_served"] >= 0.99
    assert row["withheld"] <= 0.15
    assert row["over_muted"] <= 0.05


@pytest.mark.parametrize("jitter", TIME_ERRORS_MS)
def test_recall_over_timing_errors(jitter: int, told: list[Told], figure: Callable[[str, Any], None]) -> None:
    row = run(told, Hearing(time_jitter_ms=float(jitter)), PocketSphinx()).row()
    figure(f"recall.timing_errors.{jitter}ms", row)
    assert row["recall_of_served"] >= (0.99 if jitter <= 100 else 0.98)  # at 200 ms two clips of three are withheld


@pytest.mark.parametrize(("name", "hearing"), [("exact", Hearing()), ("usual", USUAL)])
def test_ordinary_sentences_keep_their_words(name: str, hearing: Hearing, figure: Callable[[str, Any], None]) -> None:
    """Nothing in them is secret. A word the recogniser got wrong cannot be trusted: it counts as over-muted too."""
    row = run(ordinary(CLIPS), hearing, PocketSphinx()).row()
    figure(f"over_masking.ordinary.{name}", {"over_muted": row["over_muted"], "withheld": row["withheld"]})
    assert row["over_muted"] < (0.01 if name == "exact" else 0.03)
