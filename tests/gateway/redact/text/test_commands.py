"""Commands without a secret keep their words: in the exact transcript, and in one with the usual mistakes."""

import numpy as np
import pytest

from gateway.contract.model import load_contract
from gateway.redact.language.words import words_of
from gateway.redact.text.transcript import find_spans
from gateway.vault.messages import SiteFacts
from simulator.device.assistant import USUAL, transcribe
from simulator.world.truth import SpokenWord
from tests.gateway.redact.text.commands import commands

CLASSES = load_contract("strict").redact.transcript.mask
MOST_MASKED = 0.01
FACTS = SiteFacts(
    household_key="k",
    consent=True,
    names=("Ada Lovelace", "Ada", "Lovelace", "Laura Ní Dhomhnaill", "Ottoline van der Meer"),
    contact_names=("Laura Ní Dhomhnaill", "Ottoline van der Meer"),
    emails=("ada@mail.test",),
    streets=("12 Oak Hill Road",),
)


def masked_share(texts: list[str], language: str) -> float:
    """Of all words, those under a span."""
    words = lost = 0
    for text in texts:
        spans = find_spans(text, FACTS, CLASSES, language)
        for word in words_of(text):
            words += 1
            lost += any(span.start < word.end and word.start < span.end for span in spans)
    return lost / words


def misheard(text: str, number: int) -> str:
    """As the simulator's assistant usually hears it."""
    spoken = tuple(SpokenWord(text=w, start=8_000 * at, end=8_000 * at + 6_000) for at, w in enumerate(text.split()))
    rng = np.random.default_rng(number)
    heard = transcribe(spoken, samples=8_000 * len(spoken), site_id="s", session_id="1", hearing=USUAL, rng=rng)
    return heard.text


@pytest.mark.parametrize(("language", "least"), [("en", 500), ("es", 100)])
def test_commands_stay_whole(language: str, least: int) -> None:
    texts = commands(language)
    assert len(texts) >= least
    assert masked_share(texts, language) <= MOST_MASKED


@pytest.mark.slow
def test_misheard_commands_stay_whole() -> None:
    heard = [misheard(text, number) for number, text in enumerate(commands())]
    assert masked_share(heard, "en") <= MOST_MASKED
