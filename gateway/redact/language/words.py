"""Splits a transcript into words and pieces. "twenty-two" is two pieces, "five-five-five" three, "jane.doe" two."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from gateway.clip import Span
from gateway.redact.language.locale import Locale, languages, load_locale

_LONGEST_PHRASE = 5  # words
_MARKS = "\u0300-\u036f"
_PIECE = rf"(?:[^\W_][{_MARKS}]*)+(?:['’](?:[^\W_][{_MARKS}]*)+)*(?:(?<=[sS])['’](?!\w))?"
_JOINED = re.compile(rf"{_PIECE}(?:[-.‐‑–]{_PIECE})*", re.UNICODE)
_ALONE = re.compile(_PIECE, re.UNICODE)
_HYPHENS = frozenset("-‐‑–")


class Word(NamedTuple):
    """One piece of a text: characters [start, end), its folded form `low`, and the text `gap` before it.

    Folded means lower case, without accents and without a possessive.
    """

    start: int
    end: int
    low: str
    gap: str = ""


def words_of(text: str, locale: Locale | None = None) -> list[Word]:
    """Every piece of a text, in order.

    "o'neill" is one and "555-0122" two. "e-mail" is one where the locale says so.
    """
    wholes = (locale or load_locale()).wholes
    found: list[tuple[int, int]] = []
    for match in _JOINED.finditer(text):
        if folded(match.group()) in wholes:
            found.append(match.span())
        else:
            found += [piece.span() for piece in _ALONE.finditer(text, *match.span())]
    words, before = [], 0
    for start, end in found:
        words.append(Word(start, end, folded(text[start:end]), text[before:start]))
        before = end
    return _paired(words, locale or load_locale())


def _paired(words: list[Word], locale: Locale) -> list[Word]:
    """The words, with "double u" beside a letter joined to one word: the letter w."""
    joined: list[Word] = []
    for at, word in enumerate(words):
        pair = f"{joined[-1].low}_{word.low}" if joined else ""
        letter = locale.letters.pairs.get(pair)
        near = [words[other].low for other in (at - 2, at + 1) if 0 <= other < len(words)]
        if letter is not None and any(spells(low, locale) for low in near):
            first = joined.pop()
            joined.append(Word(first.start, word.end, letter, first.gap))
        else:
            joined.append(word)
    return joined


def spells(low: str, locale: Locale) -> str | None:
    """The letter of a word that hardly means anything else: "l", "lima", "ell". Else None."""
    return letter_of(low, locale) or locale.letters.names.get(low)


def span_of(words: Sequence[Word], first: int, last: int, label: str) -> Span:
    """From word `first` to word `last`, both included."""
    return Span(start=words[first].start, end=words[last].end, label=label)


def whole(words: Sequence[Word], span: Span) -> Span:
    """`span`, grown to whole hyphenated words, so that no half of "forty-one" is left."""
    start, end = span.start, span.end
    for before, word in itertools.pairwise(words):
        if word.gap in _HYPHENS and before.end == end:
            end = word.end
    for before, word in zip(reversed(words[:-1]), reversed(words[1:]), strict=True):
        if word.gap in _HYPHENS and word.start == start:
            start = before.start
    return Span(start=start, end=end, label=span.label)


def folded(word: str) -> str:
    """Lower case, no accents, no possessive: "Laura’s" is laura, "Weiß" weiss."""
    if word.isascii():  # most words: nothing of them can be taken apart
        low = word.lower()
    else:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
        low = "".join(ch for ch in plain if not unicodedata.combining(ch)).replace("’", "'").replace("‑", "-")
    return low.removesuffix("'s").rstrip("'") or low


@functools.cache
def every_function_word() -> frozenset[str]:
    """Function words of all languages. None of them is a name."""
    return frozenset().union(*(load_locale(language).function_words for language in languages()))


def shortened(word: Word) -> bool:
    """Whether a possessive or a short verb was folded away: "it's", "Laura's". No misheard digit looks so."""
    return word.end - word.start > len(word.low)


def digits_in(low: str) -> str:
    """The digits of a written word, of any script, as 0..9."""
    return "".join(str(unicodedata.digit(ch)) for ch in low if ch.isdigit())


def is_number(low: str, locale: Locale) -> bool:
    """Whether a word is a digit, a number word, or a word between digits ("double", "hundred")."""
    n = locale.numbers
    said = low in n.units or low in n.tens or low in n.hundreds or low in n.repeats or low in n.magnitudes
    return said or any(ch.isdigit() for ch in low) or bool(glued_numbers(low, locale))


def glued_numbers(low: str, locale: Locale) -> tuple[str, ...]:
    """The number words that a recogniser wrote as one: "fiftyfive" is fifty, five. Empty for other words."""
    return _glued(low, locale.language) if len(low) > 5 and low.isalpha() else ()


def _glued(low: str, language: str) -> tuple[str, ...]:
    n = load_locale(language).numbers
    if low in n.units or low in n.tens or low in n.hundreds:
        return ()
    found = re.fullmatch(f"(?:{_any_number(language)})+", low)
    return tuple(re.findall(_any_number(language), low)) if found else ()


@functools.cache
def _any_number(language: str) -> str:
    n = load_locale(language).numbers
    longest = sorted((word for word in (*n.units, *n.tens) if len(word) > 2), key=len, reverse=True)
    return "|".join(longest)


def only_phrases(lows: Sequence[str], phrases: frozenset[str]) -> bool:
    """Whether the words consist of phrases of a list alone. A phrase of two words is written "hold_on"."""
    at = 0
    while at < len(lows):
        length = next((n for n in (4, 3, 2, 1) if "_".join(lows[at : at + n]) in phrases and at + n <= len(lows)), 0)
        if not length:
            return False
        at += length
    return True


def has_phrase(lows: Sequence[str], phrases: frozenset[str]) -> bool:
    """Whether a phrase of a list stands anywhere among the words."""
    return any("_".join(lows[at : at + n]) in phrases for at in range(len(lows)) for n in (1, 2, 3, 4))


def phrase_length(words: Sequence[Word], at: int, phrases: frozenset[str]) -> int:
    """How many words the longest phrase of a list has that begins at word `at`; 0 for none."""
    lows = [word.low for word in words[at : at + _LONGEST_PHRASE]]
    return next((n for n in range(len(lows), 0, -1) if "_".join(lows[:n]) in phrases), 0)


def is_day(low: str, locale: Locale) -> bool:
    """Whether a word is an ordinal, as of a day in a month: "third", "3rd"."""
    return low in locale.numbers.ordinals or (low[:1].isdigit() and low[-2:] in ("st", "nd", "rd", "th"))


def letter_of(low: str, locale: Locale) -> str | None:
    """The letter a word spells: "l", "lima"; None for other words."""
    return low if len(low) == 1 and low.isalpha() else locale.letters.alphabet.get(low)
