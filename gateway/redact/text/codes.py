"""Finds letters and digits in a row: licence plates, national ids, account numbers with letters.

They are recognised by check digits (python-stdnum) where a country's form has letters. Otherwise the words before say
what they are.
"""

import re
from collections.abc import Iterator, Sequence

from stdnum import iban
from stdnum.es import nie, nif
from stdnum.in_ import pan
from stdnum.it import codicefiscale
from stdnum.mx import curp

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.ordinary import is_ordinary
from gateway.redact.language.words import Word, letter_of, shortened, span_of, spells
from gateway.redact.text.calendar import days_in_figures
from gateway.redact.text.numbers import cue_of

_REACH = 7
_PLATE_LENGTH = range(2, 11)
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_PLATES = re.compile(r"[A-Z]{2}\d{2}[A-Z]{3}|[A-Z]\d{1,3}[A-Z]{3}|\d[A-Z]{3}\d{3}|\d{4}[BCDFGHJKLMNPRSTVWXYZ]{3}")
_WITH_LETTERS = (nif, nie, codicefiscale, curp, pan)
_LEAST_CUED = 4  # letters and digits of a code that is called one
_LEAST_MIXED = 6
_LONG = 7  # digits to which one letter behind them belongs
_LINKS = 2  # words between a letter and what tells it


Piece = tuple[int, int, str | None]


def find_codes(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of codes with letters in them, and of short plates behind the word for them."""
    forms = ("licence_plate", "national_id", "bank_account")
    written = [span for span in _codes(words, _written(words, locale), locale) if span.label in forms]
    return [*_codes(words, _pieces(words, locale), locale), *written]


def _codes(words: Sequence[Word], pieces: Sequence[Piece], locale: Locale) -> Iterator[Span]:
    at = 0
    while at < len(pieces):
        end = at
        while end < len(pieces) and pieces[end][2] != "":
            end += 1
        group = _trimmed(words, [piece for piece in pieces[at:end] if piece[2] is not None], locale)
        if len(group) > 1 or (group and len(group[0][2] or "") > 3):
            code = "".join(piece[2] or "" for piece in group).upper()
            label = _label(words, group[0][0], group[-1][1], code, locale)
            if label is not None:
                yield span_of(words, group[0][0], group[-1][1], label)
        at = end + 1


def _pieces(words: Sequence[Word], locale: Locale) -> list[Piece]:
    """(first word, last word, letters and digits): "" for other words, None for joiners and fillers."""
    numbers = {item.first: item for item in items_of(words, locale)}
    pieces, at = list[Piece](), 0
    loose = locale.numbers.joiners | locale.numbers.points | (locale.numbers.fillers - {"a"}) | {"then", "capital"}
    plate_near = {word.low for word in words} & locale.numbers.plate_cues
    days = days_in_figures(words, locale)
    while at < len(words):
        if at in days:
            pieces.append((at, at, ""))
            at += 1
            continue
        low, item = words[at].low, numbers.get(at)
        mixed = any(ch.isdigit() for ch in low)
        if item is not None and not mixed:
            pieces.append((at, item.last, item.digits))
            at = item.last + 1
            continue
        meant = _as_in(words, at, locale)
        if meant:
            pieces.append((at, meant, low))
            at = meant + 1
            continue
        times = locale.numbers.repeats.get(low)
        if times and at + 1 < len(words) and (letter := spells(words[at + 1].low, locale)):
            pieces.append((at, at + 1, letter * times))
            at += 2
            continue
        letters = "".join(ch for ch in low if ch.isalnum()) if mixed else spells(low, locale)
        if plate_near and not letters and pieces and (pieces[-1][2] or "").isalpha():
            letters = locale.letters.sounds.get(low)  # "be ce de"
        beside = len(low) == 3 and low.isalpha() and low not in locale.function_words and plate_near
        if beside and not letters and low not in locale.numbers.plate_cues and at + 1 in numbers:
            letters = low
        pieces.append((at, at, letters or (None if low in loose else "")))
        at += 1
    return pieces


def _as_in(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of "m as in mike" from `at`; 0 where no letter is told by a word that begins with it."""
    low, end = words[at].low, at + 1
    while end < len(words) and end - at <= _LINKS and words[end].low in locale.letters.links:
        end += 1
    told = len(low) == 1 and low.isalpha() and at + 1 < end < len(words) and words[end].low.startswith(low)
    return end if told and len(words[end].low) > 1 else 0


def _written(words: Sequence[Word], locale: Locale) -> list[Piece]:
    """The pieces, with short words beside digits taken as letters: "AB 12 34 56 C", "AB12 CDE"."""
    pieces = _pieces(words, locale)
    for number, (first, last, piece) in enumerate(pieces):
        low = words[first].low
        near = [pieces[other][2] or "" for other in (number - 1, number + 1) if 0 <= other < len(pieces)]
        short = first == last and 1 < len(low) <= 4 and low.isascii() and low.isalpha()
        beside = "".join(words[at].low for at in (first - 1, last + 1) if 0 <= at < len(words))
        said = beside.isalpha() and is_ordinary(low, locale)  # "the b one bus"
        plain = not said and low not in locale.function_words | locale.numbers.plate_cues | locale.numbers.fillers
        if piece == "" and short and plain and any(ch.isdigit() for each in near for ch in each):
            pieces[number] = (first, last, low)
    return pieces


def _trimmed(words: Sequence[Word], group: list[Piece], locale: Locale) -> list[Piece]:
    """The group without "a" or "i" at its edges, which may be words."""
    while (
        group
        and words[group[0][0]].low in locale.function_words
        and not (len(group) > 1 and letter_of(words[group[1][0]].low, locale))
        and not (len(group) >= _LEAST_CUED and _told(words, group[0][0], locale))
    ):
        group = group[1:]
    return group


def _told(words: Sequence[Word], first: int, locale: Locale) -> bool:
    """Whether a code begins at `first`, right behind "my code is" or "my code's"."""
    before = words[first - 1] if first else None
    verb = before is not None and (before.low in locale.names.named_by or shortened(before))
    return verb and cue_of(words, first, locale) is not None


def _label(words: Sequence[Word], first: int, last: int, code: str, locale: Locale) -> str | None:
    n = locale.numbers
    before = [word.low for word in words[max(0, first - _REACH) : first]]
    behind = [word.low for word in words[last + 1 : last + 5]]
    has_digit, has_letter = any(ch.isdigit() for ch in code), any(ch.isalpha() for ch in code)
    plate = bool(set(before) & n.plate_cues or set(behind) & n.plate_cues)
    if plate and len(code) in _PLATE_LENGTH and has_digit and not _cued_otherwise(words, first, locale):
        return "licence_plate"
    if not has_letter or not has_digit:
        return None
    if _NINO.fullmatch(code) or any(kind.is_valid(code) for kind in _WITH_LETTERS):
        return "national_id"
    if iban.is_valid(code):
        return "bank_account"
    cue = cue_of(words, first, locale)
    digits = sum(ch.isdigit() for ch in code)
    if cue is not None and digits >= 1 and len(code) >= _LEAST_CUED:
        return cue if cue != "number" else "number"
    station = {*before[-4:], *behind[:2]} & locale.letters.broadcast
    if _PLATES.fullmatch(code) and not station:
        return "licence_plate"
    checked = digits >= _LONG and code[-1].isalpha()
    mixed = len(code) >= _LEAST_MIXED and digits >= 2 and (len(code) - digits >= 2 or checked)
    return "number" if mixed and not station else None


def _cued_otherwise(words: Sequence[Word], first: int, locale: Locale) -> bool:
    cue = cue_of(words, first, locale)
    return cue is not None and cue not in ("number",)
