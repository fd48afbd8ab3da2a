"""Finds where somebody is by degrees: "latitude forty two point three", "forty two point three north ... west".

A pair of decimals with one direction counts, too: "forty two point three by eighty two point eight degrees west".
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, span_of

_REACH = 3  # words between a direction and its number
_LEAST_DIGITS = 4  # of both together


def find_coordinates(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """From the first to the last word of a pair of decimals with a word for latitude and one for longitude."""
    a, n = locale.addresses, locale.numbers
    numbers = {at for item in items_of(words, locale) for at in range(item.first, item.last + 1)}
    held = numbers | {at for at, word in enumerate(words) if word.low in n.points | a.minus | a.degrees}
    signs = a.latitudes | a.longitudes | a.degrees | a.minus
    joins = a.latitudes | a.longitudes | n.within | n.fillers | a.between_degrees
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and (end in held or words[end].low in joins):
            end += 1
        while end > at and words[end - 1].low in n.within | n.fillers | a.between_degrees:
            end -= 1
        said = [word.low for word in words[at:end]]
        both = bool(set(said) & a.latitudes and set(said) & a.longitudes)
        halves = sum(low in n.points for low in said) > 1 and bool(set(said) & signs)
        pair = both or (halves and bool(set(said) & a.between_degrees))
        decimals = len(set(range(at, end)) & numbers) >= _LEAST_DIGITS and bool(set(said) & n.points)
        if pair and decimals:
            yield span_of(words, at, end - 1, "address")
        at = max(end, at + 1)
