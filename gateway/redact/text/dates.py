"""Dates of birth and of a card's expiry. The words before a date say what it is."""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import Item, items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, has_phrase, is_day, phrase_length, shortened, span_of

_REACH = 8  # words between the word for it and the date
_LONGEST = 12
_SHORT_YEAR = 2  # digits
_YEAR = 4
_CARD_YEARS = range(24, 45)  # in which a card may run out
_BIRTH, _EXPIRY = "date_of_birth", "card_expiry"


def find_dates(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of dates of birth and of expiry."""
    items = {item.first: item for item in items_of(words, locale)}
    return [
        *_births(words, items, locale),
        *_expiries(words, items, locale),
        *_runs_out(words, items, locale),
        *_answered(words, items, locale),
    ]


def _answered(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    """ "yep the fourteenth of february nineteen sixty one": a day with its year and nothing else."""
    known = locale.numbers.fillers | locale.functions.articles | locale.dates.answering
    first = next((at for at, word in enumerate(words) if word.low not in known), len(words))
    last = _span(words, first, items, locale) if first < len(words) else None
    if last is None or any(word.low not in known for word in words[last + 1 :]):
        return
    first -= first > 0 and words[first - 1].low in locale.functions.articles
    said = words[first : last + 1]
    days = sum(is_day(word.low, locale) for word in said)
    month = any(word.low in locale.dates.months for word in said) or days > 1  # "the third of the second"
    digits = "".join(item.digits for at, item in items.items() if first <= at <= last)
    if month and len(digits) >= _YEAR and digits[-_YEAR:][:2] in ("19", "20"):
        yield span_of(words, first, last, _BIRTH)


def _births(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    d = locale.dates
    yield from _short_years(words, items, locale)
    yield from _cohorts(words, items, locale)
    for at, word in enumerate(words):
        spelled = [each.low for each in words[at : at + 3]] == ["d", "o", "b"]
        turned = word.low in d.turned and at + 1 in items
        length = phrase_length(words, at, d.birth | d.born)
        if not (length or spelled or turned or _of_birth(words, at)):
            continue
        if any(each.low in d.questions for each in words[:at]):
            before = _date_before(words, at, items, locale)
            if before is not None and not any(each.low in d.questions for each in words[: before[0]]):
                yield span_of(words, *before, _BIRTH)  # "june second is when my birthday is"
            continue
        start = at + (3 if spelled else max(1, length))
        if start < len(words) and words[start].low in d.not_birth:
            continue
        date = _date(words, start, items, locale)
        if date is not None:
            yield span_of(words, *date, _BIRTH)
            yield from _corrected(words, date[1], items, locale)
        else:
            before = _date_before(words, at, items, locale)
            if before is not None:
                yield span_of(words, *before, _BIRTH)


def _short_years(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    """ "born in oh seven", "nací en el año ochenta y dos": a year of two digits behind a word of being born."""
    d = locale.dates
    for at in range(len(words)):
        first = at + phrase_length(words, at, d.born)
        if first == at or any(word.low in d.questions for word in words[:at]):
            continue
        while first < len(words) and words[first].low in d.year_before | locale.functions.articles:
            first += 1
        last, digits, here = first, "", first
        while here in items:
            last, digits, here = items[here].last, digits + items[here].digits, items[here].last + 1
        behind = {word.low for word in words[here : here + 2]}
        counted = bool(behind & locale.numbers.counted) or bool(behind & d.months.keys())
        prepared = words[first - 1].low in d.year_before or phrase_length(words, at, d.born) > 1
        if len(digits) == _SHORT_YEAR and prepared and not counted:
            yield span_of(words, first, last, _BIRTH)


def _cohorts(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    """ "i'm a ninety four baby", "he's a child of fifty nine": a year that is somebody's."""
    d, n = locale.dates, locale.numbers
    people = n.counted | n.year_decades
    for first in items:
        last, digits, here = first, "", first
        while here in items:
            last, digits, here = items[here].last, digits + items[here].digits, items[here].last + 1
        year = len(digits) == _SHORT_YEAR or (len(digits) == _YEAR and digits[:2] in ("19", "20"))
        behind = words[here].low if here < len(words) else ""
        before = first > 0 and words[first - 1].low in locale.functions.articles
        verb = words[first - 2] if first > 1 else None
        who = verb is not None and (shortened(verb) or verb.low in locale.functions.auxiliaries | locale.names.selves)
        whose = "_".join(word.low for word in words[max(0, first - 2) : first]) in d.cohort_before
        whose = whose and not (first > 2 and words[first - 3].low in ("a", "una"))  # "a class of thirty"
        ends = here == len(words) or behind in locale.function_words or behind in d.cohort_behind
        whose = whose and (ends or words[max(0, first - 3)].low not in ("the", "la"))  # "the class of ten reunion"
        if year and ((behind in d.cohort_behind and before and who) or (whose and behind not in people)):
            yield span_of(words, first, last, _BIRTH)


def _corrected(words: Sequence[Word], last: int, items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    """The date that corrects the one that ends at `last`: "no wait, march fourth"."""
    for first in range(last + 2, min(len(words), last + 2 + _REACH)):
        again = _span(words, first, items, locale)
        if again is not None:
            if has_phrase([word.low for word in words[last + 1 : first]], locale.numbers.corrections):
                yield span_of(words, first, again, _BIRTH)
            return


def _of_birth(words: Sequence[Word], at: int) -> bool:
    """ "date of birth", "birth date", "fecha de nacimiento", "naci el"."""
    low = words[at].low
    return low in ("birth", "nacimiento") or (low == "bday")


def _date(words: Sequence[Word], start: int, items: dict[int, Item], locale: Locale) -> tuple[int, int] | None:
    """The first and last word of the nearest date from `start`: two of day, month and year, or a year."""
    for first in range(start, min(len(words), start + _REACH)):
        span = _span(words, first, items, locale)
        if span is not None:
            return first, span
        if first in items and len(items[first].digits) > 2:
            return None
    return None


def _span(words: Sequence[Word], first: int, items: dict[int, Item], locale: Locale) -> int | None:
    """The last word of a date that begins at `first`; None where none does."""
    d, n = locale.dates, locale.numbers
    at, last, parts, digits, month, ordinals = first, first, 0, "", False, 0
    while at < len(words) and at - first < _LONGEST:
        low = words[at].low
        if at in items:
            item = items[at]
            at, last, parts, digits = item.last + 1, item.last, parts + 1, digits + item.digits
        elif (
            low in d.months
            and not month
            and (low != "may" or parts or at + 1 in items or _ordinal(words, at + 1, locale))
        ):
            at, last, parts, month = at + 1, at, parts + 1, True
        elif _ordinal(words, at, locale):
            at, last, parts, ordinals = at + 1, at, parts + 1, ordinals + 1
        elif parts and low in (d.between | n.joiners | n.fillers) - n.corrections:
            at += 1
        else:
            break
        if not parts:
            break
    year = len(digits) == 4 and digits[:2] in ("18", "19", "20")
    if (month and parts >= 2) or year or ordinals > 1 or (parts >= 2 and 4 <= len(digits) <= 8):
        return last
    return None


def _ordinal(words: Sequence[Word], at: int, locale: Locale) -> bool:
    return at < len(words) and is_day(words[at].low, locale)


def _date_before(words: Sequence[Word], at: int, items: dict[int, Item], locale: Locale) -> tuple[int, int] | None:
    """ "may fifth nineteen eighty four is my birthday": a date that ends a few words before."""
    for first in range(max(0, at - _LONGEST), at):
        last = _span(words, first, items, locale)
        if last is not None and at - 5 <= last < at and words[first].low not in locale.dates.between:
            mine = {word.low for word in words[last + 1 : at]} - locale.function_words - locale.names.kin
            return None if mine - {"date"} - locale.names.relations else (first, last)
    return None


def _expiries(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    d = locale.dates
    for at, word in enumerate(words):
        if word.low not in d.expiry:
            continue
        of_card = any(each.low in d.expiry_of for each in words)
        for first in range(at + 1, min(len(words), at + 6)):
            last = _month_and_year(words, first, items, locale)
            if last is not None:
                named = words[first].low in d.months
                if of_card or not named or word.low in d.expiry_forms or _has_year(words, first, last, items, locale):
                    yield span_of(words, first, last, _EXPIRY)
                break
            if words[first].low not in locale.function_words | d.expiry_between:
                break


def _runs_out(words: Sequence[Word], items: dict[int, Item], locale: Locale) -> Iterator[Span]:
    """ "good until may twenty eight", "it runs out in august twenty thirty": a year behind the month, and no day.

    Of something else than a card ("the coupon is good until") only a year of four digits counts.
    """
    d = locale.dates
    for at in range(len(words)):
        first = at + phrase_length(words, at, d.until)
        while first > at and first < len(words) and words[first].low in d.year_before | d.until:
            first += 1  # "ends in july", "runs until july"
        of_card = any(word.low in d.expiry_of for word in words)
        month = first + 1 < len(words) and words[first].low in d.months and first + 1 in items
        if first == at or not (month or (of_card and first in items)):
            continue
        last = _month_and_year(words, first, items, locale)
        digits = "".join(item.digits for here, item in items.items() if last is not None and first <= here <= last)
        ahead = {word.low for word in words[:at]}
        bare = ahead <= locale.function_words | d.answering | locale.numbers.fillers or bool(ahead & d.expiry_of)
        year = digits[-_SHORT_YEAR:]
        soon = year.isdigit() and int(year) in _CARD_YEARS
        if last is not None and bare and soon and not _ordinal(words, last, locale):
            yield span_of(words, first, last, _EXPIRY)


def _has_year(words: Sequence[Word], first: int, last: int, items: dict[int, Item], locale: Locale) -> bool:
    """Whether the number behind a month is a year: of four digits, or behind "of"."""
    digits = sum(len(item.digits) for at, item in items.items() if first < at <= last)
    return digits == _YEAR or words[first + 1].low in locale.dates.year_before


def _month_and_year(words: Sequence[Word], first: int, items: dict[int, Item], locale: Locale) -> int | None:
    """ "oh nine twenty seven", "09/27", "march twenty twenty seven": a month that exists and a year."""
    d = locale.dates
    at, digits, month = first, "", words[first].low in d.months
    if month:
        at += 1
    elif first not in items:
        return None
    last = first
    while at < len(words) and len(digits) < 6:
        if at in items and len(digits + items[at].digits) <= 6:
            digits += items[at].digits
            at = last = items[at].last
        elif words[at].low not in d.between | locale.numbers.joiners:
            break
        at += 1
    if month:
        return last if len(digits) in (2, 4) else None
    for size in (1, 2):
        number, year = digits[:size], digits[size:]
        if number.isdigit() and 1 <= int(number) <= 12 and (len(year) == 2 or (len(year) == 4 and year[:2] == "20")):
            return last
    return None
