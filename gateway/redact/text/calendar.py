"""Finds days and times of day in figures: "on 12/26/2018", "oct. 16, 2036", "november the 7th, 2024", "at 15:19:29".

They are no numbers that somebody reads out. Dates of birth and of expiry have a recogniser of their own, `dates`.
"""

from collections.abc import Sequence

from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word

_PARTS = 3  # of a date, and of a time with seconds
_SIXTY, _DAYS = 60, 31
_YEARS = range(1900, 2100)
_MONTH_REACH = 2  # words before a day in which its month stands


def days_in_figures(words: Sequence[Word], locale: Locale) -> frozenset[int]:
    """The places of words that say a day or a time of day in figures, behind a preposition or a month."""
    found = set[int]()
    for at in range(len(words)):
        length = _written(words, at, locale) or _behind_month(words, at, locale)
        found |= set(range(at, at + length))
    return frozenset(found)


def _written(words: Sequence[Word], at: int, locale: Locale) -> int:
    """ "12/26/2018", "15:19:29": how many words it has; 0 for none."""
    said = words[at : at + _PARTS]
    parts = [word.low for word in said]
    whole = len(parts) == _PARTS and all(part.isdecimal() for part in parts)
    if not whole or not at or words[at - 1].low not in locale.functions.prepositions | locale.numbers.clock_before:
        return 0
    first, second, third = map(int, parts)
    marks = {word.gap for word in said[1:]}
    time = marks == {":"} and max(second, third) < _SIXTY
    date = marks in ({"/"}, {"-"}, {"."}) and len(parts[2]) == len("2018") and third in _YEARS
    return _PARTS if time or (date and min(first, second) > 0 and max(first, second) <= _DAYS) else 0


def _behind_month(words: Sequence[Word], at: int, locale: Locale) -> int:
    """ "16, 2036" behind a month: how many words it has; 0 for none."""
    months = {word.low for word in words[max(0, at - _MONTH_REACH) : at]} & locale.dates.months.keys()
    if not months or at + 1 >= len(words):
        return 0
    day, year = words[at].low.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th"), words[at + 1]
    told = day.isdecimal() and 0 < int(day) <= _DAYS and year.low.isdecimal() and len(year.low) == len("2018")
    return 2 if told and int(year.low) in _YEARS and year.gap.strip() in ("", ",") else 0
