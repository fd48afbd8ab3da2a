"""What the recognisers know of one language: number words, letters, street forms, cues (locales/*.yaml).

A transcript says its language by a tag such as "en" or "es-MX"; only the part before the hyphen counts.
"""

import functools
from pathlib import Path
from typing import Any

import msgspec

from gateway.files import read_yaml
from gateway.redact.language.name_section import Names
from gateway.redact.language.sections import (
    Addresses,
    Dates,
    Emails,
    Functions,
    Letters,
    Network,
    Numbers,
    Ordinary,
    Secrets,
    Things,
    Words,
)

_NAMING = ("people", "given_words", "family_words", "particles", "alphabet", "sounds", "names")  # lists that hold names
LOCALES = Path(__file__).parent / "locales"


class UnsupportedLanguage(ValueError):
    """No locale has this language. The text names the languages there are."""


class Locale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    language: str
    regions: tuple[str, ...]
    wholes: Words
    numbers: Numbers
    letters: Letters
    network: Network
    emails: Emails
    dates: Dates
    addresses: Addresses
    names: Names
    secrets: Secrets
    ordinary: Ordinary
    things: Things
    functions: Functions

    @property
    def function_words(self) -> Words:
        return _function_words(self.functions)

    @property
    def ties(self) -> Words:
        """Words that tie two of a kind together: "and"."""
        return self.addresses.corner_joins & self.functions.others


@functools.cache
def _function_words(f: Functions) -> Words:
    return f.determiners | f.prepositions | f.auxiliaries | f.others


@functools.cache
def own_words(language: str) -> Words:
    """Every word that the rules of a language speak of, but for names and words that spell letters."""
    kept, locale = list[str](), load_locale(language)
    for section in msgspec.structs.asdict(locale).values():
        if isinstance(section, msgspec.Struct):
            lists = {key: value for key, value in msgspec.structs.asdict(section).items() if key not in _NAMING}
            kept += [phrase for value in lists.values() for phrase in _phrases(value)]
    return frozenset(word for phrase in kept for word in phrase.split("_"))


def _phrases(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(each for inner in value.values() if isinstance(inner, frozenset) for each in inner)]
    return list(value) if isinstance(value, frozenset) else []


@functools.cache
def languages() -> tuple[str, ...]:
    """The languages that ship, sorted."""
    return tuple(sorted(path.stem for path in LOCALES.glob("*.yaml")))


@functools.cache
def load_locale(tag: str = "en") -> Locale:
    """The locale of a language tag.

    Raises:
        UnsupportedLanguage: there is none for it.
    """
    language = tag.replace("_", "-").split("-")[0].casefold()
    if language not in languages():
        raise UnsupportedLanguage(f"{language[:16]!r} is no supported language; allowed: {', '.join(languages())}")
    parts = {name: _split(part) for name, part in read_yaml(LOCALES / f"{language}.yaml").items()}
    return msgspec.convert(parts | {"language": language}, Locale)


def _split(part: Any) -> Any:
    """Texts of several words as lists of words, in a part and in its table of cues."""
    if isinstance(part, str):
        return part.split()
    if isinstance(part, dict):
        return {
            key: value if isinstance(value, dict) and key != "cues" else _split(value) for key, value in part.items()
        }
    return part
