"""Of sentences written before the rules: how many leak a word of a secret, and how many other words are masked."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.redact.language.words import words_of
from gateway.redact.text.transcript import find_spans
from gateway.vault.messages import SiteFacts
from tests.gateway.redact.text.test_neighbours import CLASSES, HOMES, NOBODY

CASES = Path(__file__).parents[1] / "cases"
SAID: dict[str, dict[str, Any]] = {
    written: said
    for name in (
        "said.yaml",
        "fresh.yaml",
        "fifth.yaml",
        "sixth.yaml",
        "seventh.yaml",
        "eighth.yaml",
        "ninth.yaml",
        "tenth.yaml",
        "eleventh.yaml",
    )
    for written, said in yaml.safe_load((CASES / name).read_text()).items()
}
SECRET = re.compile(r"\{[a-z ]+:([^}]*)\}")
LANGUAGES = {"tarkington": "en", "fernandez": "es"}
QUICK = frozenset({"first", "eighth"})  # the sets that `make test` asks
WRITTEN = [pytest.param(each, marks=[] if each in QUICK else pytest.mark.slow) for each in sorted(SAID)]
MOST_LEAKING = 0.04  # of the sentences
MOST_MASKED = 0.01  # of the words that are no secret


def masked(text: str, facts: SiteFacts, language: str) -> list[tuple[int, int, bool]]:
    """(start, end, whether it is masked) of every word."""
    spans = find_spans(text, facts, CLASSES, language)
    return [
        (word.start, word.end, any(span.start < word.end and word.start < span.end for span in spans))
        for word in words_of(text)
    ]


def leaks(said: str, facts: SiteFacts, language: str) -> bool:
    secrets, text, at = list[tuple[int, int]](), "", 0
    for match in SECRET.finditer(said):
        text += said[at : match.start()]
        secrets.append((len(text), len(text) + len(match[1])))
        text, at = text + match[1], match.end()
    words = masked(text + said[at:], facts, language)
    return any(not hid and first < end and start < last for start, end, hid in words for first, last in secrets)


@pytest.mark.parametrize("written", WRITTEN)
def test_few_sentences_leak(written: str) -> None:
    told = [(said, home) for home in LANGUAGES for said in SAID[written][home]]
    leaking = [said for said, home in told if leaks(said, HOMES[home], LANGUAGES[home])]
    assert len(told) >= 75
    assert len(leaking) <= MOST_LEAKING * len(told), "\n".join(leaking)


@pytest.mark.parametrize("written", WRITTEN)
def test_few_words_of_plain_sentences_are_masked(written: str) -> None:
    words = [
        (hid, text)
        for language, texts in SAID[written]["plain"].items()
        for text in texts
        for *_, hid in masked(text, NOBODY, language)
    ]
    lost = [text for hid, text in words if hid]
    assert len(words) >= 450
    assert len(lost) <= MOST_MASKED * len(words), "\n".join(lost)
