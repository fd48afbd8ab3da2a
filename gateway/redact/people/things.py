"""Tells where a word that no dictionary has is a thing's or a place's name, and nobody's.

"A gastropub", "open zvooq", "add sriracha to the shopping list", "souvlaki cuisine", "the ouachita national forest",
"in kaneville maryland". A word that is known as somebody's name stays one in all but the places.
"""

from collections.abc import Iterator, Sequence

from gateway.redact.language.gazetteer import is_large_place, is_place, is_region
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, phrase_length, shortened
from gateway.redact.people.candidates import is_strange

_LONGEST_PLACE = 4  # words
_LONGEST_REGION = 3


def things_and_places(words: Sequence[Word], locale: Locale) -> frozenset[int]:
    """The places of words in `words` that name things and places."""
    people = locale.names.people
    things = (at for at in _things(words, locale) if words[at].low not in people)
    return frozenset({*places(words, locale), *things})


def is_title(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether word `at` stands in what somebody wants to hear or see: "play hello by adele", not "play and call X"."""
    t = locale.things
    for here in range(at - 1, -1, -1):
        if words[here].low in t.played:
            return True
        if words[here].low in t.stops or words[here + 1].gap.strip(" '-"):
            return False
    return any(word.low in t.records for word in words[at:])


def places(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """The words of places on the map, and of whatever stands behind "near"."""
    lows, names = [word.low for word in words], locale.names
    for at in range(len(words)):
        for length in range(_LONGEST_PLACE, 0, -1):
            part = lows[at : at + length]
            known = is_place(part) if length > 1 else _is_town(words, at, locale)
            if len(part) == length and known:
                yield from range(at, at + length)
                break
        if not at:
            continue
        last = _strange_end(words, at, locale)
        behind = [lows[here : here + n] for here in range(at + 1, last + 2) for n in range(1, _LONGEST_REGION + 1)]
        before_region = any(map(is_region, behind))
        aimed = at > 1 and lows[at - 2] in names.aimed  # "shout at X"
        if (lows[at - 1] in names.nears and not aimed and not shortened(words[at])) or (
            lows[at - 1] in names.wheres and before_region
        ):
            yield from range(at, last + 1)


def _is_town(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether one word is a place: a large one, or one behind a word for where. Small towns share names with people."""
    low, n = words[at].low, locale.names
    if low in n.people:
        return False
    return is_large_place(low) or (at > 0 and words[at - 1].low in n.wheres and is_place([low]))


def _things(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    t, objects = locale.things, set(_objects(words, locale))
    for at in range(len(words)):
        last = _strange_end(words, at, locale)
        if last < at or shortened(words[last]):
            continue
        before = words[at - 1].low if at else ""
        behind = words[last + 1].low if last + 1 < len(words) else ""
        called = before in t.articles and not words[at].gap.strip()
        ends = not behind or behind in locale.function_words
        begun = at in objects and ends
        if called or behind in t.kinds or before in t.served or begun or _on_list(words, at, locale):
            yield from range(at, last + 1)


def _objects(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """Where the object of a verb stands that only things have: "open X", "put on the X"."""
    for at in range(len(words)):
        length = phrase_length(words, at, locale.things.started)
        first = at + length
        if length:
            yield first + (first < len(words) and words[first].low in locale.functions.articles)


def _on_list(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """ "add sriracha and oreos to the list": between what puts things on a list and the list."""
    t = locale.things
    verbs = [here for here in range(at) if words[here].low in t.listed]
    lists = [here for here in range(at + 1, len(words)) if words[here].low in t.lists]
    if not verbs or not lists:
        return False
    return not any(word.low in locale.names.kept_for | locale.names.froms for word in words[verbs[-1] : at])


def _strange_end(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last of the strange words from `at`; `at` - 1 where none stands there."""
    last = at - 1
    while last + 1 < len(words) and is_strange(words, last + 1, locale):
        if last >= at and (shortened(words[last]) or words[last + 1].gap.strip(" -")):
            break
        last += 1
    return last
