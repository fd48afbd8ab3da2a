"""Finds two streets that cross: a place that is told without a house number."""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, span_of

_NAME_WORDS = 3  # of one street


def find_crossings(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "the corner of maple and third": two streets that cross."""
    a, f = locale.addresses, locale.functions
    for at in range(len(words) - 4):
        if words[at].low not in a.corners or words[at + 1].low not in f.prepositions:
            continue
        first = _street_end(words, at + 2, locale)
        if first is None or first + 1 >= len(words) or words[first + 1].low not in a.corner_joins:
            continue
        last = _street_end(words, first + 2, locale)
        if last is not None:
            yield span_of(words, at + 2, last, "address")


def _street_end(words: Sequence[Word], at: int, locale: Locale) -> int | None:
    """The last word of a street's name that begins at `at`: up to three words, none of them a function word."""
    end = at
    while end < min(len(words), at + _NAME_WORDS) and words[end].low not in locale.function_words:
        end += 1
    return end - 1 if end > at else None
