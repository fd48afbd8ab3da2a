"""Finds homes by their number where it does not stand right before the street.

"Number forty eight on pemberton lane", "wisteria terrace at number eleven", "thirty three avenue c", "88 larkspur way"
and nothing else, "número doce de la calle sotomayor".
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, phrase_length, span_of
from gateway.redact.places.street_extent import NAME_WORDS, may_name, number_after, number_before, unit_after

_HOUSE_DIGITS = 3
_TYPE_REACH = 4  # words between a street and its number behind


def find_numbered(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """Spans of numbers with their street, or of the number alone where the street was found by itself."""
    for first, last in (
        *_tied(words, locale),
        *_number_behind(words, locale),
        *_number_alone(words, locale),
        *_unit_in_named(words, locale),
        *_lettered(words, locale),
        *_alone(words, locale),
        *_house_at(words, locale),
        *_called_house(words, locale),
    ):
        yield span_of(words, first, last, "address")


def _types(locale: Locale) -> frozenset[str]:
    return locale.addresses.types | locale.addresses.weak_types


def _digits(words: Sequence[Word], first: int, last: int, locale: Locale) -> str:
    return "".join(item.digits for item in items_of(words[first : last + 1], locale))


def _is_clock(digits: str) -> bool:
    return len(digits) <= 2 or (len(digits) <= 4 and 1 <= int(digits[:-2]) <= 12 and int(digits[-2:]) < 60)


def _tied(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "number forty eight on pemberton lane", "nineteen eleven on larchmont boulevard"."""
    a = locale.addresses
    for at in range(1, len(words) - 2):
        if words[at].low not in a.tied or not is_number(words[at - 1].low, locale):
            continue
        begin = number_before(words, at, locale)
        called = begin > 0 and words[begin - 1].low in a.numbers
        digits = _digits(words, begin, at - 1, locale)
        if not called and (len(digits) < _HOUSE_DIGITS or _is_clock(digits) or not a.number_first):
            continue
        first = at + 1 + (words[at + 1].low in locale.functions.articles)
        last = _street(words, first, locale)
        if last is not None:
            yield begin - called, last


def _street(words: Sequence[Word], first: int, locale: Locale) -> int | None:
    """The last word of a street that begins at `first`: its name before the type, or behind it."""
    types = _types(locale)
    if not locale.addresses.number_first:
        last = first
        while last + 1 < len(words) and last - first < NAME_WORDS:
            tied = words[last + 1].low in locale.names.particles and last + 2 < len(words)  # "paseo del prado"
            if not may_name(words[last + 1 + tied].low, locale):
                break
            last += 1 + tied
        return last if first < len(words) and words[first].low in types and last > first else None
    for last in range(first + 1, min(len(words), first + 1 + NAME_WORDS)):
        if not may_name(words[last - 1].low, locale):
            return None
        if words[last].low in types:
            return last
    return None


def _number_behind(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "wisteria terrace at number eleven", "county road forty two number six"."""
    a = locale.addresses
    for at in range(2, len(words) - 1):
        if words[at].low not in a.numbers or not is_number(words[at + 1].low, locale):
            continue
        before = [word.low for word in words[max(0, at - _TYPE_REACH) : at]]
        near = [number for number, low in enumerate(before) if number and low in _types(locale)]
        behind = before[near[-1] + 1 :] if near else ["-"]
        last = number_after(words, at, locale)
        short = len(_digits(words, at + 1, last, locale)) < _HOUSE_DIGITS  # a longer one is a number by itself
        if short and all(low in locale.functions.prepositions or is_number(low, locale) for low in behind):
            yield at, last


def _number_alone(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "my neighbour at number nineteen", "we live at number four b": where somebody is spoken of who lives there."""
    a = locale.addresses
    who = a.lived | locale.names.relations
    for at in range(2, len(words) - 1):
        placed = words[at].low in a.numbers and words[at - 1].low in locale.functions.prepositions
        if not placed or not is_number(words[at + 1].low, locale) or not any(word.low in who for word in words[:at]):
            continue
        last = number_after(words, at, locale)
        last += last + 1 < len(words) and _is_letter(words[last + 1].low, locale)
        ends = last + 1 == len(words) or words[last + 1].low in locale.function_words | locale.functions.inflected
        if ends and len(_digits(words, at + 1, last, locale)) <= _HOUSE_DIGITS:
            yield at, last


def _is_letter(low: str, locale: Locale) -> bool:
    return len(low) == 1 and low.isalpha() and low not in locale.function_words


def _unit_in_named(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "unit nine the old dairy mill lane", "flat two the granary": a unit of something that has a name."""
    a = locale.addresses
    types = _types(locale) | a.houses
    for at in range(len(words) - 3):
        if words[at].low not in a.units or not a.number_first or not is_number(words[at + 1].low, locale):
            continue
        article = number_after(words, at, locale) + 1
        if article >= len(words) or words[article].low not in locale.functions.articles:
            continue
        last = article
        while last + 1 < len(words) and last - article <= NAME_WORDS and may_name(words[last + 1].low, locale):
            last += 1
        while last > article + 1 and words[last].low not in types:
            last -= 1
        if last > article + 1:
            yield at, last


def _lettered(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "thirty three avenue c apartment two f": a street that is called by a letter."""
    for at in range(1, len(words) - 1):
        letter = len(words[at + 1].low) == 1 and words[at + 1].low.isalpha()
        ends = at + 2 == len(words) or words[at + 1].low not in locale.function_words
        if words[at].low in locale.addresses.types and letter and ends and is_number(words[at - 1].low, locale):
            yield number_before(words, at, locale), unit_after(words, at + 1, locale)


def _alone(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "88 Larkspur Way, Gold Hill" and nothing else: number, name, a type that is an ordinary word, and a town."""
    a, fillers = locale.addresses, locale.numbers.fillers | locale.functions.sentence_ends
    opening = fillers | a.places | locale.dates.answering
    first = next((at for at, word in enumerate(words) if word.low not in opening), len(words))
    if not a.number_first or first >= len(words) or not is_number(words[first].low, locale):
        return
    last = number_after(words, first - 1, locale)
    for typed in range(last + 2, min(len(words), last + 2 + NAME_WORDS)):
        if not all(may_name(word.low, locale) for word in words[last + 1 : typed]):
            return
        if words[typed].low not in a.weak_types | a.vague_types:
            continue
        behind = words[typed + 1 :]
        town = bool(behind) and behind[0].gap.strip() == "," and len(behind) <= NAME_WORDS
        if town or all(word.low in fillers for word in behind):
            yield first, len(words) - 1 if town else typed
        return


def _house_at(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "the blue house at nine hundred and two tamarack": a house, its number, and a name that ends the sentence."""
    a = locale.addresses
    for at in range(1, len(words) - 2):
        if words[at].low not in locale.functions.prepositions or words[at - 1].low not in a.homes:
            continue
        if not a.number_first or not is_number(words[at + 1].low, locale):
            continue
        last = number_after(words, at, locale)
        end = last
        while end + 1 < len(words) and end - last < NAME_WORDS and may_name(words[end + 1].low, locale):
            end += 1
        digits = _digits(words, at + 1, last, locale)
        amount = any(word.low in locale.numbers.magnitudes for word in words[at + 1 : last + 1])
        ends = end + 1 == len(words) or words[end + 1].low in locale.function_words
        if end > last and ends and len(digits) >= _HOUSE_DIGITS and (amount or not _is_clock(digits)):
            yield at + 1, end


def _called_house(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "the house number is twenty three b": a number that is called one, and the letter behind it."""
    patter = locale.names.named_by | locale.numbers.fillers
    for at in range(len(words)):
        first = at + phrase_length(words, at, locale.addresses.house_cues)
        while first > at and first < len(words) and words[first].low in patter:
            first += 1
        if first == at or first >= len(words) or not is_number(words[first].low, locale):
            continue
        last = number_after(words, first - 1, locale)
        letter = last + 1
        while letter < len(words) and words[letter].low in locale.numbers.fillers:
            letter += 1
        lettered = letter < len(words) and _is_letter(words[letter].low, locale)
        yield first, letter if lettered else last
