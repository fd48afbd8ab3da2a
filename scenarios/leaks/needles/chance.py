"""Estimates how often chance alone would make up a needle, so that nobody mistakes chance for a leak.

The estimate is an upper bound for ordinary responses. Digits, and letters of ids, are drawn evenly; words come from a
vocabulary of 20,000. A response counts as 2 KB with 340 words, 20 numbers and 20 ids.
"""

from collections.abc import Iterable

from scenarios.leaks.needles.needle import Needle

_RESPONSES = 1e6
_WORDS, _NUMBERS, _IDS = 340, 20, 20
_VOCABULARY = 20_000
_RARE_WORD = 1e-3  # a word the list of everyday ones has not is that much rarer than the average one


def chance_hits(needle: Needle) -> float:
    """Return the expected chance hits in a million ordinary responses."""
    if needle.family == "digits":
        return float(_RESPONSES * _NUMBERS * 10.0 ** -len(needle.key))
    if needle.family == "id":
        letters = sum(char.isalpha() for char in needle.key)
        return float(_RESPONSES * _IDS * 36.0**-letters * 10.0 ** -(len(needle.key) - letters))
    words = needle.key.split()
    return float(_RESPONSES * _WORDS * (_RARE_WORD / _VOCABULARY) ** len(words))


def riskiest(needles: Iterable[Needle]) -> dict[str, float]:
    """Return the sum of the chance hits over the needles of each field, the largest first."""
    total: dict[str, float] = {}
    for needle in needles:
        total[needle.field] = total.get(needle.field, 0.0) + chance_hits(needle)
    return dict(sorted(total.items(), key=lambda item: -item[1]))
