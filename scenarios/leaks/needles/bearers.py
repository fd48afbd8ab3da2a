"""Estimates how many people in a large country have a name, so that "David Smith" is not taken for one person.

The shares of given and family names are those of the United States (Census Bureau 1990). They are multiplied as if they
were independent, so the result is an order of magnitude. Names that the list does not hold count as rare.
"""

from functools import cache
from importlib.resources import files

from scenarios.leaks.needles.literals import words_of

_PEOPLE = 330e6
_RARE_GIVEN, _RARE_FAMILY = 1e-5, 2e-6


def bearers(name: str) -> float:
    """Return the expected number of people with this first and last word in their name."""
    words = words_of(name).split()
    if len(words) < 2:
        return 0.0
    given, family = _shares()
    return _PEOPLE * given.get(words[0], _RARE_GIVEN) * family.get(words[-1], _RARE_FAMILY)


@cache
def _shares() -> tuple[dict[str, float], dict[str, float]]:
    text = (files("scenarios.leaks.needles") / "name_shares.txt").read_text(encoding="utf-8")
    shares: dict[str, dict[str, float]] = {"given": {}, "family": {}}
    kind, share = "given", 0.0
    for token in (word for line in text.splitlines() if not line.startswith("#") for word in line.split()):
        if token in shares:
            kind = token
        elif token[0].isdigit():
            share = float(token) / 100
        else:
            shares[kind][token] = share
    return shares["given"], shares["family"]
