"""Finds how old somebody is: "i'm seventy six years old", "my daughter is four", "cumple nueve años".

The words before the number say whose age it is. A thing's stays ("the house is ninety years old"), and that of several
people.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import Item, items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, shortened, span_of

_AGE = "date_of_birth"
_OLDEST = 120
_REACH = 5  # words before an age in which somebody is spoken of
_OLD = "old"
_GROWN = 16  # from which a number behind "i'm" that ends a sentence is an age
_TOLD_OF = 2  # times that somebody says something of oneself


def find_ages(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of ages of people, with their unit where one is said."""
    items = [item for item in items_of(words, locale) if len(item.digits) <= 3 and 0 < int(item.digits) <= _OLDEST]
    return [
        *_years_old(words, items, locale),
        *_turned(words, items, locale),
        *_bare(words, items, locale),
        *_birthday(words, locale),
        *_called_age(words, items, locale),
    ]


def _low(words: Sequence[Word], at: int) -> str:
    return words[at].low if 0 <= at < len(words) else ""


def _of_somebody(words: Sequence[Word], first: int, locale: Locale) -> bool:
    """Whether a person is spoken of right before word `first`: "i'm", "she is", "my daughter is"."""
    d, n = locale.dates, locale.names
    before = [word.low for word in words[max(0, first - _REACH) : first]]
    one = {low for low in before if low in n.relations and not low.endswith("s")}  # "our twins are seven" tells less
    verb = before[-1:] and before[-1] in n.named_by | d.has_age
    return bool(before) and (before[-1] in d.aged or bool(verb and (set(before[-2:-1]) & d.aged or one)))


def _years_old(words: Sequence[Word], items: Sequence[Item], locale: Locale) -> Iterator[Span]:
    """ "seventy six years old", "four years and two months old", "tengo sesenta y siete años"."""
    d = locale.dates
    firsts = {item.first: item for item in items}
    for item in items:
        last, at = item.last, item.last + 1
        further = d.ages_further | locale.numbers.within
        while _low(words, at) in d.ages or (at > item.last + 1 and _low(words, at) in further):
            last, at = at, at + 1
            if at in firsts:
                last, at = firsts[at].last, firsts[at].last + 1
        old = _low(words, at) == _OLD and last > item.last
        told = old or (locale.language != "en" and last > item.last and _low(words, at) not in d.not_ages)
        if told and _of_somebody(words, item.first, locale):
            while _low(words, last) in locale.numbers.within:
                last -= 1
            yield span_of(words, item.first, last, _AGE)


def _turned(words: Sequence[Word], items: Sequence[Item], locale: Locale) -> Iterator[Span]:
    """ "i turned fifty three last week", "mi hija cumple nueve años": behind a word for having a birthday."""
    d, n = locale.dates, locale.numbers
    for item in items:
        alone = _says_who(words, item.first, locale)
        if _low(words, item.first - 1) not in d.turned and not alone:
            continue
        behind = _low(words, item.last + 1)
        unit = behind in d.ages
        ends = not behind or unit or behind in n.clock_after | n.clock_before | locale.function_words | {"last", "next"}
        somebody = {word.low for word in words[: item.first - 1]} & (d.aged | locale.names.relations)
        if ends and (somebody or unit or alone) and behind not in locale.dates.months:
            yield span_of(words, item.first, item.last + unit, _AGE)


def _says_who(words: Sequence[Word], first: int, locale: Locale) -> bool:
    """Whether the verb right before an age says whose it is: "cumplo cuarenta", "he'll be forty one"."""
    said = locale.dates.turned_self
    return _low(words, first - 1) in said or f"{_low(words, first - 2)}_{_low(words, first - 1)}" in said


def _bare(words: Sequence[Word], items: Sequence[Item], locale: Locale) -> Iterator[Span]:
    """ "i'm sixty eight", "she's six and a half": a number behind a person that ends what is said."""
    for item in items[-1:]:
        last = item.last
        behind = {word.low for word in words[last + 1 :]}
        half = bool(behind) and behind <= locale.numbers.fractions | locale.numbers.within | {"a"}
        last = len(words) - 1 if half else last
        chain = sum(word.low in locale.dates.aged for word in words) >= _TOLD_OF  # "i'm otis and i'm seven"
        age = half or chain or int(item.digits) >= _GROWN
        told = last + 1 == len(words) and age and locale.names.relations_before_names
        subject = words[item.first - 1] if item.first else None
        verb = subject is not None and ("'" in _text(subject) or subject.low in locale.names.named_by | {"am", "im"})
        if told and verb and _of_somebody(words, item.first, locale):
            yield span_of(words, item.first, last, _AGE)


def _birthday(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "our daughter's fourth birthday": which birthday it is of somebody."""
    d, n = locale.dates, locale.names
    for at in range(1, len(words) - 1):
        whose = words[at - 1].low in n.relations | n.mine | d.theirs or shortened(words[at - 1])
        if words[at].low in locale.numbers.ordinals and words[at + 1].low in n.days & d.birth and whose:
            yield span_of(words, at, at, _AGE)


def _text(word: Word) -> str:
    return f"{word.low}'" if shortened(word) else word.low


def _called_age(words: Sequence[Word], items: Sequence[Item], locale: Locale) -> Iterator[Span]:
    """ "age 67", "aged forty": right behind the word for an age, and not a bound of it."""
    d = locale.dates
    for item in items:
        bound = _low(words, item.last + 1) in d.not_ages
        if _low(words, item.first - 1) in d.age_words and not bound and _low(words, item.first - 2) not in d.questions:
            yield span_of(words, item.first, item.last, _AGE)
