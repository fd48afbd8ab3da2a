"""Tells what may be a name where one is expected, and where such a name ends."""

from collections.abc import Iterator, Sequence

from gateway.redact.language.locale import Locale
from gateway.redact.language.ordinary import describes, is_ordinary
from gateway.redact.language.words import Word, is_number, shortened

_LEAST_LETTERS = 2
_LONGEST = 4  # words of one name


def is_nobody(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether what stands at `at` is no name by its form: the end, a number, a letter, a day, a word for a relative."""
    if at >= len(words):
        return True
    n, low = locale.names, words[at].low
    fixed = (
        locale.function_words
        | locale.functions.inflected
        | n.nobody
        | n.kin
        | n.titles
        | n.half_titles
        | n.particles
        | n.speaking
    )
    times = locale.numbers.clock_after | locale.dates.months.keys()
    held = fixed | times | locale.numbers.fillers | locale.numbers.ordinals | locale.letters.acronyms
    return low in held or len(low) < _LEAST_LETTERS or is_number(low, locale)


def is_strange(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a word of no dictionary stands at `at`."""
    return not is_nobody(words, at, locale) and not is_ordinary(words[at].low, locale)


def is_named_so(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a word stands at `at` that says nothing about anybody but the name."""
    return not is_nobody(words, at, locale) and not describes(words[at].low, locale)


def may_be_somebody(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a name may stand at `at`: a word of no dictionary, or one that is a name as often ("mark", "bill")."""
    if is_nobody(words, at, locale):
        return False
    low = words[at].low
    plural = not locale.names.relations_before_names and low.endswith("s") and not shortened(words[at])
    return low in locale.names.given_words or (is_strange(words, at, locale) and not plural)


def name_end(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of one name that begins at `at`, with the family's name: "bob smith", "john van der berg"."""
    last, n = at, locale.names
    while last + 1 < len(words) and last - at < _LONGEST and not shortened(words[last]):
        gap, low = words[last + 1].gap, words[last + 1].low
        if gap.strip(" -"):
            break
        through = last + 1
        while through < len(words) and words[through].low in n.particles - locale.function_words:
            through += 1
        tied = "-" in gap or low in n.family_words
        behind_particle = through > last + 1 and not is_nobody(words, through, locale)
        if tied or behind_particle or may_be_somebody(words, through, locale):
            last = last + 1 if tied else through
        else:
            break
    return last


def names_from(words: Sequence[Word], at: int, locale: Locale) -> Iterator[tuple[int, int]]:
    """(first, last) of the name that begins at `at`, and of those that "and" or a comma ties to it."""
    joins = locale.ties
    while at < len(words) and may_be_somebody(words, at, locale):
        last = name_end(words, at, locale)
        yield at, last
        if last + 1 >= len(words) or shortened(words[last]):
            return
        comma = words[last + 1].gap.strip() == ","
        at = last + 2 if words[last + 1].low in joins else last + 1 if comma else len(words)
        if locale.names.towards_needed and at < len(words) and words[at].low in locale.names.towards:
            at += 1  # "y a ximena"
