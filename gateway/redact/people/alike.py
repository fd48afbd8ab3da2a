"""Finds known names in a text: as written, in another script, split, joined, plural, or by their sound."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence

import jellyfish
import msgspec
from anyascii import anyascii

from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, folded

_WINDOW = 6  # words a recogniser may make of one name
_ALIKE_LETTERS = 5  # shorter names are only taken as written: too many words sound like them
_JOINED_ALIKE = 7
_ALIKE_EDITS = 2
_ONE_OFF_LETTERS = 7  # from which one letter more, less or other is the same name
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


class Known(msgspec.Struct, frozen=True):
    """Names to look for, as letters without spaces.

    `sounds` holds Metaphone keys of names long enough to be misheard.
    """

    letters: frozenset[str]
    sounds: dict[str, tuple[str, ...]]
    long: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str]) -> "Known":
        letters = {form for name in names for form in forms(name)}
        sounds: dict[str, tuple[str, ...]] = {}
        for each in sorted(letters):
            if len(each) >= _ALIKE_LETTERS and each.isascii():
                key = jellyfish.metaphone(each)
                sounds[key] = (*sounds.get(key, ()), each)
        long = tuple(sorted(each for each in letters if len(each) >= _ONE_OFF_LETTERS))
        return cls(letters=frozenset(letters), sounds=sounds, long=long)


def forms(name: str) -> set[str]:
    """A name's letters: folded, with umlauts written out, and in Latin script; without spaces, hyphens, apostrophes."""
    if name.isascii():
        return {letters for each in (folded(name), name.lower()) if (letters := _letters(each))}
    lower = unicodedata.normalize("NFC", name).casefold()
    written = (folded(name), folded(lower.translate(_UMLAUTS)), anyascii(lower).casefold(), folded(anyascii(name)))
    return {letters for each in written if (letters := _letters(each))}


def parts_of(name: str) -> list[str]:
    """A name's parts: at spaces and hyphens, and sign by sign where a script has no spaces."""
    parts = [part for part in re.split(r"[\s\-‐‑–.,]+", name) if part]
    return [piece for part in parts for piece in (list(part) if _UNSPACED.search(part) else [part])]


def unspaced(name: str) -> bool:
    """Whether its script writes words without spaces between."""
    return bool(_UNSPACED.search(name))


def find_known(words: Sequence[Word], known: Known, locale: Locale) -> Iterator[tuple[int, int]]:
    """(first, last) words that together are a known name, the longest from each word."""
    for first in range(len(words)):
        found = _from(words, first, known, locale)
        if found is not None:
            yield first, found


def _from(words: Sequence[Word], first: int, known: Known, locale: Locale) -> int | None:
    joined, best = "", None
    functions = locale.function_words
    content = False
    for last in range(first, min(len(words), first + _WINDOW)):
        low = words[last].low
        joined += _letters(low)
        content = content or (low not in functions and len(low) > 1)
        if last == first:
            if is_known(low, known, locale):
                best = last
        elif (
            len(joined) > 3
            and content
            and (_plain(joined, known) or _joined_alike(joined, words, first, last, known, locale))
        ):
            best = last
    return best


def is_known(low: str, known: Known, locale: Locale) -> bool:
    """Whether one word is a known name: as written, in the plural, or by its sound."""
    letters = _letters(low)
    return _plain(letters, known) or _alike(letters, known, locale, _ALIKE_LETTERS)


def _plain(letters: str, known: Known) -> bool:
    if letters in known.letters:
        return True
    stems = [letters.removesuffix("s"), letters.removesuffix("es")] if letters.endswith("s") else []
    return any(len(stem) > 2 and stem in known.letters for stem in stems)


def _joined_alike(joined: str, words: Sequence[Word], first: int, last: int, known: Known, locale: Locale) -> bool:
    """Whether two pieces together sound like a long name ("tarkin ton"). Ordinary words do not count."""
    pieces = [words[at].low for at in range(first, last + 1)]
    if len(pieces) > 2 or any(low in locale.function_words or low in _ordinary() for low in pieces):
        return False
    return _alike(joined, known, locale, _JOINED_ALIKE)


def _alike(letters: str, known: Known, locale: Locale, least: int) -> bool:
    """Same Metaphone key, at most two letters apart, same beginning."""
    if len(letters) < least or letters in locale.function_words or not letters.isalpha() or not letters.isascii():
        return False
    if len(letters) >= _ONE_OFF_LETTERS and any(_one_off(letters, name) for name in known.long):
        return True
    key = jellyfish.metaphone(letters)
    return any(
        letters[0] == name[0] and jellyfish.damerau_levenshtein_distance(letters, name) <= _ALIKE_EDITS
        for name in known.sounds.get(key, ())
    )


def _one_off(letters: str, name: str) -> bool:
    near = letters[0] == name[0] and abs(len(letters) - len(name)) <= 1
    return near and jellyfish.damerau_levenshtein_distance(letters, name) == 1


def _letters(text: str) -> str:
    return text if text.isalnum() else "".join(ch for ch in text if ch.isalnum())


@functools.cache
def _ordinary() -> frozenset[str]:
    return frozenset(
        "set play turn call add make show tell find stop start next light lights music timer alarm volume song".split()
    )
