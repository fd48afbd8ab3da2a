"""Takes a word that no dictionary has for a name, wherever it stands: "i saw lucie at the store".

This is the rule for all that the grammar of the other recognisers does not foresee. It doubts: a word is left only
where something shows that it is none of a person, such as a map, or talk of music and films.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.gazetteer import is_large_place, is_place
from gateway.redact.language.lexicon import has_word
from gateway.redact.language.locale import Locale, own_words
from gateway.redact.language.words import Word, has_phrase, is_number, shortened, span_of
from gateway.redact.people.candidates import is_strange

_PERSON, _CONTACT = "person", "contact"
_LEAST_LETTERS = 3
_LONGEST_PLACE = 4  # words


def find_unknown(words: Sequence[Word], taken: Sequence[Span], locale: Locale) -> list[Span]:
    """Spans of words that are taken for names. `taken` was found by others; a name beside it continues it."""
    lows = [word.low for word in words]
    if set(lows) & locale.names.works or has_phrase(lows, locale.names.trivia):
        return []
    places = set(_places(words, locale))
    free = [not any(span.start < word.end and word.start < span.end for span in taken) for word in words]
    at, found = 0, list[Span]()
    while at < len(words):
        last = at
        strange = free[at] and at not in places and is_unknown(words, at, locale)
        if strange and not _is_read(words, at, locale):
            while last + 1 < len(words) and free[last + 1] and _goes_on(words, last, locale):
                last += 1
            found.append(_beside(span_of(words, at, last, _PERSON), words, at, last, taken))
        at = last + 1
    return found


def _is_read(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """ "read john three sixteen": a book with the number of what is to be read."""
    read = at > 0 and words[at - 1].low in locale.names.reads
    return read and at + 1 < len(words) and is_number(words[at + 1].low, locale)


def is_unknown(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether no dictionary has the word at `at`, or only as somebody's name."""
    low = words[at].low
    if low in own_words(locale.language):
        return False
    named = low in locale.names.people
    if len(low) < _LEAST_LETTERS or not low.replace("'", "").isalpha() or not (named or is_strange(words, at, locale)):
        return False
    return named or not (has_word(low, locale) or has_word(low.removesuffix("s"), locale))


def _goes_on(words: Sequence[Word], last: int, locale: Locale) -> bool:
    """Whether the name goes on behind `last`: with one more such word, or with a particle before one."""
    if words[last + 1].gap.strip(" -") or shortened(words[last]):
        return False
    here = last + 1
    if words[here].low in locale.names.particles - locale.function_words and here + 1 < len(words):
        here += 1
    return is_unknown(words, here, locale) or words[here].low in locale.names.family_words


def _places(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """The words of places on the map, and of whatever stands behind "near"."""
    lows = [word.low for word in words]
    for at in range(len(words)):
        for length in range(_LONGEST_PLACE, 0, -1):
            part = lows[at : at + length]
            known = is_place(part) if length > 1 else _is_town(words, at, locale)
            if len(part) == length and known:
                yield from range(at, at + length)
                break
        if at and lows[at - 1] in locale.names.nears and not shortened(words[at]):
            here = at
            while here < len(words) and is_unknown(words, here, locale):
                yield here
                here += 1


def _is_town(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether one word is a place: a large one, or one behind a word for where. Small towns share names with people."""
    low, n = words[at].low, locale.names
    if low in n.people:
        return False
    return is_large_place(low) or (at > 0 and words[at - 1].low in n.wheres and is_place([low]))


def _beside(span: Span, words: Sequence[Word], first: int, last: int, taken: Sequence[Span]) -> Span:
    """`span`, joined with the part of the name that another recogniser found right before or behind it."""
    for other in taken:
        if other.label not in (_PERSON, _CONTACT):
            continue
        if first and other.end == words[first - 1].end and not words[first].gap.strip(" -"):
            return Span(start=other.start, end=span.end, label=other.label)
        if last + 1 < len(words) and other.start == words[last + 1].start and not words[last + 1].gap.strip(" -"):
            return Span(start=span.start, end=other.end, label=other.label)
    return span
