"""Streets: the household's own by name, anybody's by the form <number> <words> <street type>."""

from collections.abc import Sequence

from gateway.clip import Span
from gateway.redact.text.words import FUNCTION_WORDS, JOINERS, PREPOSITIONS, Word, is_number, span_of, words_of

_TYPES = frozenset(
    "street st avenue ave road rd lane ln drive dr court ct boulevard blvd way place pl circle square terrace "
    "trail parkway pass crossing plaza loop row highway route alley ridge valley heights hills point view walk "
    "mews close crescent".split()
)
_UNITS = frozenset("apartment apt suite unit flat room floor".split())
_NAME_WORDS = 3
_LONGEST_NUMBER = 6


def find_addresses(words: Sequence[Word], streets: Sequence[str]) -> list[Span]:
    """Spans from the house number to the street type or the flat's number behind it."""
    known = {" ".join(_street_words(street)) for street in streets} - {""}
    lone = {name for name in known if " " not in name}
    parts = {part for name in known if " " in name for part in name.split() if len(part) > 3} | lone
    found = []
    for at, word in enumerate(words):
        for length in range(1, min(_NAME_WORDS + 1, len(words) - at) + 1):
            if " ".join(each.low for each in words[at : at + length]) in known:
                found.append(_grown(words, at, at + length - 1))
        if word.low in parts - lone and _beside_number_or_type(words, at):
            found.append(_grown(words, at, at))
        if word.low in _TYPES:
            found += _by_form(words, at)
    return found


def _by_form(words: Sequence[Word], at: int) -> list[Span]:
    """A street type with a number at most three words before it."""
    for back in range(1, _NAME_WORDS + 1):
        if at - back > 0 and is_number(words[at - back - 1].low):
            return [_grown(words, at - back, at)]
    return []


def _grown(words: Sequence[Word], first: int, last: int) -> Span:
    """Back over the house number, on over the street type and the flat.

    Between a number and name and what follows stands the type, whatever the recogniser heard there.
    """
    begin = _number_before(words, first)
    if begin > 0 and begin < first and _out_of_place(words[begin - 1].low):
        begin -= 1  # the number's first word was misheard
    end = last
    if end + 1 < len(words) and words[end].low not in _TYPES:
        end += words[end + 1].low in _TYPES or begin < first
    if end + 2 < len(words) and words[end + 1].low in _UNITS and is_number(words[end + 2].low):
        end += 2
        while end + 1 < len(words) and is_number(words[end + 1].low):
            end += 1
    return span_of(words, begin, end, "address")


def _number_before(words: Sequence[Word], at: int) -> int:
    """The first word of the number that ends before `at`, over one word that may have been misheard."""
    first = at
    while first > 0 and at - first < _LONGEST_NUMBER:
        if is_number(words[first - 1].low) or (first < at and words[first - 1].low in JOINERS):
            first -= 1
        elif first > 1 and is_number(words[first - 2].low) and words[first - 1].low not in PREPOSITIONS - {"to", "for"}:
            first -= 2
        else:
            break
    return first


def _out_of_place(low: str) -> bool:
    return low in FUNCTION_WORDS and low not in PREPOSITIONS and low not in ("is", "and")


def _beside_number_or_type(words: Sequence[Word], at: int) -> bool:
    near = [words[other].low for other in (at - 1, at - 2, at + 1, at + 2) if 0 <= other < len(words)]
    return any(low in _TYPES or is_number(low) for low in near)


def _street_words(street: str) -> list[str]:
    """ "12 Oak Hill Road Apt. 3" -> oak hill: without number, type and unit."""
    kept: list[str] = []
    for low in (word.low for word in words_of(street)):
        if low in _UNITS:
            break
        if not low.isdigit():
            kept.append(low)
    return kept[:-1] if len(kept) > 1 and kept[-1] in _TYPES else kept
