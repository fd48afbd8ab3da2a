"""What each operator costs on one core, each beside the cheapest thing that could be done: copying the samples."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from gateway.clip import Clip, GateDecision, Span
from gateway.contract.model import load_contract
from gateway.redact.pipeline import redact, spans_in_words
from gateway.redact.sound.align import PocketSphinx
from gateway.redact.sound.cover import cover
from gateway.redact.sound.masking import unexplained
from gateway.redact.sound.voice import distort
from simulator.device.assistant import Hearing, transcribe
from tests.benchmarks.redact.speakers import Told, ordinary, tellings

pytestmark = pytest.mark.bench

STRICT = load_contract("strict")
SECOND = Span(start=4_000, end=20_000, label="contact")
NOW = datetime(2019, 4, 10, tzinfo=UTC)


def clips_of(told: list[Told]) -> list[Clip]:
    made = []
    for number, each in enumerate(told):
        heard = transcribe(
            each.sound.words,
            samples=len(each.sound.pcm),
            site_id="s",
            session_id="1",
            hearing=Hearing(),
            rng=np.random.default_rng(number),
        )
        pcm = each.sound.pcm.tobytes()
        made.append(Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm, trigger="wake", transcript=heard))
    return made


def ms_each(work: Callable[[int], object], count: int) -> float:
    work(0)
    began = time.perf_counter()
    for at in range(count):
        work(at)
    return (time.perf_counter() - began) * 1000 / count


def test_cost_of_each_operator(figure: Callable[[str, Any], None]) -> None:
    told = [*tellings(20), *ordinary(20)]
    clips, aligner = clips_of(told), PocketSphinx()
    heard = [clip.transcript for clip in clips if clip.transcript]
    tokens = [[token for part in each.asr_tokens for token in part] for each in heard]
    spans = [spans_in_words(h, t.facts, STRICT.redact.transcript) for h, t in zip(heard, told, strict=True)]

    def whole(at: int, contract: str) -> object:
        kept = GateDecision(keep=True, reason="wake_word", start_sample=0, end_sample=len(clips[at].pcm) // 2)
        rules = load_contract(contract)
        facts = told[at].facts
        return redact(clips[at], kept, rules, facts=facts, population={}, key=b"k" * 32, now=NOW, aligner=aligner)

    n = len(clips)
    cost = {
        "copy (floor)": ms_each(lambda at: bytearray(clips[at].pcm), n),
        "transcript": ms_each(lambda at: spans_in_words(heard[at], told[at].facts, STRICT.redact.transcript), n),
        "alignment, where needed": ms_each(
            lambda at: spans[at] and aligner.align(clips[at].pcm, [t.value for t in tokens[at]]), n
        ),
        "unexplained sound": ms_each(lambda at: unexplained(clips[at].pcm, tokens[at], 20), n),
        "cover": ms_each(lambda at: cover(clips[at].pcm, [SECOND]), n),
        "distortion": ms_each(lambda at: distort(clips[at].pcm, 0.7), n),
        "all of strict": ms_each(lambda at: whole(at, "strict"), n),
        "all of google-2019": ms_each(lambda at: whole(at, "google-2019"), n),
    }
    seconds = sum(len(clip.pcm) for clip in clips) / 32_000 / n
    figure("speed.ms_a_clip", {name: round(value, 2) for name, value in cost.items()})
    figure("speed.clips_a_second", round(1000 / cost["all of strict"], 1))
    figure("speed.times_real_time", round(seconds * 1000 / cost["all of strict"], 1))
    assert cost["all of strict"] < 1_000 * seconds
