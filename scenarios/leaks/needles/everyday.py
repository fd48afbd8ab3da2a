"""Knows given names that are also everyday words, months, places or brands. Alone they identify nobody."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_LEAST = 6  # letters of a name, below which it stands in other texts by chance


def is_everyday(words: Sequence[str]) -> bool:
    """Return whether a name is very short or made of everyday words only ("Will May")."""
    return sum(map(len, words)) < _LEAST or all(word in everyday_words() for word in words)


@cache
def everyday_words() -> frozenset[str]:
    text = (files("scenarios.leaks.needles") / "everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
