"""Finds where a person works or goes to school: "my wife works at quillon logistics", "goes to saint brendan's school".

Kinds of places ("the hospital", "middle school") stay. A name shows by a word of no dictionary, or by the word for
what the place is behind or before it.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.gazetteer import is_place
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, span_of
from gateway.redact.people.candidates import is_strange

_NAME_WORDS = 4
_REACH = 4  # words between going somewhere and the name of the school


def find_workplaces(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of the names of places where people work or learn."""
    if locale.names.relations_before_names:
        found = [*_works_at(words, locale), *_schools(words, locale)]
    else:
        found = [*_kinds_first(words, locale)]
    return [span_of(words, first, last, "address") for first, last in found]


def _may_name(words: Sequence[Word], at: int, locale: Locale) -> bool:
    if not 0 <= at < len(words) or is_number(words[at].low, locale):
        return False
    return words[at].low not in locale.function_words | locale.numbers.fillers | locale.numbers.clock_after


def _works_at(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "works at X and Y", "i work for X": from a word of no dictionary to the end of the name."""
    a = locale.addresses
    tied = locale.ties
    for at in range(1, len(words) - 1):
        if words[at].low not in a.works_at or words[at - 1].low not in a.works or not is_strange(words, at + 1, locale):
            continue
        last = at + 1
        while last - at < _NAME_WORDS and _may_name(words, last + 1, locale) and not words[last + 1].gap.strip():
            last += 1
        if last + 2 < len(words) and words[last + 1].low in tied and _may_name(words, last + 2, locale):
            last += 2
        if not is_place([word.low for word in words[at + 1 : last + 1]]):
            yield at + 1, last


def _schools(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "goes to maple hollow school": a name before the word for a school, behind a word for going there."""
    a = locale.addresses
    for at, word in enumerate(words):
        if word.low not in a.schools:
            continue
        last = at
        while last + 1 < len(words) and words[last + 1].low in a.schools:
            last += 1
        first = at
        while first > 0 and at - first < _NAME_WORDS and _may_name(words, first - 1, locale):
            if words[first - 1].low in a.attends | locale.names.named_by:
                break
            first -= 1
        named = [each.low for each in words[first:at] if each.low not in a.generic_schools | a.schools]
        ahead = {each.low for each in words[max(0, first - _REACH) : first]}
        held = first > 0 and words[first - 1].low in locale.functions.prepositions | locale.names.named_by | a.attends
        if named and held and ahead & a.attends:
            yield first, last


def _kinds_first(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "trabaja en talleres X", "va al colegio X": what the place is, and its name behind."""
    a, f = locale.addresses, locale.functions
    for at in range(2, len(words) - 1):
        low = words[at].low
        kinds = (low in a.schools, a.attends), (low in a.businesses, a.works)
        ahead = {word.low for word in words[max(0, at - _REACH) : at]}
        before = words[at - 1].low in f.prepositions | f.articles
        if not before or not any(kind and ahead & verbs for kind, verbs in kinds):
            continue
        first = at + 1 + (words[at + 1].low in f.prepositions and at + 2 < len(words))
        last = first - 1
        while last - at < _NAME_WORDS and _may_name(words, last + 1, locale):
            last += 1
        if last >= first and first == at + 1:
            yield at, last
