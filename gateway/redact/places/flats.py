"""Finds homes that are named without a street: "harbour steps suite four hundred", "flat six beaumont house".

The word for a home and its number say it. A name may stand before them or behind them.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, span_of

_NAME_WORDS = 3
_LONGEST_NUMBER = 8
_PLACE_REACH = 5  # words before a home in which a place is spoken of


def find_flats(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """Spans from the name of a building, or from the word for a home, to the last word of its number or name."""
    at = 0
    while at < len(words):
        last = _home_at(words, at, locale)
        if last is None:
            at += 1
            continue
        strong = words[at].low in locale.addresses.flats or _numbered_and_lettered(words, at, last, locale)
        first, end = at, last
        while end + 1 < len(words) and (further := _home_at(words, end + 1, locale)) is not None:
            strong = strong or words[end + 1].low in locale.addresses.flats
            end = further
        named = _name_before(words, first, locale)
        end = _name_behind(words, end, locale)
        ahead = {word.low for word in words[max(0, first - _PLACE_REACH) : first]}
        if (strong and (named < first or end > last or _sure(words, first, last, locale))) or ahead & _living(locale):
            yield span_of(words, named, end, "address")
        at = end + 1


def numbers_a_flat(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a word is a number or a letter that numbers a flat: "twelve", "c"."""
    low = words[at].low
    return (
        is_number(low, locale)
        or (not locale.addresses.number_first and low in locale.numbers.ordinals)
        or (len(low) == 1 and low.isalpha() and low not in ("a", "i", "y"))
        or (low == "a" and at + 1 == len(words))
    )


def _home_at(words: Sequence[Word], at: int, locale: Locale) -> int | None:
    """The last word of "suite four hundred" that begins at `at`. None of an amount: "flat two days later"."""
    a, n = locale.addresses, locale.numbers
    if words[at].low not in a.flats | a.blocks or at + 1 >= len(words) or words[at + 1].gap.strip():
        return None
    last = at
    while last + 1 < len(words) and last - at < _LONGEST_NUMBER and numbers_a_flat(words, last + 1, locale):
        last += 1
    behind = words[last + 1].low if last + 1 < len(words) else ""
    return None if last == at or behind in n.counted | n.points | n.fractions | n.operations else last


def _numbered_and_lettered(words: Sequence[Word], at: int, last: int, locale: Locale) -> bool:
    """ "unit nine b": a number and a letter behind it say that "unit" is a home."""
    parts = [word.low for word in words[at + 1 : last + 1]]
    return len(parts) > 1 and len(parts[-1]) == 1 and parts[-1].isalpha() and is_number(parts[0], locale)


def _sure(words: Sequence[Word], first: int, last: int, locale: Locale) -> bool:
    """Whether "flat" or "suite" is no note and no piece of music: not "b flat c", and no letter alone."""
    note = first > 0 and len(words[first - 1].low) == 1
    numbered = any(is_number(word.low, locale) for word in words[first + 1 : last + 1])
    music = bool({word.low for word in words[:first]} & locale.addresses.media)
    return numbered and not note and not music


def _living(locale: Locale) -> frozenset[str]:
    return locale.addresses.lived | {"we're"}


def _name_before(words: Sequence[Word], first: int, locale: Locale) -> int:
    """The first word of a building's name before `first`: up to three words behind a preposition, "is" or a number."""
    a, f = locale.addresses, locale.functions
    begin = first
    while begin > 0 and first - begin < _NAME_WORDS and _may_name(words[begin - 1].low, locale):
        begin -= 1
    if begin == first or begin == 0:
        return first
    before = words[begin - 1].low
    held = before in f.prepositions | f.articles | locale.names.named_by or is_number(before, locale)
    return begin if held and not {word.low for word in words[:begin]} & a.media else first


def _name_behind(words: Sequence[Word], last: int, locale: Locale) -> int:
    """The last word of a building's name behind `last`: "beaumont house"."""
    a = locale.addresses
    at = last + (last + 1 < len(words) and words[last + 1].low in a.found_at)
    named = at + 1 < len(words) and words[at + 1].low in locale.functions.articles
    rest = words[at + 2 :] if named else []
    if 0 < len(rest) <= _NAME_WORDS and all(_may_name(word.low, locale) for word in rest):
        return len(words) - 1  # "unit nine b the old maltings", "at the foundry"
    for end in range(last + 2, min(len(words), last + 2 + _NAME_WORDS)):
        between = [word.low for word in words[last + 1 : end]]
        if not all(_may_name(low, locale) for low in between):
            break
        if words[end].low in a.houses:
            return end
    return last


def _may_name(low: str, locale: Locale) -> bool:
    never = locale.function_words | locale.numbers.fillers
    return low not in never and not is_number(low, locale) and len(low) > 1
