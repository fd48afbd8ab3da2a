"""Finds numbers of three digits and more, spoken or written.

Their class follows from a check digit, the length, and the words before. The span also covers words between a cue
("card number is") and the number, and a correction behind it ("no, make that eight seven"). Times, years, measures
and channels are not masked.
"""

from collections.abc import Sequence

import phonenumbers
from stdnum import luhn
from stdnum.us import rtn, ssn

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, has_phrase, letter_of, only_phrases, shortened, span_of
from gateway.redact.text.harmless import is_harmless
from gateway.redact.text.runs import Run, runs_of

_CARD = range(13, 20)
_ACCOUNT = range(8, 18)
_MIN_DIGITS = 3
_EDGED = 4  # digits from which words like digits beside them are digits
_LONG = 6  # digits from which nobody takes a run for an amount
_CUE_REACH = 7  # words before a number in which its cue may stand
_CUE_GAP = 3  # words between cue and first digit that belong to the number
_KEY_REACH = 3  # words behind a code in which a key is named
_FRAGMENT_REACH = 3  # words between a secret number and a part of it
_CORRECTION_REACH = 7  # words between a number and what corrects it


def find_numbers(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of numbers of at least three digits, and of their corrections."""
    found, secret, runs, short = list[Span](), None, runs_of(words, locale), list[Run]()
    for run in runs:
        cue = cue_of(words, run.first, locale)
        if len(run.digits) < _MIN_DIGITS or is_harmless(words, run, cue, locale):
            if secret is not None and _corrects(words, secret, run, locale):
                found.append(span_of(words, run.first, run.last, "number"))
                secret = run
            elif len(run.digits) < _MIN_DIGITS:
                short.append(run)
            continue
        label = "phone" if _is_international(words, run) else number_class(run.digits, cue, locale.regions)
        if secret is not None and cue is None and len(run.digits) < _LONG and _corrects(words, secret, run, locale):
            label = "number"
        secret = run
        begin, end = _begin(words, run, locale), _finish(words, run, locale)
        begin, end = _with_keys(words, begin, end, locale)
        begin, end = _with_misheard(words, run, begin, end, locale)
        found.append(span_of(words, begin, end, label))
    return [*found, *_fragments(words, short, found, locale)]


def _fragments(words: Sequence[Word], short: Sequence[Run], found: Sequence[Span], locale: Locale) -> list[Span]:
    """Short numbers that only passing words part from a secret one: they may belong to it. Amounts stay."""
    n = locale.numbers
    passing = (n.fillers | n.connectors | n.joiners | n.within) - locale.functions.articles
    parts = []
    for run in short:
        behind = words[run.last + 1].low if run.last + 1 < len(words) else ""
        nouns = behind and behind not in locale.function_words | passing | n.corrections
        for span in found if not nouns else ():
            between = [w.low for w in words if words[run.last].end <= w.start < span.start]
            between += [w.low for w in words if span.end <= w.start < words[run.first].start]
            if 0 < len(between) <= _FRAGMENT_REACH and only_phrases(between, passing):
                parts.append(span_of(words, run.first, run.last, "number"))
                break
    return parts


def _corrects(words: Sequence[Word], before: Run, run: Run, locale: Locale) -> bool:
    """Whether `run` corrects the secret number before it: a word of correction and not much else stands between."""
    between = [word.low for word in words[before.last + 1 : run.first]]
    words_of_correction = {low for phrase in locale.numbers.corrections for low in phrase.split("_")}
    known = locale.function_words | locale.numbers.fillers | locale.numbers.connectors | words_of_correction
    strange = sum(low not in known for low in between)
    near = len(between) <= _CORRECTION_REACH and strange <= 2
    return near and has_phrase(between, locale.numbers.corrections)


def cue_of(words: Sequence[Word], first: int, locale: Locale) -> str | None:
    """The class named by the nearest telling word before a number. "number" alone gives way to a word further off."""
    cues = {word: label for label, cued in locale.numbers.cues.items() for word in cued}
    found = None
    for at in range(first - 1, max(-1, first - 1 - _CUE_REACH), -1):
        pair = f"{words[at - 1].low}_{words[at].low}" if at else ""
        behind = f"{words[at].low}_{words[at + 1].low}" if at + 1 < len(words) else ""
        three = "_".join(word.low for word in words[max(0, at - 2) : at + 1])
        cue = cues.get(three) or cues.get(pair) or cues.get(words[at].low)
        if behind in locale.numbers.no_cues:
            cue = None
        if cue is not None and cue != "number":
            return cue
        found = found or cue
    return found


def _begin(words: Sequence[Word], run: Run, locale: Locale) -> int:
    """The first word to mask.

    It is the word after a near cue and its verb. A long number covers a misheard edge too.
    """
    first = run.first
    for at in range(first - 1, max(0, first - 2 - _CUE_GAP), -1):
        if words[at].low in locale.names.named_by and words[at - 1].low in locale.numbers.secret_words:
            return at + 1  # "my password is hunter two two"
    if len(run.digits) < _LONG:
        return first
    verbs = locale.names.named_by | {"are", "account", "number", "card", "cuenta", "numero", "tarjeta"}
    for at in range(first - 1, max(-1, first - 2 - _CUE_GAP), -1):
        if words[at].low in verbs and cue_of(words, at + 1, locale) is not None:
            return at + 1
    if first == 0:
        return first
    before = words[first - 1]
    plus = locale.emails.marks.get(before.low) == "+"
    misheard = before.low in locale.functions.edges and not shortened(before)
    return first - 1 if plus or misheard or letter_of(before.low, locale) is not None else first


def _with_keys(words: Sequence[Word], first: int, last: int, locale: Locale) -> tuple[int, int]:
    """The first and last word with the keys that are pressed around a code: "star one nine hash"."""
    n = locale.numbers
    first -= first > 0 and words[first - 1].low in n.keys
    for at in range(last + 1, min(len(words), last + 1 + _KEY_REACH)):
        if words[at].low in n.keys:
            return first, at  # "and then pound"
        if words[at].low not in n.connectors:
            break
    return first, last


def _finish(words: Sequence[Word], run: Run, locale: Locale) -> int:
    """The last word to mask. A function word that ends the sentence behind a long number was a misheard digit."""
    last = run.last
    if len(run.digits) < _LONG or last + 1 >= len(words):
        return last
    low, ends = words[last + 1].low, last + 2 == len(words)
    broken = low in ("the", "a") or (ends and low in locale.function_words - locale.functions.sentence_ends)
    return last + 1 if broken else last


def _with_misheard(words: Sequence[Word], run: Run, first: int, last: int, locale: Locale) -> tuple[int, int]:
    """The first and last word with digits at the edges that were heard as words: "tree oh tree five", "oh one too ate".

    One word alone counts only if it is no function word, or if it ends what is said.
    """
    if not run.read_out or len(run.digits) < _EDGED:
        return first, last
    known, functions = locale.numbers.homophones, locale.function_words
    begin, end = first, last
    while begin > 0 and words[begin - 1].low in known and not words[begin].gap.strip():
        begin -= 1
    while begin < first and words[begin].low in functions:
        begin += 1  # "text to" does not begin a number
    while end + 1 < len(words) and words[end + 1].low in known and not words[end + 1].gap.strip():
        end += 1
    alone = end == last + 1 and words[end].low in functions and end + 1 < len(words)
    return begin, last if alone else end


def number_class(digits: str, cue: str | None = None, regions: tuple[str, ...] = ("US",)) -> str:
    """The mask class of a number of three digits and more. `cue` is the class that the words before name."""
    if len(digits) in _CARD and luhn.is_valid(digits):
        return "card"
    if cue is not None and cue != "number":
        return cue
    if len(digits) == 9 and regions[0] != "US" and _is_phone(digits, regions[0]):
        return "phone"
    if len(digits) == 9:
        return "bank_account" if rtn.is_valid(digits) and not ssn.is_valid(digits) else "ssn"
    if len(digits) in (7, 10, 11) or (len(digits) >= 7 and any(_is_phone(digits, region) for region in regions)):
        return "phone"
    return "bank_account" if len(digits) in _ACCOUNT else "number"


def _is_international(words: Sequence[Word], run: Run) -> bool:
    """Written with a plus and the number of a country."""
    return words[run.first].gap.endswith("+") and _is_phone(f"+{run.digits}", None)


def _is_phone(digits: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
