"""Finds names that only sound like known ones: "Jon Smyth" for "John Smith". It may be somebody else.

Both names must have the same phonetic key (Philips' Metaphone, 1990) and a similar spelling. This search runs only on
request, because a transcript is full of words that sound like names.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import jellyfish

from scenarios.leaks.needles.needle import Needle

_SHORTEST = 3  # letters
_ALIKE = 0.8  # Jaro-Winkler, of 1


class Sounds:
    """Knows full names of two and more words by the sound of the first and the last word."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._known: dict[tuple[str, str], list[tuple[Needle, str, str]]] = {}
        for needle in needles:
            words = needle.key.split()
            # Of a name's two orders the one as written; its needle stands for both.
            if needle.field.endswith(".name") and not needle.possible and len(words) > 1 and _in_order(needle, words):
                first, last = words[0], words[-1]
                if min(len(first), len(last)) >= _SHORTEST:
                    key = (jellyfish.metaphone(first), jellyfish.metaphone(last))
                    self._known.setdefault(key, []).append((needle, first, last))

    def search(self, words: list[str]) -> Iterator[Needle]:
        """Yield names that two neighbouring words sound like. Names that stand there as they are spelled are left
        out.
        """
        keys = {word: jellyfish.metaphone(word) for word in set(words) if len(word) >= _SHORTEST and word.isalpha()}
        for one, other in pairwise(words):
            for needle, first, last in self._known.get((keys.get(one, ""), keys.get(other, "")), ()):
                alike = min(
                    jellyfish.jaro_winkler_similarity(one, first), jellyfish.jaro_winkler_similarity(other, last)
                )
                if (one, other) != (first, last) and alike >= _ALIKE:
                    yield needle


def _in_order(needle: Needle, words: list[str]) -> bool:
    return needle.value.strip()[:1].casefold() == words[0][:1]
