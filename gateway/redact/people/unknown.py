"""Takes a word that no dictionary has for a name, wherever it stands: "i saw lucie at the store".

This is the rule for all that the grammar of the other recognisers does not foresee. It doubts: a word is left only
where something shows that it is none of a person, such as a map, or talk of music and films.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.lexicon import has_word
from gateway.redact.language.locale import Locale, own_words
from gateway.redact.language.words import Word, has_phrase, is_number, shortened, span_of
from gateway.redact.people.candidates import is_strange
from gateway.redact.people.things import things_and_places

_PERSON, _CONTACT = "person", "contact"
_LEAST_LETTERS = 3


def find_unknown(words: Sequence[Word], taken: Sequence[Span], locale: Locale) -> list[Span]:
    """Spans of words that are taken for names. `taken` was found by others; a name beside it continues it."""
    lows = [word.low for word in words]
    titles = bool(set(lows) & locale.names.works) or has_phrase(lows, locale.names.trivia)
    elsewhere = things_and_places(words, locale)
    free = [not any(span.start < word.end and word.start < span.end for span in taken) for word in words]
    at, found = 0, list[Span]()
    while at < len(words):
        last = at
        strange = free[at] and at not in elsewhere and is_unknown(words, at, locale)
        if strange and not _is_read(words, at, locale) and (not titles or _acts(words, at, locale)):
            while last + 1 < len(words) and free[last + 1] and _goes_on(words, last, locale):
                last += 1
            first = _with_particles(words, at, locale)
            found.append(_beside(span_of(words, first, last, _PERSON), words, first, last, taken))
            found += [
                span_of(words, other, other, _PERSON) for other in _tied(words, first, last, locale) if free[other]
            ]
        at = last + 1
    return [*found, *_with_middle_initials(words, [*taken, *found], locale)]


def _acts(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """ "play something X would like", "don't let X watch that", "me and X": a person among talk of music and films."""
    n, joins = locale.names, locale.ties
    would = at + 1 < len(words) and words[at + 1].low in n.does and not shortened(words[at])
    mine = at > 1 and words[at - 1].low in joins and words[at - 2].low in n.selves_tied | locale.functions.pronouns
    return would or mine or (at > 0 and words[at - 1].low in n.allowed)


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


def _with_particles(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The first word of a name whose particles stand before `at`: "de la fontaine", "van der meer"."""
    particles = locale.names.particles - locale.function_words
    while at > 0 and words[at - 1].low in particles and not is_number(words[at - 1].low, locale):
        at -= 1
    return at


def _tied(words: Sequence[Word], first: int, last: int, locale: Locale) -> Iterator[int]:
    """Words beside a name, tied to it by "and", that are names as often as not: "prudence and mortimer"."""
    joins, given = locale.ties, locale.names.given_words
    if first > 1 and words[first - 1].low in joins and words[first - 2].low in given:
        yield first - 2
    if last + 2 < len(words) and words[last + 1].low in joins and words[last + 2].low in given:
        yield last + 2


def _goes_on(words: Sequence[Word], last: int, locale: Locale) -> bool:
    """Whether the name goes on behind `last`: with one more such word, or with a particle before one."""
    if words[last + 1].gap.strip(" -") or shortened(words[last]):
        return False
    here = last + 1
    if words[here].low in locale.names.particles - locale.function_words and here + 1 < len(words):
        here += 1
    return is_unknown(words, here, locale) or words[here].low in locale.names.family_words


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


def _with_middle_initials(words: Sequence[Word], spans: Sequence[Span], locale: Locale) -> list[Span]:
    """Spans over the letter between two parts of a name, and over a family name behind it: "abby m laidlaw"."""
    ends = {span.end: span for span in spans if span.label in (_PERSON, _CONTACT)}
    found = []
    for at in range(1, len(words) - 1):
        before, low = ends.get(words[at - 1].end), words[at].low
        letter = len(low) == 1 and low.isalpha() and low not in locale.function_words | locale.ties
        if not letter or before is None or (words[at].gap + words[at + 1].gap).strip(" ."):
            continue
        further = words[at + 1].low in locale.names.family_words or is_strange(words, at + 1, locale)
        if further:
            found.append(Span(start=before.start, end=words[at + 1].end, label=before.label))
    return found
