"""What the recognisers know of one language: number words, letters, street forms, cues (locales/*.yaml).

A transcript says its language by a tag such as "en" or "es-MX"; only the part before the hyphen counts.
"""

import functools
from pathlib import Path
from typing import Any

import msgspec

from gateway.files import read_yaml

LOCALES = Path(__file__).parent / "locales"

Words = frozenset[str]


class UnsupportedLanguage(ValueError):
    """No locale has this language. The text names the languages there are."""


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number words and what stands between, before and behind numbers."""

    units: dict[str, int]
    tens: dict[str, int]
    hundreds: dict[str, int]
    magnitudes: dict[str, int]
    repeats: dict[str, int]
    within: Words
    homophones: dict[str, int]
    ordinals: Words
    points: Words
    joiners: Words
    fractions: Words
    fillers: Words
    connectors: Words
    corrections: Words
    cues: dict[str, Words]
    plate_cues: Words
    plural_cues: Words
    strong: Words
    secret_words: Words
    clock_before: Words
    clock_after: Words
    clock_anywhere: Words
    alarms: Words
    bounds: Words
    joins: Words
    counted: Words
    context: Words
    operations: Words
    year_decades: Words
    scores: Words
    keys: Words
    sayings: Words
    counting: Words


class Letters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that spell a letter: of an alphabet, by its name, or sounding like it."""

    alphabet: dict[str, str]
    names: dict[str, str]
    pairs: dict[str, str]
    sounds: dict[str, str]
    links: Words
    skips: Words
    acronyms: Words
    broadcast: Words


class Emails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an address is said."""

    at: Words
    dots: Words
    marks: dict[str, str]
    bare: Words
    providers: Words
    joins: Words
    cues: Words
    before_mailbox: Words
    no_mailbox: Words


class Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a date of birth and a card's expiry are said."""

    months: dict[str, int]
    between: Words
    born: Words
    turned: Words
    year_before: Words
    cohort_before: Words
    cohort_behind: Words
    birth: Words
    not_birth: Words
    answering: Words
    questions: Words
    expiry: Words
    expiry_of: Words
    expiry_forms: Words


class Addresses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forms of streets. `number_first`: "12 Oak Hill Road", else "Calle Mayor 12"."""

    number_first: bool
    types: Words
    weak_types: Words
    vague_types: Words
    boxes: Words
    corners: Words
    corner_joins: Words
    lived: Words
    units: Words
    flats: Words
    blocks: Words
    houses: Words
    sides: Words
    places: Words
    found_on: Words
    directions: Words
    prefixes: Words
    not_names: Words
    media: Words


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Grammar that shows a name, and parts of names that are none alone."""

    particles: Words
    family_nouns: Words
    verbs: Words
    calling: Words
    talks: Words
    nouns: Words
    nouns_sent: Words
    alone: Words
    towards: Words
    reports: Words
    towards_noun: Words
    froms: Words
    towards_needed: bool
    sends: Words
    sending: Words
    lets: dict[str, str]
    nobody: Words
    kin: Words
    titles: Words
    half_titles: Words
    before_verbs: Words
    out_of_place: Words
    no_starts: Words
    no_addressees: Words
    named_by: Words
    name_words: Words
    me_words: Words
    speaking: Words
    opening: Words
    opens: Words
    opened: Words
    after_here: Words
    whereabouts: Words
    selves: Words
    presented: Words
    relations: Words
    relations_before_names: bool
    titles_with_article: bool
    kept: Words
    kept_for: Words
    given_to: Words
    gives: Words
    goes: Words
    close: Words
    mates_of: Words
    goes_on: Words
    ends: Words
    given_words: Words
    family_words: Words
    meetings: Words
    together: Words
    met: Words
    heard: Words
    asked: Words
    writes: Words
    has: Words
    back: Words
    called_so: Words
    fetches: Words
    fetched_from: Words
    greetings: Words
    of: Words
    days: Words
    books: Words
    belongings: Words
    lettered: Words
    letter_counts: Words
    hyphenated: Words


class Functions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that hold a sentence together and are nobody's name."""

    determiners: Words
    articles: Words
    prepositions: Words
    auxiliaries: Words
    pronouns: Words
    others: Words
    sentence_ends: Words
    edges: Words
    verbs: Words
    inflected: Words
    leads: Words


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for secrets made of words, and for the turns of a combination lock."""

    words: Words
    weak_words: Words
    handles: Words
    copulas: Words
    given: Words
    states: Words
    degrees: Words
    described: Words
    things: Words
    breaks: Words
    turns: Words
    turning: Words
    locks: Words


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words and endings that say how or what somebody is and are no names."""

    states: Words
    endings: Words


class Locale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    language: str
    regions: tuple[str, ...]
    wholes: Words
    numbers: Numbers
    letters: Letters
    emails: Emails
    dates: Dates
    addresses: Addresses
    names: Names
    secrets: Secrets
    ordinary: Ordinary
    functions: Functions

    @property
    def function_words(self) -> Words:
        return _function_words(self.functions)


@functools.cache
def _function_words(f: Functions) -> Words:
    return f.determiners | f.prepositions | f.auxiliaries | f.others


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
