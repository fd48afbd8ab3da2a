"""Finds full names wherever they stand: two words of no dictionary, one beside a given name, or behind an initial.

Only where a lexicon tells words from names. Places are no names. Celebrities stay: artists whom somebody wants to
hear, and whoever is asked about as one asks about celebrities ("how old is tom hanks").
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.gazetteer import is_place
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, has_phrase, shortened, span_of
from gateway.redact.people.candidates import is_strange, may_be_somebody, name_end
from gateway.redact.people.things import things_and_places

_PERSON = "person"
_LEAST_LETTERS = 3  # of each word


def find_full_names(words: Sequence[Word], known: Sequence[Span], locale: Locale) -> list[Span]:
    """Spans of full names; none in a language without lexicon. `known` are those found already, whose labels count."""
    n = locale.names
    if not n.relations_before_names or any(word.low in n.shows for word in words):
        return []
    if has_phrase([word.low for word in words], n.trivia):
        return []
    full = list(_full(words, locale))
    elsewhere = things_and_places(words, locale) if full else frozenset()
    somebody = [(first, last) for first, last in full if not elsewhere >= set(range(first, last + 1))]
    return [span for first, last in somebody for span in _beside(words, first, last, known)]


def _beside(words: Sequence[Word], first: int, last: int, known: Sequence[Span]) -> Iterator[Span]:
    """The full name with the label of the known one that it holds; nothing if every word is known."""
    over = [span for span in known if span.start < words[last].end and words[first].start < span.end]
    covered = all(any(s.start <= word.start and word.end <= s.end for s in over) for word in words[first : last + 1])
    if not (over and covered):
        yield span_of(words, first, last, over[0].label if over else _PERSON)


def _full(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(words):
        last = name_end(words, at, locale) if may_be_somebody(words, at, locale) else at
        initial = at > 0 and len(words[at - 1].low) == 1 and words[at].gap.startswith(".")
        if (last > at and _is_full(words, at, last, locale)) or (initial and is_strange(words, at, locale)):
            yield at, last
        at = last + 1


def _is_full(words: Sequence[Word], first: int, last: int, locale: Locale) -> bool:
    lows = [word.low for word in words[first : last + 1]]
    strange = any(is_strange(words, at, locale) for at in range(first, last + 1))
    short = any(len(low) < _LEAST_LETTERS and low not in locale.names.particles for low in lows)
    owned = any(shortened(word) for word in words[first:last])
    alphabetic = all(low.replace("'", "").isalpha() for low in lows)
    typed = lows[-1] in locale.addresses.types | locale.addresses.weak_types
    n = locale.names
    verb = lows[0] in n.sends | n.verbs | n.calling | n.talks | locale.numbers.fillers
    return (
        strange and alphabetic and not (short or owned or typed or verb or lows[-1] in n.family_nouns or is_place(lows))
    )
