"""What others may read of a reviewer's free text: the transcript operator, and only words already shown or harmless.

A reviewer writes down what was heard, names too, and the review tool has no address book to know them by. So a word
passes when the clip's own redacted transcript shows it, or when it only holds others together; the rest is unclear.
An attacker learns how many words were typed.
"""

from collections.abc import Sequence
from typing import get_args

from gateway.clip import Span
from gateway.contract.model import MaskClass
from gateway.redact.language.words import Word, every_function_word, words_of
from gateway.redact.text.transcript import find_spans, mask, merge
from gateway.vault.messages import SiteFacts

_NOBODY = SiteFacts(household_key="", consent=False)
_UNCLEAR = "unclear"


def shareable(text: str, transcript: str) -> str:
    """`text` as others than its author may see it; `transcript` is the clip's own, redacted."""
    words = words_of(text)
    recognised = find_spans(text, _NOBODY, get_args(MaskClass))
    return mask(text, merge([*recognised, *_unknown(words, transcript)]))


def _unknown(words: Sequence[Word], transcript: str) -> list[Span]:
    shown = {word.low for word in words_of(transcript)} | every_function_word()
    return [Span(start=word.start, end=word.end, label=_UNCLEAR) for word in words if word.low not in shown]
