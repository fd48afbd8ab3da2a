"""Finds names of people whom somebody asks about, calls into the room, or has on the line.

"Who is X", "is X home yet", "did X leave a message", "put X on speaker", "X can you come here", "X is my eldest".
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.gazetteer import is_place
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, phrase_length, shortened, span_of
from gateway.redact.people.candidates import is_named_so, is_nobody, is_strange, may_be_somebody, name_end

_PERSON = "person"
_AT_MOST = 3  # words of a name where no lexicon tells names from words
_MINE = 2  # words behind "is": "is my eldest"


def find_asked(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of names in questions about people, and of whoever is spoken to or of in the room."""
    asked = [
        found
        for found in (*_who(words, locale), *_does(words, locale), *_did(words, locale))
        if not is_place([word.low for word in words[found[0] : found[1] + 1]])
    ]
    found = [
        *asked,
        *_whether(words, locale),
        *_called(words, locale),
        *_on_the_line(words, locale),
        *_spoken_to(words, locale),
        *_ranked(words, locale),
        *_labelled(words, locale),
        *_mine(words, locale),
        *_and_me(words, locale),
        *_in_rooms(words, locale),
    ]
    return [span_of(words, first, last, _PERSON) for first, last in found]


def _end(words: Sequence[Word], at: int, locale: Locale) -> int | None:
    """The last word of a name that begins at `at`; None where none does."""
    if locale.names.relations_before_names:
        return name_end(words, at, locale) if may_be_somebody(words, at, locale) else None
    if at >= len(words) or not is_named_so(words, at, locale):
        return None
    last = at
    while last + 1 < len(words) and last - at + 1 < _AT_MOST and not words[last + 1].gap.strip():
        particle = words[last + 1].low in locale.names.particles and last + 2 < len(words)
        if not particle and not is_named_so(words, last + 1, locale):
            break
        last += 2 if particle else 1
    return min(last, len(words) - 1)


def _who(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "who is X": to the end, or before a word that holds a sentence together."""
    n = locale.names
    for at in range(len(words)):
        first = at + phrase_length(words, at, n.asked_who)
        for last in _ends(words, first, locale) if first > at else ():
            ends = last + 1 == len(words)
            if ends or (n.relations_before_names and words[last + 1].low in locale.function_words):
                yield first, last
                break


def _whether(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "is X home yet", "did X leave a message", "está X en casa": between a helping verb and what only people do."""
    n = locale.names
    helping = locale.functions.auxiliaries & (n.asked | locale.functions.inflected | n.asked_whether)
    for at in range(len(words) - 2):
        if words[at].low not in helping or shortened(words[at]):
            continue
        for last in _ends(words, at + 1, locale):
            placed = last + 1 < len(words) and words[last + 1].low in n.place_tails
            place = placed and is_place([word.low for word in words[at + 1 : last + 1]])
            if phrase_length(words, last + 1, n.asked_of | n.whereabouts) and not place:
                yield at + 1, last
                break


def _does(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "X goes to", "X wants": a word of no dictionary before what somebody does."""
    for at in range(len(words) - 1):
        if words[at + 1].low in locale.names.does and is_strange(words, at, locale) and not shortened(words[at]):
            yield at, at


def _did(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "has X had her lunch", "where did X put the keys": before a verb that is not said of a business."""
    n = locale.names
    for at in range(len(words) - 2):
        if words[at].low not in n.asked & locale.functions.inflected or not n.relations_before_names:
            continue
        behind = words[at + 2]
        verb = (
            not is_nobody(words, at + 2, locale) and behind.low not in n.sells and not is_strange(words, at + 2, locale)
        )
        if is_strange(words, at + 1, locale) and (verb or behind.low in n.has) and not behind.gap.strip():
            yield at + 1, at + 1


def _called(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "the guy next door is called X": where a person was spoken of."""
    n = locale.names
    for at in range(2, len(words)):
        called = words[at - 1].low in n.named_by and words[at - 2].low in n.named_by
        if called and any(word.low in n.persons for word in words[:at]) and is_strange(words, at, locale):
            yield at, name_end(words, at, locale)


def _ends(words: Sequence[Word], at: int, locale: Locale) -> list[int]:
    """Where a name from `at` may end, the likeliest first. One word more may be the family's: "donald trump"."""
    last = _end(words, at, locale)
    if last is None:
        return []
    further = not is_nobody(words, last + 1, locale) and not words[last + 1].gap.strip() and not shortened(words[last])
    return [*range(last, last + further + 1), *range(last - 1, at - 1, -1)]


def _on_the_line(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "put X on speaker", "pon a X en altavoz"."""
    n = locale.names
    for at in range(len(words) - 2):
        if words[at].low not in n.connects:
            continue
        first = at + 1 + (n.towards_needed and words[at + 1].low in n.towards)
        for last in _ends(words, first, locale):
            if phrase_length(words, last + 1, n.on_line):
                yield first, last
                break


def _spoken_to(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "X, can you come here", "X ven", "no X stop it": whoever a sentence opens with that goes on as to a person."""
    n = locale.names
    opening = locale.numbers.fillers | n.interjections
    first = next((at for at, word in enumerate(words) if word.low not in opening), len(words))
    if first + 1 >= len(words) or words[first].low in n.verbs | n.sends | n.nouns | n.after_here:
        return
    alone = not is_nobody(words, first + 1, locale) and not n.relations_before_names
    last = first if alone else _end(words, first, locale)
    if last is None or last + 1 >= len(words) or not is_named_so(words, first, locale):
        return
    comma = words[last + 1].gap.strip() == "," and is_strange(words, first, locale) and n.relations_before_names
    if comma or phrase_length(words, last + 1, n.calls_to):
        yield first, last


def _ranked(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "grandpa X can't hear", "officer X": behind what somebody is to others."""
    for at in range(len(words) - 1):
        if words[at].low in locale.names.ranks and not shortened(words[at]) and is_strange(words, at + 1, locale):
            yield at + 1, name_end(words, at + 1, locale)


def _labelled(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "first name X last name Y", "new contact X", "ask for X"."""
    n = locale.names
    for at in range(len(words)):
        first = at + phrase_length(words, at, n.labels)
        if first == at:
            continue
        first += first < len(words) and words[first].low in n.named_by
        last = _end(words, first, locale)
        if last is not None:
            yield first, last
        elif first < len(words) and words[first].low in n.family_words:
            yield first, first


def _mine(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "X is my eldest", "X is our neighbour"."""
    n = locale.names
    for at in range(1, len(words) - _MINE):
        mine = words[at].low in n.named_by and words[at + 1].low in n.mine
        if not mine or words[at + 2].low not in n.relations | n.eldest or not is_strange(words, at - 1, locale):
            continue
        first = at - 2 if at > 1 and is_strange(words, at - 2, locale) and n.relations_before_names else at - 1
        if first == 0 or words[first - 1].low in locale.function_words | locale.numbers.fillers:
            yield first, at - 1


def _and_me(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "X and i": who does something together with the speaker."""
    n = locale.names
    tied = locale.ties
    for at in range(len(words) - 2):
        both = words[at + 1].low in tied and words[at + 2].low in n.selves_tied
        if both and is_strange(words, at, locale) and not words[at + 1].gap.strip():
            yield at, at


def _in_rooms(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int]]:
    """ "in wolfgangs room", "la luz del cuarto de X": whose room it is."""
    n, f = locale.names, locale.functions
    for at in range(1, len(words) - 1):
        if n.relations_before_names:
            if words[at + 1].low in n.rooms and words[at - 1].low in f.prepositions and is_strange(words, at, locale):
                yield at, at
        elif words[at - 1].low in n.rooms and words[at].low in n.of and words[at + 1].low not in n.room_kinds:
            last = _end(words, at + 1, locale)
            if last is not None and words[at + 1].low not in n.relations:
                yield at + 1, at + 1
