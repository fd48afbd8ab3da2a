"""The assistant: its transcript is what was said, unless it is told to mishear, and always the same way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identities import Identities
from gateway.wire import Transcript
from simulator.device.assistant import Hearing, transcribe
from simulator.device.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.links.link import MemoryLink
from simulator.world.truth import SpokenWord

WORDS = tuple(
    SpokenWord(text=text, start=8_000 * at, end=8_000 * at + 6_000)
    for at, text in enumerate("Alexa send a message to Laura and tell her that dinner is late".split(), start=1)
)


def _heard(hearing: Hearing, words: tuple[SpokenWord, ...] = WORDS, seed: int = 1) -> Transcript:
    rng = np.random.default_rng(seed)
    return transcribe(words, samples=200_000, site_id="dev1", session_id="s1", hearing=hearing, rng=rng)


def test_good_ears_hear_every_word_in_its_place() -> None:
    heard = _heard(Hearing())

    assert heard.text == "alexa send a message to laura and tell her that dinner is late"
    tokens = heard.asr_tokens[0]
    assert [(t.time.start, t.time.end) for t in tokens] == [(w.start / 16_000, w.end / 16_000) for w in WORDS]
    assert heard.seconds == 12.5


@given(st.floats(0, 1), st.floats(0, 400), st.integers(0, 1_000))
def test_tokens_always_name_their_part_of_the_text(rate: float, jitter_ms: float, seed: int) -> None:
    heard = _heard(Hearing(word_error_rate=rate, time_jitter_ms=jitter_ms), seed=seed)

    for token in (token for tokens in heard.asr_tokens for token in tokens):
        assert heard.text[token.range_start : token.range_end] == token.value
        assert 0 <= token.time.start <= token.time.end <= heard.seconds
    assert " ".join(token.value for tokens in heard.asr_tokens for token in tokens) == heard.text


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_the_word_error_rate_is_what_it_says(rate: float) -> None:
    many = tuple(SpokenWord(text=f"z{n}", start=10 * n, end=10 * n + 8) for n in range(4_000))

    heard = _heard(Hearing(word_error_rate=rate), many).text.split()

    right = {f"z{n}" for n in range(4_000)} & set(heard)
    inserted = sum(not word.startswith("z") for word in heard) - (4_000 - len(right)) * 3 / 4
    errors = (4_000 - len(right)) + inserted
    assert errors / 4_000 == pytest.approx(rate, abs=0.03)


def test_jitter_moves_the_edges_by_about_that_much() -> None:
    heard = _heard(Hearing(time_jitter_ms=50))
    moved = [abs(t.time.start - w.start / 16_000) for t, w in zip(heard.asr_tokens[0], WORDS, strict=True)]

    assert 0.01 < np.mean(moved) < 0.1


def test_no_words_no_text() -> None:
    heard = _heard(Hearing(), ())

    assert (heard.text, heard.asr_tokens, heard.likelihood) == ("", [], 0.0)


def test_each_session_is_transcribed_before_it_ends_and_acknowledged(
    scripted: Callable[..., Any], identities: Identities
) -> None:
    gateway = scripted("incomplete", "kept")
    plan = plan_fleet(
        FleetSettings(utterances_per_device=1), identities.model_copy(update={"households": identities.households[:1]})
    )
    drains = []

    class Talking(MemoryLink):
        def drain(self) -> list[Any]:
            drains.append(len(gateway.log))
            return []

    run_fleet(
        plan,
        link=MemoryLink(gateway.handle),
        transcripts=Talking(gateway.handle),
        hearing=Hearing(word_error_rate=0.5),
    )

    sessions = {transcript.session_id for transcript in gateway.transcripts()}
    assert sessions == {said.session_id for said in plan.utterances}
    assert len(drains) == len(gateway.transcripts()) == 2 * len(plan.utterances)
    for session in sessions:  # misheard the same way each time
        assert len({t.text for t in gateway.transcripts() if t.session_id == session}) == 1


def test_wake_like_phrases_are_misheard_at_the_rate_it_says() -> None:
    phrase = tuple(
        SpokenWord(text=text, start=n * 1_000, end=n * 1_000 + 900) for n, text in enumerate("A lexus parked".split())
    )
    texts = [_heard(Hearing(wake_like=0.3), phrase, seed=seed).text for seed in range(400)]

    assert set(texts) == {"a lexus parked", "alexa parked"}
    assert 0.22 < texts.count("alexa parked") / 400 < 0.38
    wrong = next(
        h for seed in range(99) if (h := _heard(Hearing(wake_like=0.3), phrase, seed)).text.startswith("alexa")
    )
    assert (wrong.asr_tokens[0][0].time.start, wrong.asr_tokens[0][0].time.end) == (0.0, 1_900 / 16_000)


def test_it_doubts_what_it_got_wrong() -> None:
    many = tuple(SpokenWord(text="zebra", start=n * 10, end=n * 10 + 9) for n in range(2_000))
    tokens = _heard(Hearing(word_error_rate=0.3, confidence=0.9, doubt=0.5, spread=0.1), many).asr_tokens[0]
    right = [token.confidence for token in tokens if token.value == "zebra"]
    wrong = [token.confidence for token in tokens if token.value != "zebra"]

    assert sum(right) / len(right) - sum(wrong) / len(wrong) > 0.3
    assert all(0 <= token.confidence <= 1 for token in tokens)
