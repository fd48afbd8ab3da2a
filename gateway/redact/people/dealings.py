"""Finds names of people whom somebody meets, hears from, celebrates or fetches: "lunch with priyanka", "jo's birthday".

The words around a place say that a person stands in it. A word of the language that is hardly ever a name stays.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, phrase_length, shortened, span_of
from gateway.redact.people.candidates import is_strange, may_be_somebody, name_end, names_from

_PERSON = "person"
_MET_REACH = 8  # words between a meeting and whom it is with
_MAIL_REACH = 8  # words between a message and whom it is from
_FETCHED_REACH = 4  # words behind a name in which the place stands that people are fetched from
_LEAST_SPELLED = 3  # letters that spell a name said before them


def find_dealings(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of names in the places of people one has to do with."""
    starts = [
        *_met(words, locale),
        *_heard_from(words, locale),
        *_writing(words, locale),
        *_called_so(words, locale),
        *_fetched(words, locale),
        *_greeting(words, locale),
        *_celebrated(words, locale),
        *_booked_in(words, locale),
    ]
    found = [span_of(words, first, last, _PERSON) for at in starts for first, last in names_from(words, at, locale)]
    return [*found, *_owners(words, locale), *_told_by_letters(words, locale)]


def _met(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "lunch with X", "put me through to X": behind "with" where a meeting is spoken of, and behind "meet"."""
    n = locale.names
    for at in range(len(words) - 1):
        ahead = words[max(0, at - _MET_REACH) : at]
        if words[at].low in n.together and any(word.low in n.meetings for word in ahead):
            yield at + 1
        length = phrase_length(words, at, n.met)
        if length:
            yield at + length


def _heard_from(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "any emails today from X": behind "from" where a message is spoken of."""
    n = locale.names
    messages = n.nouns | {f"{noun}s" for noun in n.nouns} | n.heard
    media = n.works | locale.addresses.media  # "let's hear stuff from andrew hewitt"
    for at in range(1, len(words) - 1):
        ahead = {word.low for word in words[max(0, at - _MAIL_REACH) : at]}
        if words[at].low in n.froms and ahead & messages and not ahead & media:
            yield at + 1


def _writing(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "did X email me", "let me know when X calls": before a verb of writing or calling."""
    n = locale.names
    for at in range(len(words) - 1):
        if not may_be_somebody(words, at, locale):
            continue
        last = name_end(words, at, locale)
        behind = [word.low for word in words[last + 1 : last + 4]]
        behind = behind[1:] if behind and behind[0] in n.has else behind
        if not behind or behind[0] not in n.writes:
            continue
        asked = at > 0 and words[at - 1].low in n.asked
        if asked or (behind[1:2] and behind[1] in n.back):
            yield at


def _called_so(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "a contact named X", "say hi to X", "wish X a good day"."""
    for at in range(len(words)):
        length = phrase_length(words, at, locale.names.called_so)
        if length:
            yield at + length


def _fetched(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "pick up X and Y from school": people are fetched from such a place, things rarely are."""
    n = locale.names
    for at in range(len(words)):
        length = phrase_length(words, at, n.fetches)
        if not length:
            continue
        ends = [last for _, last in names_from(words, at + length, locale)]
        behind = words[ends[-1] + 1 : ends[-1] + 1 + _FETCHED_REACH] if ends else []
        if any(word.low in n.fetched_from for word in behind):
            yield at + length


def _greeting(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "hey it's X call me back": who is there."""
    n = locale.names
    for at in range(len(words)):
        length = phrase_length(words, at, n.greetings)
        if length and is_strange(words, at + length, locale):
            yield at + length


def _celebrated(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "the birthday of X"."""
    n = locale.names
    for at in range(1, len(words) - 1):
        if words[at].low in n.of and words[at - 1].low in n.days:
            yield at + 1


def _booked_in(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "add X to my contacts", "find X in my address book"."""
    n = locale.names
    for at in range(1, len(words) - 2):
        if not may_be_somebody(words, at, locale) or may_be_somebody(words, at - 1, locale):
            continue
        last = name_end(words, at, locale)
        lists = [here for here in range(last + 1, min(len(words), last + 4)) if words[here].low in n.books]
        if lists and all(word.low in locale.function_words for word in words[last + 1 : lists[0]]):
            yield at


def _owners(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "X's dentist appointment", "emily rosser's number": before what is somebody's."""
    n = locale.names
    for at in range(len(words) - 1):
        if not may_be_somebody(words, at, locale):
            continue
        last = name_end(words, at, locale)
        thing = [word.low for word in words[last + 1 : last + 3]]
        held = shortened(words[last]) and bool(set(thing) & n.belongings)
        if thing and (held or (thing[0] in n.days and is_strange(words, last, locale))):
            yield span_of(words, at, last, _PERSON)


def _told_by_letters(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "X with a g", "X-Y hyphenated", "X h a l l": a name that its letters are told of."""
    n = locale.names
    for at in range(len(words) - 1):
        if not is_strange(words, at, locale):
            continue
        last = name_end(words, at, locale)
        behind = [word.low for word in words[last + 1 : last + 4]]
        double = len(behind) > 1 and behind[0] in n.lettered and set(behind[1:-1]) <= n.letter_counts
        letter = double and (len(behind[-1]) == 1 or behind[-1] in locale.letters.names)
        if letter or (behind and behind[0] in n.hyphenated):
            yield span_of(words, at, last, _PERSON)
        spelled = _spelled(words, last)
        if spelled > last:
            yield span_of(words, at, spelled, _PERSON)


def _spelled(words: Sequence[Word], at: int) -> int:
    """The last of the letters behind word `at` that spell it, and of its end said as a word: "h a l l worthy"."""
    low, letters, here = words[at].low, "", at + 1
    while here < len(words) and len(words[here].low) == 1 and low.startswith(letters + words[here].low):
        letters, here = letters + words[here].low, here + 1
    if len(letters) < _LEAST_SPELLED:
        return at
    rest = here < len(words) and bool(letters) and letters + words[here].low == low
    return here if rest else here - 1
