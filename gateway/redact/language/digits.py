"""Numbers in a row of words: "double five", "twenty-two", "two hundred and five", "41" are one item each."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, digits_in, glued_numbers

ONES, PAIR, AMOUNT, WRITTEN = "ones", "pair", "amount", "written"


class Item(NamedTuple):
    """Words `first` to `last` say `digits`.

    `form` is `ones` (read digit by digit), `pair` (ten to ninety-nine), `amount` (a value), or `written` (in digits).
    """

    first: int
    last: int
    digits: str
    form: str


def items_of(words: Sequence[Word], locale: Locale) -> list[Item]:
    """Every number of a text, in order. None overlaps another."""
    found, at = [], 0
    while at < len(words):
        item = _repeated(words, at, locale) or _amount(words, at, locale) or _small(words, at, locale)
        if item is None:
            at += 1
            continue
        found.append(item)
        at = item.last + 1
    return found


def _low(words: Sequence[Word], at: int) -> str:
    return words[at].low if 0 <= at < len(words) else ""


def _small(words: Sequence[Word], at: int, locale: Locale) -> Item | None:
    """Nought to ninety-nine, digits as they are written, or number words written as one."""
    n, low = locale.numbers, _low(words, at)
    if low in n.units:
        value = n.units[low]
        return Item(at, at, str(value), ONES if value < 10 else PAIR)
    if low in n.tens:
        joined = at + 1 if _low(words, at + 1) in n.within and locale.language != "en" else at
        unit = n.units.get(_low(words, joined + 1), 0)
        if 0 < unit < 10:
            return Item(at, joined + 1, str(n.tens[low] + unit), PAIR)
        return Item(at, at, str(n.tens[low]), PAIR)
    if glued := glued_numbers(low, locale):
        digits = "".join(str(n.units[word] if word in n.units else n.tens[word]) for word in glued)
        return Item(at, at, digits, ONES if len(digits) == len(glued) else PAIR)
    if not low.isalpha() and any(ch.isdigit() for ch in low):
        return _written(words, at)
    return None


def _written(words: Sequence[Word], at: int) -> Item:
    """ "541", and "1,200" as one."""
    last, digits = at, digits_in(words[at].low)
    while last + 1 < len(words) and words[last + 1].gap == "," and len(digits_in(words[last + 1].low)) == 3:
        last += 1
        digits += digits_in(words[last].low)
    return Item(at, last, digits, WRITTEN if last == at else AMOUNT)


def _repeated(words: Sequence[Word], at: int, locale: Locale) -> Item | None:
    """ "double five", "triple oh"."""
    n = locale.numbers
    times, unit = n.repeats.get(_low(words, at)), n.units.get(_low(words, at + 1))
    if times is None:
        return None
    if unit is None:
        written = digits_in(_low(words, at + 1))
        return Item(at, at + 1, written * times, ONES) if len(written) == 1 else None
    return Item(at, at + 1, str(unit) * times, ONES) if unit < 10 else None


def _amount(words: Sequence[Word], at: int, locale: Locale) -> Item | None:
    """ "two hundred", "forty-one hundred", "three thousand and five", "doscientos doce"; digits are the value's."""
    n = locale.numbers
    total, part, here, spoken = 0, 0, at, False
    while here < len(words):
        low = words[here].low
        small = _below_hundred(words, here, locale)
        if low in n.hundreds and (not spoken or part == 0):
            part, here, spoken = n.hundreds[low], here + 1, True
        elif low in n.magnitudes and (part or here == at):
            size = n.magnitudes[low]
            if size == 100:
                part = max(part, 1) * 100
            else:
                total, part = total + max(part, 1) * size, 0
            here, spoken = here + 1, True
        elif small is not None and here == at and _heads(words, small.last + 1, locale):
            part, here = int(small.digits), small.last + 1
        elif spoken and _is_rest(words, here, locale):
            bridge = here + 1 if low in n.within else here
            rest = _below_hundred(words, bridge, locale)
            if rest is None:
                break
            part, here = part + int(rest.digits), rest.last + 1
            if _low(words, here) not in n.magnitudes:
                break
        else:
            break
    return Item(at, here - 1, str(total + part), AMOUNT) if spoken else None


def _heads(words: Sequence[Word], after: int, locale: Locale) -> bool:
    return _low(words, after) in locale.numbers.magnitudes


def _below_hundred(words: Sequence[Word], at: int, locale: Locale) -> Item | None:
    item = _small(words, at, locale)
    return item if item is not None and len(item.digits) <= 3 else None


def _is_rest(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether "forty two" belongs to the "hundred" before: unless more digits follow ("eight hundred five five")."""
    bridge = at + 1 if _low(words, at) in locale.numbers.within else at
    rest = _below_hundred(words, bridge, locale)
    if rest is None or rest.form == WRITTEN or set(rest.digits) == {"0"}:
        return False
    if len(rest.digits) == 2 and _low(words, at - 1) in locale.numbers.hundreds:
        return True
    follows = _small(words, rest.last + 1, locale)
    return follows is None or _heads(words, follows.last + 1, locale)
