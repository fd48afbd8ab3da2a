"""Finds streets: the household's own however they are said, and anybody's by their form.

In English the form is <number> <words> <street type>. In Spanish it is <street type> <words> <number>.
"""

from collections.abc import Iterator, Sequence

import jellyfish

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, digits_in, is_number, only_phrases, span_of, words_of
from gateway.redact.people.alike import Known, find_known
from gateway.redact.places.coordinates import find_coordinates
from gateway.redact.places.crossings import find_crossings
from gateway.redact.places.flats import find_flats
from gateway.redact.places.homes import find_told_behind
from gateway.redact.places.numbered import find_numbered
from gateway.redact.places.street_extent import (
    LONGEST_NUMBER,
    NAME_WORDS,
    is_numeral,
    may_name,
    number_after,
    number_before,
    unit_after,
    whole_street,
)
from gateway.redact.places.workplaces import find_workplaces

_HOUSE_DIGITS = 3
_OWN_GAP = 3  # words between the household's house number and its street type
_LIVED_REACH = 4
_HOUSE_WORDS = frozenset({"at", "is", "to", "number", "address"})
_CORRECTED = 2  # words at least before a number that is corrected, itself and one of correction
_CORRECTION_WORDS = 6
_PLACE_REACH = 5  # words before a number in which a place is spoken of


def find_addresses(words: Sequence[Word], streets: Sequence[str], locale: Locale) -> list[Span]:
    """Spans from the house number to the street type, or to the number of the flat behind it."""
    names = [" ".join(_street_words(street, locale)) for street in streets]
    known = Known.of([name for name in names if name])
    found = [*_lived_at(words, locale), *_lived_on(words, locale)] if locale.addresses.number_first else []
    found += [*_boxes(words, locale), *_on_a_side(words, locale), *find_told_behind(words, locale)]
    found += [*find_crossings(words, locale), *find_coordinates(words, locale), *find_workplaces(words, locale)]
    found += find_numbered(words, locale)
    found += find_flats(words, locale)
    found += [whole_street(words, first, last, locale) for first, last in find_known(words, known, locale)]
    found += [span for street in streets for span in _own_form(words, street, locale)]
    parts = {part for name in names if " " in name for part in name.split() if len(part) > 3}
    a = locale.addresses
    for at, word in enumerate(words):
        if word.low in parts and _beside_number_or_type(words, at, locale):
            found.append(whole_street(words, at, at, locale))
        if word.low in a.types | a.weak_types | a.vague_types:
            form = _number_first(words, at, locale) if a.number_first else _type_first(words, at, locale)
            found += form
    return [_with_corrected(words, span, locale) for span in found]


def _boxes(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "p o box 771", "rural route three box one eighteen": the words for a post-office box and the numbers behind."""
    numbers = {item.first for item in items_of(words, locale)}
    ends = {phrase.split("_")[-1] for phrase in locale.addresses.boxes}
    for first in range(len(words)):
        for length in (3, 2, 1):
            after = first + length
            if "_".join(word.low for word in words[first:after]) in locale.addresses.boxes and after in numbers:
                last = number_after(words, after - 1, locale)
                if last + 2 in numbers and words[last + 1].low in ends:
                    last = number_after(words, last + 1, locale)
                yield span_of(words, first, last, "address")


def _on_a_side(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """A house number, a side of town and a street without its type: "twenty two fourteen southeast division"."""
    a = locale.addresses
    for at in range(2, len(words) - 1):
        if words[at].low not in a.directions or not may_name(words[at + 1].low, locale):
            continue
        begin = number_before(words, at, locale)
        digits = sum(len(item.digits) for item in items_of(words[begin:at], locale))
        ends = at + 2 == len(words) or words[at + 2].low in locale.function_words
        spoken_of = bool({word.low for word in words[max(0, begin - _PLACE_REACH) : begin]} & a.places)
        if digits >= _HOUSE_DIGITS and ends and spoken_of and not is_number(words[at + 1].low, locale):
            yield span_of(words, begin, at + 1, "address")


def _own_form(words: Sequence[Word], street: str, locale: Locale) -> list[Span]:
    """The household's house number before its street type. What stands between was misheard.

    One digit of the number may be lost or wrong.
    """
    said, types = words_of(street, locale), locale.addresses.types | locale.addresses.weak_types
    number = next((digits_in(word.low) for word in said if word.low[:1].isdigit()), "")
    own = {word.low for word in said if word.low in types}
    if len(number) < _HOUSE_DIGITS - 1 or not own:
        return []
    items, found = items_of(words, locale), list[Span]()
    for at, word in enumerate(words):
        if word.low not in own:
            continue
        before = [item for item in items if item.last < at and at - item.first <= LONGEST_NUMBER + _OWN_GAP]
        if not before or at - before[-1].last > _OWN_GAP + 1:
            continue
        starts = [("".join(item.digits for item in before[n:]), before[n].first) for n in range(len(before))]
        alike = [
            (digits != number, -start) for digits, start in starts if len(digits) > 1 and _alike_number(digits, number)
        ]
        if alike:
            found.append(span_of(words, -min(alike)[1], at, "address"))
    return found


def _alike_number(digits: str, number: str) -> bool:
    return (
        jellyfish.damerau_levenshtein_distance(digits, number) <= 1
        or number.startswith(digits)
        or number.endswith(digits)
    )


def _lived_at(words: Sequence[Word], locale: Locale) -> list[Span]:
    """A house number behind a word for living somewhere, with its street: "we live at seven oh five white harbors"."""
    a, found = locale.addresses, list[Span]()
    for item in items_of(words, locale):
        ahead = [word.low for word in words[max(0, item.first - _LIVED_REACH) : item.first]]
        near = [low for low in ahead if low in a.lived]
        if not near or not set(ahead[-2:]) & _HOUSE_WORDS:
            continue
        end = item.last
        while end + 1 < len(words) and is_number(words[end + 1].low, locale):
            end += 1
        start = end + 1
        while end + 1 < len(words) and end - start < NAME_WORDS and may_name(words[end + 1].low, locale):
            end += 1
        if end >= start:
            found.append(whole_street(words, start, end, locale, typed=True))
    return found


def _lived_on(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """A street without a number behind a word for living somewhere: "he lives on cranberry hollow lane"."""
    a = locale.addresses
    for at in range(1, len(words) - 1):
        ahead = {"_".join(word.low for word in words[first:at]) for first in (at - 1, max(0, at - 2))}
        home = any(word.low in a.homes for word in words[:at]) and words[at].low in a.tied
        named = words[at].low in locale.names.named_by and words[at - 1].low in a.types | a.lived
        here = home or named or (words[at].low == "on" and ahead & a.found_on)
        far = at > 1 and words[at - 1].low in locale.functions.others  # "lives up on"
        living = words[at - 1 - far].low in a.lived
        if not here and (not living or words[at].low not in locale.functions.prepositions):
            continue
        end = at
        while end + 1 < len(words) and end - at <= NAME_WORDS and may_name(words[end + 1].low, locale):
            end += 1
        typed = [here for here in range(at + 2, end + 1) if words[here].low in a.types | a.weak_types]
        if typed:
            yield span_of(words, at + 1, number_after(words, typed[-1], locale), "address")


def _with_corrected(words: Sequence[Word], span: Span, locale: Locale) -> Span:
    """`span` with a house number before it that it corrects: "twelve no sorry fourteen primrose mews"."""
    first = next((at for at, word in enumerate(words) if word.start == span.start), 0)
    if first < _CORRECTED or not is_number(words[first].low, locale):
        return span
    numbers = [at for at in range(max(0, first - _CORRECTION_WORDS), first) if is_number(words[at].low, locale)]
    between = [word.low for word in words[numbers[-1] + 1 : first]] if numbers else []
    if not between or not only_phrases(between, locale.numbers.corrections | locale.numbers.fillers):
        return span
    start = numbers[-1]
    while start > 0 and is_number(words[start - 1].low, locale):
        start -= 1
    return Span(start=words[start].start, end=span.end, label=span.label)


def _number_first(words: Sequence[Word], at: int, locale: Locale) -> list[Span]:
    """A street type at `at`, with a name before it and a number at most three words before."""
    a = locale.addresses
    for back in range(1, NAME_WORDS + 1):
        number = at - back - 1
        if number < 0:
            break
        if not is_numeral(words, number, locale):
            continue
        between = [word.low for word in words[number + 1 : at]]
        if is_number(between[0], locale):
            continue
        begin = number_before(words, number + 1, locale)
        if _is_street(words, begin, number, between, at, locale):
            return [whole_street(words, number + 1, at, locale, typed=True)]
        return []
    ordinal = at > 1 and words[at - 1].low in a.prefixes
    return (
        [whole_street(words, at - 1, at, locale, typed=True)]
        if ordinal and is_number(words[at - 2].low, locale)
        else []
    )


def _is_street(words: Sequence[Word], begin: int, number: int, between: Sequence[str], at: int, locale: Locale) -> bool:
    a = locale.addresses
    ahead = {word.low for word in words[max(0, begin - _PLACE_REACH) : begin]}
    if ahead & a.media and not ahead & (a.places - {"at", "find", "to", "near", "come", "number", "no"}):
        return False
    spoken_of = bool(ahead & a.places)
    between = between[len(between) > 1 and len(between[0]) == 1 :]  # "forty two a chestnut rise"
    named = [low for low in between if low not in locale.function_words and low not in a.not_names]
    if not named or set(between) & a.not_names or between[-1] in locale.functions.determiners:
        return False
    if any(low in locale.function_words for low in between):
        return False
    if words[at].low in a.types - a.weak_types:
        return True
    if words[at].low in a.vague_types:
        return spoken_of
    digits = sum(len(item.digits) for item in items_of(words[begin : number + 1], locale))
    long_number = digits >= _HOUSE_DIGITS or words[number].low in locale.numbers.fractions
    ends = at + 1 == len(words) or words[at + 1].low in locale.function_words | a.units
    return spoken_of or (long_number and ends)


def _type_first(words: Sequence[Word], at: int, locale: Locale) -> list[Span]:
    """A street type at `at`, its name, and a number at most five words behind. "number" may stand before that."""
    a = locale.addresses
    for ahead in range(at + 1, min(len(words), at + 7)):
        low = words[ahead].low
        if is_number(low, locale) and ahead > at + 1:
            between = {word.low for word in words[at + 1 : ahead]}
            if (
                is_number(words[at + 1].low, locale)
                and words[at].low in a.weak_types
                and words[at - 1].low not in a.prefixes
            ):
                return []  # "cuesta diecinueve noventa y nueve"
            if between & a.not_names or not between - locale.function_words:
                return []
            last = number_after(words, ahead - 1, locale)
            first = at - 1 if at and words[at - 1].low in a.prefixes else at  # "gran via"
            return [span_of(words, first, unit_after(words, last, locale), "address")]
    return []


def _beside_number_or_type(words: Sequence[Word], at: int, locale: Locale) -> bool:
    types = locale.addresses.types | locale.addresses.weak_types
    near = [words[other].low for other in (at - 1, at - 2, at + 1, at + 2) if 0 <= other < len(words)]
    return any(low in types or is_number(low, locale) for low in near)


def _street_words(street: str, locale: Locale) -> list[str]:
    """ "12 Oak Hill Road Apt. 3" -> oak hill, "Calle Mayor 12" -> mayor: without number, type and unit."""
    a, kept = locale.addresses, list[str]()
    types = a.types | a.weak_types
    for low in (word.low for word in words_of(street, locale)):
        if low in a.units and kept:
            break
        if not any(ch.isdigit() for ch in low):
            kept.append(low)
    if not a.number_first and len(kept) > 1 and kept[0] in types:
        kept = kept[1:]
    return kept[:-1] if len(kept) > 1 and kept[-1] in types else kept
