"""Finds homes that are said before what they are: "one forty four maple that's where we live"."""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, shortened, span_of
from gateway.redact.places.street_extent import NAME_WORDS, may_name, number_after

_BEHIND = 5  # words behind a street in which its house is spoken of
_LEAST_DIGITS = 2


def find_told_behind(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """A number and a name that open a sentence which goes on with where somebody lives."""
    a, homophones = locale.addresses, locale.numbers.homophones
    opening = locale.numbers.fillers | homophones.keys()
    first = next((at for at, word in enumerate(words) if word.low not in opening), len(words))
    if not a.number_first or first == len(words) or not is_number(words[first].low, locale):
        return
    last = number_after(words, first - 1, locale)
    end = last
    while end + 1 < len(words) and end - last < NAME_WORDS and may_name(words[end + 1].low, locale):
        end += 1
    behind = words[end + 1 : end + 1 + _BEHIND]
    digits = sum(len(item.digits) for item in items_of(words[first : last + 1], locale))
    if end == last or digits < _LEAST_DIGITS or not behind:
        return
    verb = behind[0].low in locale.names.named_by or shortened(behind[0])
    if verb and {word.low for word in behind[1:]} & (a.lived | a.houses):
        first -= first > 0 and words[first - 1].low in homophones  # "for one two seven": "four"
        yield span_of(words, first, end, "address")
