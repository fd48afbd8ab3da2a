"""Numbers of three digits and more, said or written; their class by check digit, length and the words before them.

Runs go on over one or two misheard words, and take along what a cue ("card number is") or a broken end leaves
beside them. Times of day after "at" or "for", and round amounts with a unit, are no secrets.
"""

from collections.abc import Sequence

import phonenumbers
from stdnum import luhn
from stdnum.us import rtn, ssn

from gateway.clip import Span
from gateway.redact.text.words import (
    FUNCTION_WORDS,
    HOMOPHONES,
    JOINERS,
    MAGNITUDES,
    TENS,
    UNITS,
    Word,
    digits_of,
    is_number,
    letter_of,
    span_of,
)

_MIN_DIGITS = 3
_LONG = 6  # digits from which nobody takes a run for an amount
_BRIDGE = 2  # words between two parts of one number that a recogniser may have got wrong
_CUES = {
    "card": "card credit debit visa mastercard amex",
    "bank_account": "account routing iban sort",
    "ssn": "social security ssn",
    "phone": "phone cell mobile telephone fax landline",
    "number": "number pin passcode password passport licence license code digits",
}
_CUE = {word: label for label, cued in _CUES.items() for word in cued.split()}
_CUE_REACH = 7  # words before a number in which its cue may stand
_CUE_GAP = 3  # words between cue and first digit that belong to the number
# Beside a long number these stand only where a digit was misheard.
_NEVER_BEFORE = frozenset("the a it that was can will there then so no here what".split())
_ENDS_SENTENCES = frozenset("please again now today tonight tomorrow".split())
_CLOCK_CUES = frozenset("at for by until till past around about alarm from to before after o'clock".split())
_COUNTED = frozenset(
    "people grams gram degrees degree miles mile kilometres kilometers metres meters feet pounds dollars euros "
    "calories minutes seconds hours days years times percent watts millilitres milliliters songs steps words".split()
)
_CARD = range(13, 20)
_ACCOUNT = range(8, 18)
_REGION = "US"


def find_numbers(words: Sequence[Word]) -> list[Span]:
    """Spans of numbers of at least three digits."""
    found = []
    for first, last in _joined(words, _runs(words)):
        digits = digits_of([word.low for word in words[first : last + 1]])
        if len(digits) < _MIN_DIGITS or _harmless(words, first, last, digits):
            continue
        label = number_class(digits, _cue(words, first))
        found.append(span_of(words, _begin(words, first, len(digits)), _finish(words, last, len(digits)), label))
    return found


def number_class(digits: str, cue: str | None = None) -> str:
    """What a number is: by ISO/IEC 7812 check digit, by what it was called, by numbering plans, by its length."""
    if len(digits) in _CARD and luhn.is_valid(digits):
        return "card"
    if cue is not None and cue != "number":
        return cue
    if len(digits) == 9:
        return "bank_account" if rtn.is_valid(digits) and not ssn.is_valid(digits) else "ssn"
    if len(digits) in (7, 10, 11) or (len(digits) >= 7 and _is_phone(digits)):
        return "phone"
    return "bank_account" if len(digits) in _ACCOUNT else "number"


def _is_phone(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, _REGION))
    except phonenumbers.NumberParseException:
        return False


def _runs(words: Sequence[Word]) -> list[tuple[int, int]]:
    """First and last word of every unbroken run of number words, joiners inside."""
    runs: list[tuple[int, int]] = []
    first: int | None = None
    last = 0
    for at, word in enumerate(words):
        if is_number(word.low):
            first, last = (at if first is None else first), at
        elif first is not None and not (word.low in JOINERS or _stands_for_digit(words, at)):
            runs.append((first, last))
            first = None
    return [*runs, (first, last)] if first is not None else runs


def _stands_for_digit(words: Sequence[Word], at: int) -> bool:
    """A homophone or a letter between two digits: "five for two", "four x two"."""
    inside = 0 < at < len(words) - 1 and is_number(words[at - 1].low) and is_number(words[at + 1].low)
    return inside and (words[at].low in HOMOPHONES or letter_of(words[at].low) is not None)


def _joined(words: Sequence[Word], runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs a word or two apart that are one number read out digit by digit, with a word misheard."""
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined:
            before = joined[-1]
            between = words[before[1] + 1 : first]
            if len(between) <= _BRIDGE and (_read_out(words, *before) or _read_out(words, first, last)):
                joined[-1] = (before[0], last)
                continue
        joined.append((first, last))
    return joined


def _read_out(words: Sequence[Word], first: int, last: int) -> bool:
    return len(digits_of([word.low for word in words[first : last + 1]])) >= _MIN_DIGITS


def _cue(words: Sequence[Word], first: int) -> str | None:
    """The nearest telling word before a number; "number" alone gives way to one further off."""
    found = None
    for word in reversed(words[max(0, first - _CUE_REACH) : first]):
        cue = _CUE.get(word.low)
        if cue is not None and cue != "number":
            return cue
        found = found or cue
    return found


def _begin(words: Sequence[Word], first: int, digits: int) -> int:
    """From the word after the cue and its verb, when they stand near; a long number takes a broken edge along."""
    if digits < _LONG:
        return first
    for at in range(first - 1, max(-1, first - 2 - _CUE_GAP), -1):
        if words[at].low in ("is", "was", "are", "account", "number", "card") and _cue(words, at + 1) is not None:
            return at + 1
    before = words[first - 1].low if first > 0 else ""
    return first - 1 if before in _NEVER_BEFORE or letter_of(before) is not None else first


def _finish(words: Sequence[Word], last: int, digits: int) -> int:
    """A function word that ends the sentence behind a long number was a digit."""
    if digits < _LONG or last + 1 >= len(words):
        return last
    low, ends = words[last + 1].low, last + 2 == len(words)
    broken = low in ("the", "a") or (ends and low in FUNCTION_WORDS and low not in _ENDS_SENTENCES)
    return last + 1 if broken else last


def _harmless(words: Sequence[Word], first: int, last: int, digits: str) -> bool:
    return _clock_time(words, first, last, digits) or _amount(words, first, last)


def _clock_time(words: Sequence[Word], first: int, last: int, digits: str) -> bool:
    """ "at six thirty", "for 7:45": hours and minutes that exist, after a word that asks for a time."""
    if first == 0 or words[first - 1].low not in _CLOCK_CUES or len(digits) > 4 or last - first > 2:
        return False
    said_as_pair = last > first and words[first].low in UNITS and UNITS[words[first].low] > 0
    said_as_pair = said_as_pair and (words[first + 1].low in TENS or UNITS.get(words[first + 1].low, 0) > 9)
    return said_as_pair and int(digits[:-2]) <= 12 and int(digits[-2:]) < 60


def _amount(words: Sequence[Word], first: int, last: int) -> bool:
    """ "two hundred people": a magnitude with what it counts behind it."""
    counted = last + 1 < len(words) and words[last + 1].low in _COUNTED
    return counted and last - first <= 4 and any(word.low in MAGNITUDES for word in words[first : last + 1])
