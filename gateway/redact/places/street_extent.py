"""How far an address reaches from a word of it: back to the house number, on to the street type and the flat."""

from collections.abc import Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, shortened, span_of
from gateway.redact.places.flats import numbers_a_flat

NAME_WORDS = 3
LONGEST_NUMBER = 8
_LIKE_NUMBERS = {"to", "for", "on", "at"}  # what "two", "four", "one" and "eight" are misheard as


def whole_street(words: Sequence[Word], first: int, last: int, locale: Locale, *, typed: bool = False) -> Span:
    """The span of a street with its house number, street type and flat, or with a number behind it.

    The word behind a number and a name is the street type, whatever the recogniser heard there.
    """
    a = locale.addresses
    types = a.types | a.weak_types
    begin = number_before(words, first, locale)
    if begin > 0 and begin < first and _out_of_place(words[begin - 1], locale):
        begin -= 1  # the number's first word was misheard
    if 1 < begin < first and words[begin - 1].low in locale.numbers.within:
        begin -= words[begin - 2].low in locale.functions.prepositions  # "to and seventy five": "one", misheard
    if not a.number_first and begin > 0 and words[begin - 1].low in types | a.prefixes:
        begin -= 1
    begin = _unit_before(words, begin, locale)
    if begin < first and typed and a.number_first:
        begin = _house_name_before(words, begin, locale)
    end = last
    if end + 1 < len(words) and not typed:
        verb = words[end + 1].low in locale.functions.inflected
        end += words[end + 1].low in types or (begin < first and a.number_first and not verb)
    end = unit_after(words, end, locale)
    if (begin == first and end == last) or not a.number_first:
        end = max(end, number_after(words, end, locale))
    return span_of(words, begin, end, "address")


def _house_name_before(words: Sequence[Word], begin: int, locale: Locale) -> int:
    """Back over a house's name before its number: "to the old mill eleven quarry road"."""
    first = begin
    while first > 0 and begin - first < NAME_WORDS and _names_a_house(words[first - 1].low, locale):
        first -= 1
    article = first > 0 and words[first - 1].low in locale.functions.articles
    bound = words[first - 1 - article].low if first - 1 - article >= 0 else ""
    named = first < begin and article and bound in locale.functions.prepositions | locale.names.named_by
    return first - 1 if named else begin


def _names_a_house(low: str, locale: Locale) -> bool:
    return may_name(low, locale) and not is_number(low, locale) and low not in locale.numbers.fillers


def may_name(low: str, locale: Locale) -> bool:
    """Whether a word may be part of a street's name: no function word, no number in digits."""
    return low not in locale.function_words | locale.addresses.not_names and not low.isdigit()


def unit_after(words: Sequence[Word], end: int, locale: Locale) -> int:
    """The last word of "apartment 5 b" behind a street, of "piso dos puerta c", or of "bajo izquierda"."""
    a = locale.addresses
    while end + 2 < len(words) and words[end + 1].low in a.units and words[end + 2].low in a.sides:
        end += 2
    if end + 2 < len(words) and words[end + 1].low in locale.addresses.units and numbers_a_flat(words, end + 2, locale):
        end += 2
        while end + 1 < len(words) and numbers_a_flat(words, end + 1, locale):
            end += 1
        return unit_after(words, end, locale)
    if (end + 1 < len(words) and words[end + 1].gap.endswith("#") and is_number(words[end + 1].low, locale)) or (
        end + 1 < len(words) and words[end + 1].low in a.floors
    ):
        end += 1
    elif _written_ordinal(words, end + 1):
        door = words[end + 2].low if end + 2 < len(words) else ""
        end += 2 if len(door) == 1 or door in a.sides else 1
    elif end + 1 < len(words) and not locale.addresses.number_first and words[end + 1].low in locale.numbers.ordinals:
        door = words[end + 2].low if end + 2 < len(words) else ""
        end += 2 if len(door) == 1 or door in locale.addresses.sides else 1
    return end


def _written_ordinal(words: Sequence[Word], at: int) -> bool:
    """Whether the sign of an ordinal stands behind a number: the "º" of "3.º C"."""
    return (
        0 < at < len(words)
        and words[at].low in ("o", "a")
        and words[at].gap in (".", "")
        and words[at - 1].low.isdigit()
    )


def _unit_before(words: Sequence[Word], begin: int, locale: Locale) -> int:
    """Back over "apartment twelve c at" before a street; "room 5 at" is rather a place than a home."""
    homes = locale.addresses.units - {"room", "floor"}
    if begin and words[begin - 1].low in homes:
        return begin - 1
    if begin < 3 or words[begin - 1].low not in locale.functions.prepositions:
        return begin
    first = begin - 1
    while first > 0 and begin - first < LONGEST_NUMBER and numbers_a_flat(words, first - 1, locale):
        first -= 1
    flat = first < begin - 1 and first > 0 and words[first - 1].low in homes
    return first - 1 if flat else begin


def number_before(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The first word of the number that ends before `at`. One word between may be misheard."""
    first, n, prepositions = at, locale.numbers, locale.functions.prepositions - _LIKE_NUMBERS
    while first > 0 and at - first < LONGEST_NUMBER:
        low = words[first - 1].low
        half = first < at and words[first].low in n.fractions and low in locale.functions.articles
        if is_numeral(words, first - 1, locale) or half or (first < at and low in n.joiners | n.within):
            first -= 1
        elif (
            first > 1
            and is_number(words[first - 2].low, locale)
            and low not in prepositions | locale.addresses.not_names
        ) or (
            first == at and low in locale.addresses.prefixes and first > 1 and is_number(words[first - 2].low, locale)
        ):
            first -= 2
        else:
            break
    while first < at and words[first].low in n.joiners | n.within:
        first += 1
    return first


def number_after(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of a number behind word `at`. "number" may stand before it."""
    end = at
    start = at + 1
    if start + 1 < len(words) and words[start].low in locale.addresses.numbers:
        start += 1
    while (
        start < len(words)
        and start - at <= LONGEST_NUMBER
        and (is_number(words[start].low, locale) or (end > at and words[start].low in locale.numbers.within))
    ):
        end = start
        start += 1
    while end > at and words[end].low in locale.numbers.within:
        end -= 1
    half = next((here for here in range(end + 1, min(len(words), end + 4)) if is_numeral(words, here, locale)), end)
    return half if end > at and words[half].low in locale.numbers.fractions else end


def is_numeral(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """A number, or the fraction behind one: "and a half"."""
    n = locale.numbers
    fraction = words[at].low in n.fractions and bool({word.low for word in words[max(0, at - 2) : at]} & n.within)
    return fraction or is_number(words[at].low, locale)


def _out_of_place(word: Word, locale: Locale) -> bool:
    low = word.low
    return (
        low in locale.function_words
        and not shortened(word)
        and low not in locale.functions.prepositions
        and low not in ("is", "and", "es", "y")
    )
