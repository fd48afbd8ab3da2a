"""Numbers of three digits and more that identify nobody: times, years, measures, channels, sums."""

import itertools
from collections.abc import Sequence

from gateway.redact.language.digits import AMOUNT, ONES, PAIR, WRITTEN
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number
from gateway.redact.text.runs import Run

_YEARS = range(1000, 2100)
_SHORT = 4  # digits up to which a channel, a road or a temperature is said
_AROUND = 3  # words before a number in which a channel or a sum shows
_OPERATIONS_NEAR = 2
_TWO = 2  # times of day, of which one may be read out: "seven, seven oh five"
_SCORE = 5  # digits of the longest score or time of a race
_BOUNDS = 5  # words before an amount in which its other bound stands
_ALARMS = 8  # digits of several times of day that alarms are set to
_TITLE = 7  # digits of the longest number that is a title


def is_harmless(words: Sequence[Word], run: Run, cue: str | None, locale: Locale) -> bool:
    """Whether a number identifies nobody.

    `cue` is the class the words before name: a number called a code is secret.
    """
    before, after = _before(words, run), _after(words, run)
    if _clock_time(words, run, locale) and (cue is None or (before[-1:] and before[-1] in locale.numbers.clock_before)):
        return True
    if _counted(words, run, locale) and not (cue is not None and set(after[:1]) & locale.numbers.keys):
        return True  # a "pound" behind a code is a key
    if _between_bounds(words, run, locale):
        return True
    named = before[:-1] if before[-1:] == ["code"] else before
    if set(named[-1:]) & locale.numbers.errors:
        return len(run.digits) <= _SHORT
    if cue is not None:
        return False
    if _added(words, run, locale):
        return True
    if _price(before, after, run, locale):
        return True
    if set(before[-1:]) & locale.functions.articles and len(run.digits) < _SHORT:
        return True  # "how's traffic on the four oh five", "the hundred and first test"
    if before[-2:] in (["a", "m"], ["f", "m"]) and len(run.digits) <= _SHORT:
        return True
    if _three_not_read_out(run) or run.digits in locale.numbers.sayings or _counting(words, run, locale):
        return True
    if _clock_times(words, run, locale) or _title(before, run, locale) or _score(words, run, locale):
        return True
    context = locale.numbers.context
    near = set(before[-_AROUND:]) & (context - {"to", "by", "from", "of", "in", "after", "before", "line", "m"})
    if len(run.digits) <= _SHORT and len(run.items) <= 2 and (near or set(before[-1:]) & context):
        return True
    if run.digits and len(run.digits) <= _SHORT and near and not {"area", "code"} & set(before):
        return True
    return (
        _is_amount(run)
        or _decimal(words, run, locale)
        or _year(run)
        or _sum(run, before, after, locale)
        or _model(words, run)
    )


def _added(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "add thirty seven forty two and nineteen": nothing but numbers behind a word for adding up."""
    n = locale.numbers
    if not words or words[0].low not in n.adding or any(item.form == ONES for item in run.items):
        return False
    return all(is_number(word.low, locale) or word.low in n.joins | n.operations for word in words[1:])


def _price(before: Sequence[str], after: Sequence[str], run: Run, locale: Locale) -> bool:
    """ "the total came to one hundred twelve thirty", "eleven ninety five a month": what something costs."""
    most = _TITLE if run.items[0].form == AMOUNT else _SCORE
    said = len(run.digits) <= most and not any(item.form == ONES for item in run.items[1:])
    n = locale.numbers
    each = bool(set(after[:1]) & n.each and set(after[1:2]) & n.counted)
    return said and (each or bool(set(before) & n.costs))


def _between_bounds(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "a number between one and a hundred": the bounds of what may be picked, not the number."""
    ahead = [word.low for word in words[max(0, run.first - _BOUNDS) : run.first]]
    return _is_amount(run) and bool(set(ahead) & locale.numbers.bounds) and bool(set(ahead) & locale.numbers.joins)


def _three_not_read_out(run: Run) -> bool:
    """ "seven ten", "404": three digits that nobody reads out one by one are no secret by themselves."""
    pair = len(run.items) == 2 and PAIR in (run.items[0].form, run.items[1].form)
    return len(run.digits) == 3 and (pair or (len(run.items) == 1 and run.items[0].form == WRITTEN))


def _counting(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "one two three", "five four three two one", and further up where somebody counts or plays."""
    said = [int(item.digits) for item in run.items]
    steps = {b - a for a, b in itertools.pairwise(said)}
    if len(said) < 3 or steps not in ({1}, {-1}):
        return False
    asked = bool({word.low for word in words[: run.first]} & locale.numbers.counting)
    return asked or said == [1, 2, 3] or (steps == {-1} and said[-1] in (0, 1))


def _before(words: Sequence[Word], run: Run) -> list[str]:
    return [word.low for word in words[max(0, run.first - 6) : run.first]]


def _after(words: Sequence[Word], run: Run) -> list[str]:
    return [word.low for word in words[run.last + 1 : run.last + 4]]


def _clock_time(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "at six thirty", "7:45 p m": hours and minutes that exist, where a time is spoken of."""
    n, digits = locale.numbers, run.digits
    if not 3 <= len(digits) <= _SHORT or not (int(digits[:-2]) <= 24 and int(digits[-2:]) < 60):
        return False
    forms = [item.form for item in run.items]
    written = len(run.items) == 2 and words[run.items[1].first].gap == ":"
    digital = len(run.items) == 1 and forms == [WRITTEN] and words[run.last].low.endswith(("am", "pm"))
    hour_first = len(run.items) == 2 and run.items[0].digits != "0" and len(run.items[1].digits) == 2
    early = len(run.items) == 3 and forms == [ONES, ONES, PAIR] and run.items[0].digits == "0"  # "oh seven thirty"
    said = (hour_first and forms[1] == PAIR) or early
    oh = len(run.items) == 3 and forms[1:] == [ONES, ONES] and run.items[1].digits == "0" and run.items[0].digits != "0"
    hundred = forms in ([AMOUNT], [ONES, AMOUNT]) and digits.endswith("00") and len(digits) <= _SHORT
    single = forms == [WRITTEN] and len(digits) <= _SHORT
    if written or digital:
        return True
    if not (said or oh or hundred or single):
        return False
    before = words[run.first - 1].low if run.first else ""
    after = words[run.last + 1].low if run.last + 1 < len(words) else ""
    anywhere = {word.low for word in words} & n.clock_anywhere
    return (
        (before in n.clock_before and not single)
        or after in n.clock_after - {"a"}
        or bool(anywhere)
        or _meridiem(words, run)
    )


def _clock_times(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "alarms for six six thirty and seven": hours, each with or without minutes, where a time is spoken of."""
    if not {word.low for word in words} & locale.numbers.clock_anywhere:
        return False
    hours = _hours(run)
    two = hours == _TWO and len(run.digits) <= _SCORE and words[run.first - 1].low in locale.numbers.clock_before
    if hours is not None and _set_at(words, run, locale):
        return True
    return hours is not None and (two or (PAIR in [item.form for item in run.items] and not run.read_out))


def _set_at(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "set alarms at seven, seven oh five and seven ten": behind a word for alarms and a preposition."""
    n = locale.numbers
    before = words[run.first - 1].low if run.first else ""
    alarms = {word.low for word in words[: run.first]} & n.alarms
    paired = PAIR in [item.form for item in run.items]
    return bool(alarms) and before in n.clock_before and paired and len(run.digits) <= _ALARMS


def _hours(run: Run) -> int | None:
    """How many times of day a run consists of: "seven, seven oh five" is two; None if something else is in it."""
    hours, at, items = 0, 0, run.items
    while at < len(items):
        if items[at].form not in (ONES, PAIR) or not 1 <= int(items[at].digits) <= 12:
            return None
        hours, at = hours + 1, at + 1
        if at < len(items) and items[at].form == PAIR and 12 < int(items[at].digits) < 60:
            at += 1
        elif at + 1 < len(items) and items[at].digits == "0" and items[at + 1].form == ONES:
            at += 2
    return hours


def _score(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "it ended twenty one fourteen", "the record is two oh one oh nine": where a game or a race is spoken of."""
    if len(run.digits) > _SCORE or not {word.low for word in words[: run.first]} & locale.numbers.scores:
        return False
    return not run.read_out or run.digits[1:2] == run.digits[3:4] == "0"


def _title(before: Sequence[str], run: Run, locale: Locale) -> bool:
    """ "play eight six seven five three oh nine", "put on ten ten wins": what is played or tuned to."""
    played = before[-1:] and before[-1] in locale.addresses.media and len(run.digits) <= _TITLE
    tuned = set(before[-2:]) & locale.letters.broadcast and len(run.digits) <= _SHORT and not run.read_out
    return bool(played or tuned)


def _meridiem(words: Sequence[Word], run: Run) -> bool:
    return [word.low for word in words[run.last + 1 : run.last + 3]] in (["a", "m"], ["p", "m"])


def _counted(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "two hundred people", "three fifty degrees", "250 g": one amount with what it counts behind it."""
    if run.last + 1 >= len(words) or (run.read_out and len(run.digits) > _SHORT):
        return False
    behind = words[run.last + 1].low
    if behind in ("million", "billion"):
        return True
    return behind in locale.numbers.counted and (
        (len(run.items) <= 3 and len(run.digits) <= _SHORT + 1) or _is_amount(run)
    )


def _is_amount(run: Run) -> bool:
    """One number said as an amount: "three hundred and five", "1,200"."""
    return len(run.items) == 1 and run.items[0].form == AMOUNT


def _decimal(words: Sequence[Word], run: Run, locale: Locale) -> bool:
    """ "one oh one point one", "3.14", "ninety eight point five": one point, few digits around it."""
    marks = [
        at
        for at, item in enumerate(run.items)
        if at and (words[item.first].gap in (".", ",") or words[item.first - 1].low in locale.numbers.points)
    ]
    if len(marks) != 1:
        return False
    whole = sum(len(item.digits) for item in run.items[: marks[0]])
    return whole <= _SHORT and len(run.digits) - whole <= 3 and len(run.digits) <= 6


def _year(run: Run) -> bool:
    """ "nineteen eighty four", "twenty twenty six", "1984"."""
    if len(run.digits) != _SHORT or int(run.digits) not in _YEARS or len(run.items) > 3:
        return False
    first = run.items[0]
    if run.digits[:2] not in ("17", "18", "19", "20"):
        return False
    if len(run.items) == 1:
        return True
    return first.form == PAIR and first.digits in ("17", "18", "19", "20")


def _sum(run: Run, before: Sequence[str], after: Sequence[str], locale: Locale) -> bool:
    """ "three forty seven times twelve", "240 divided by 8"."""
    operations = locale.numbers.operations - {"to", "of", "by", "over", "and", "through"}
    near = {*before[-_OPERATIONS_NEAR:], *after[:_OPERATIONS_NEAR]}
    return len(run.digits) <= _SHORT + 1 and bool(near & operations)


def _model(words: Sequence[Word], run: Run) -> bool:
    """ "wd40", "f150", "blink182": letters and up to three digits written as one."""
    if len(run.items) != 1 or len(run.digits) > 3:
        return False
    return any(ch.isalpha() for ch in words[run.first].low) and run.items[0].form == WRITTEN
