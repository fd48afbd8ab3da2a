"""Finds names of people who are introduced or told of: "i'm leopold", "my neighbour gwendolyn", "hyacinth is sick".

What stands in such a place is a name unless it is an ordinary word. After "i'm" that is a word that says how somebody
is ("hungry"). Elsewhere it is any word of the language.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.gazetteer import is_place
from gateway.redact.language.locale import Locale
from gateway.redact.language.ordinary import is_action, is_ordinary, is_thing, is_told
from gateway.redact.language.words import Word, is_number, phrase_length, shortened, span_of
from gateway.redact.people.candidates import is_named_so, is_nobody, is_strange, may_be_somebody
from gateway.redact.people.things import is_title

_PERSON = "person"
_FULL_NAME = 3  # words of one name
_BETWEEN = 2  # words between "my" and the word for somebody
_GIVEN_REACH = 5  # words between giving and who gets it
_OPENED = 2  # words of a sentence that is only an opening


def find_introduced(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of names behind words of introduction, titles and words for relatives, and before "speaking"."""
    starts = [
        *_selves(words, locale),
        *_presented(words, locale),
        *_related(words, locale),
        *_booked(words, locale),
        *_given(words, locale),
        *_opened(words, locale),
        *_before_verbs(words, locale),
        *_whereabouts(words, locale),
    ]
    return [
        *(span for at in starts for span in _with_others(words, at, locale)),
        *_speaking(words, locale),
        *_named(words, locale),
    ]


def _with_others(words: Sequence[Word], at: int, locale: Locale) -> Iterator[Span]:
    """The name that begins at `at`, and those that "and" ties to it: "clementine and rufus"."""
    last = _full_name_end(words, at, locale)
    yield span_of(words, at, last, _PERSON)
    tied = locale.ties
    told = locale.names.relations_before_names or (at > 0 and words[at - 1].low in locale.names.called_both)
    while told and last + 1 < len(words):
        comma = words[last + 1].gap.strip() == ","
        further = last + 2 if words[last + 1].low in tied else last + 1 if comma else len(words)
        if not is_strange(words, further, locale):
            return
        last = _full_name_end(words, further, locale)
        yield span_of(words, further, last, _PERSON)


def _selves(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "i'm X", "they call me X"."""
    n = locale.names
    for at in range(len(words)):
        length = phrase_length(words, at, n.selves)
        first = at + length
        if length and first < len(words) and words[first].low in n.named_by:
            first += 1  # "i'm called X"
        if length and is_named_so(words, first, locale):
            yield first


def _presented(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "you're talking to X", "in the name of X", "miss X"; "it's X here"."""
    n = locale.names
    for at in range(len(words)):
        length = phrase_length(words, at, n.presented)
        if length and is_strange(words, at + length, locale) and not (at and is_title(words, at, locale)):
            yield at + length
        it = n.me_words | {"it"}
        here = at + 2 < len(words) and words[at + 2].low in n.speaking
        if here and words[at].low in it and shortened(words[at]) and is_strange(words, at + 1, locale):
            yield at + 1


def _related(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "my neighbour X", "my husband is X", "our son is called X"."""
    n = locale.names
    for at in range(1, len(words)):
        if words[at].low not in n.relations or not _owned(words, at, locale):
            continue
        first = at + 1
        if first + 1 < len(words) and words[first].low == "de" and words[first + 1].low in n.mates_of:
            first += 2  # "mi companera de piso"
        if n.relations_before_names and _names_relative(words, first, locale):
            yield first
        elif first < len(words) and words[first].low in n.named_by:
            called = first + 1 < len(words) and words[first + 1].low in n.named_by | n.name_words
            if is_named_so(words, first + 2, locale) if called else is_strange(words, first + 1, locale):
                yield first + 1 + called


def _names_relative(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a name stands behind a relative: "my brother tom", but not "my son drew a picture"."""
    if is_strange(words, at, locale) or not may_be_somebody(words, at, locale):
        return is_strange(words, at, locale)
    does = at + 1 < len(words) and words[at + 1].low in locale.functions.determiners
    return not (does and is_action(words[at].low, locale))


def _owned(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether "my" stands right before `at`, or with one or two words between that say which: "my next door"."""
    for back in range(1, _BETWEEN + 2):
        if at - back < 0:
            return False
        low = words[at - back].low
        if low in locale.functions.determiners:
            return True
        if low in locale.function_words or is_number(low, locale) or not is_ordinary(low, locale):
            return False
    return False


def _opened(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "aquí X", "habla X al aparato": behind a word that opens a call, at its end or before what goes on."""
    n = locale.names
    if len(words) < _OPENED or words[0].low not in n.opens or words[1].low in n.after_here:
        return
    ends = len(words) == _OPENED or words[2].low in n.opened or words[2].gap.strip() == ","
    if ends and is_named_so(words, 1, locale):
        yield 1


def _before_verbs(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "mi jefe X quiere", "la doctora X me atiende": a word between a relative or a title and a verb is the name.

    Where a lexicon tells words from names, it is one that can only be a thing: "my neighbour hyacinth has the key".
    """
    n, f = locale.names, locale.functions
    yield from _with_title(words, locale)
    for at in range(1, len(words) - 2):
        if words[at].low in n.close and words[at + 2].low in n.goes_on and words[at - 1].low in f.determiners:
            if not is_nobody(words, at + 1, locale) and is_thing(words[at + 1].low, locale):
                yield at + 1
            continue
        related = words[at].low in n.relations and not n.relations_before_names
        titled = words[at].low in n.half_titles and n.titles_with_article
        if not (related or titled) or words[at - 1].low not in f.determiners:
            continue
        goes_on = f.auxiliaries | f.pronouns | f.inflected | n.goes_on
        behind = [word.low for word in words[at + 2 : at + 4]]
        if (behind[0] in goes_on or behind == ["de", "que"]) and is_named_so(words, at + 1, locale):
            yield at + 1


def _with_title(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "la cita es con el doctor X", "con el doctor X el jueves": behind a title with an article and a preposition."""
    n, f = locale.names, locale.functions
    for at in range(3, len(words)):
        held = words[at - 2].low in f.articles and words[at - 3].low in f.prepositions
        if not (n.titles_with_article and held and words[at - 1].low in n.half_titles):
            continue
        ends = at + 1 == len(words) or words[at + 1].low in locale.function_words
        if ends and is_named_so(words, at, locale):
            yield at


def _whereabouts(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "X is at the doctor again", "tell them X is sick": before words that say where or how a person is."""
    n = locale.names
    for at in range(len(words) - 2):
        told = words[at + 1].low in n.named_by and phrase_length(words, at + 2, n.whereabouts)
        if not told or not is_strange(words, at, locale):
            continue
        first = at - 1 if at and is_strange(words, at - 1, locale) else at
        if first == 0 or words[first - 1].low in (locale.function_words | n.nobody) - locale.functions.determiners:
            yield first


def _booked(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "the table is for X", "a reservation under X": behind something that is kept for somebody."""
    n = locale.names
    for at, word in enumerate(words):
        kept = word.low in n.kept_for and any(each.low in n.kept for each in words[:at])
        if kept and not is_place([each.low for each in words[at + 1 : at + 2]]) and is_strange(words, at + 1, locale):
            yield at + 1


def _given(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """ "give the keys to X", "the invoice goes to X", "se lo di a X": who gets something, or gave it."""
    n, f = locale.names, locale.functions
    for at in range(2, len(words) - 1):
        if words[at].low not in n.given_to | n.froms or not is_strange(words, at + 1, locale):
            continue
        before = words[max(0, at - _GIVEN_REACH) : at]
        thing = any(word.low in n.kept for word in words[:at])
        went = thing and before[-1].low in (n.goes if words[at].low in n.given_to else n.named_by)
        given = words[at].low in n.given_to and any(word.low in n.gives for word in before)
        if any(word.low in locale.addresses.places for word in before) or before[-2:][0].low in n.towards:
            continue  # "give me directions to denver", "a reservation to go to vegas"
        if any(word.low in n.works for word in words):
            continue  # "give five stars to neverwhere"
        held = n.relations_before_names or any(word.low in f.articles | f.pronouns for word in before)
        end = _full_name_end(words, at + 1, locale) + 1
        if ((given and held) or went) and (end == len(words) or words[end].low in locale.function_words):
            yield at + 1


def _speaking(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "X speaking" at the beginning."""
    if len(words) > 1 and words[1].low in locale.names.opening and is_strange(words, 0, locale):
        yield span_of(words, 0, 0, _PERSON)


def _named(words: Sequence[Word], locale: Locale) -> list[Span]:
    """ "my name is X", "this is X speaking", "mister X"."""
    n, f = locale.names, locale.functions
    found = []
    for at, word in enumerate(words):
        if word.low in locale.function_words | n.nobody or at == 0 or is_title(words, at, locale):
            continue
        before, further = words[at - 1].low, words[at - 2].low if at > 1 else ""
        named = (before in n.named_by and further in n.name_words) or (
            before in n.name_words and shortened(words[at - 1])
        )
        spoken = _speaks(words, at, locale) if before in n.named_by and further in n.me_words else None
        if spoken is not None:
            found.append(span_of(words, at, spoken, _PERSON))
        elif named or before in n.titles or (before in n.half_titles and further not in f.determiners):
            last = _behind_particle(words, at, locale)
            more = last == at and named and at + 1 < len(words) and words[at + 1].low not in locale.function_words
            found.append(span_of(words, at, at + 1 if more else last, _PERSON))
    return found


def _speaks(words: Sequence[Word], at: int, locale: Locale) -> int | None:
    """The last word of a name from `at` that stands before "calling": "this is agatha pruitt calling"."""
    n = locale.names
    for last in range(at, min(len(words) - 1, at + _FULL_NAME)):
        if words[last].low in locale.function_words:
            return None
        if words[last + 1].low in n.froms:
            return last if last == at else None  # "this is great music from abba"
        if words[last + 1].low in n.speaking:
            ends = last + 2 == len(words) or words[last + 2].low in locale.function_words
            return last if ends else None  # "this is great speaking practice"
    return None


def _full_name_end(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of a name that begins at `at`: behind hyphens, particles, and one family name."""
    last = _behind_particle(words, at, locale)
    while last + 1 < len(words) and words[last + 1].gap == "-":
        last += 1
    further = not is_nobody(words, at + 1, locale) and words[at + 1].low not in locale.names.goes_on
    if last == at and further and not words[at + 1].gap.strip():
        ends = at + 2 >= len(words) or words[at + 2].low in locale.function_words | locale.names.speaking
        told = ends and at + 2 < len(words) and is_told(words[at + 1].low, locale, before=words[at + 2].low)
        double = at + 2 < len(words) and words[at + 2].gap == "-"  # "ambrose finch-hatton"
        last += 2 if double else (ends and not told) or not is_ordinary(words[at + 1].low, locale)
    return _behind_particle(words, last, locale) if last > at else last


def _behind_particle(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of a name that goes on behind particles: "maría del carmen", "rosalía de los ríos"."""
    last, here = at, at + 1
    if here < len(words) and words[here].low in locale.functions.articles:
        return at  # "soy herminia la vecina"
    while here < len(words) and words[here].low in locale.names.particles - locale.functions.others:
        here += 1
        further = locale.function_words | locale.names.particles | locale.numbers.ordinals
        if here < len(words) and words[here].low not in further:
            last, here = here, here + 1
    return last
