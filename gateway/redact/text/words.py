"""Words of a transcript and what the recognisers know of English: digits, letters, and words that only hold others."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from gateway.clip import Span

_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*", re.UNICODE)


class Word(NamedTuple):
    """One word of a text: characters [start, end), and itself in folded case without a possessive."""

    start: int
    end: int
    low: str


def words_of(text: str) -> list[Word]:
    """Every word in its order; "o'neill", "laura's" and "555-0122" are one each."""
    return [Word(m.start(), m.end(), _folded(m.group())) for m in _WORD.finditer(text)]


def span_of(words: Sequence[Word], first: int, last: int, label: str) -> Span:
    """From word `first` to word `last`, both included."""
    return Span(start=words[first].start, end=words[last].end, label=label)


def _folded(word: str) -> str:
    low = unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
    return low.removesuffix("'s")


UNITS = {
    word: digits
    for digits, group in enumerate(
        "zero|oh|o|nought|ought|naught one two three four five six seven eight nine|niner ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
    for word in group.split("|")
}
TENS = {word: 10 * (at + 2) for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
REPEATS = {"double": 2, "triple": 3, "treble": 3}
MAGNITUDES = {"hundred": "00", "thousand": "000"}
# What a digit is misheard as: counts as a digit between two of them only.
HOMOPHONES = {"to": 2, "too": 2, "for": 4, "fore": 4, "won": 1, "ate": 8, "tree": 3, "free": 3, "sex": 6, "fife": 5}
JOINERS = frozenset("and dash hyphen plus area code point slash space star hash pound".split())

NATO = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu"
    ).split()
}

DETERMINERS = frozenset("the a an my your his her our their its this these those every each some any".split())
PREPOSITIONS = frozenset("to for on in at of from with by about into over under near after before until".split())
_AUXILIARIES = "is are was were be been am can could will would shall should may might must do does did has have had"
_OTHERS = (
    "and or but that then so no not here there what when where who which how why if it i he she we they me him us "
    "them you as than yes please just also again now today tonight tomorrow later soon back up down out off"
)
# Words that hold a sentence together and are nobody's name.
FUNCTION_WORDS = DETERMINERS | PREPOSITIONS | frozenset(_AUXILIARIES.split()) | frozenset(_OTHERS.split())


def is_number(low: str) -> bool:
    """Whether a word is a digit, a number word, or what stands between digits ("double", "hundred")."""
    return any(ch.isdigit() for ch in low) or low in UNITS or low in TENS or low in REPEATS or low in MAGNITUDES


def digits_of(words: Sequence[str]) -> str:
    """The digits a run of words amounts to: "double five twenty one" is 5521. Words that are none add nothing."""
    digits, repeat, tens = "", 1, False
    for word in words:
        unit = UNITS.get(word, HOMOPHONES.get(word, 0))
        if tens and 0 < unit < 10:  # "twenty one" is 21, not 20 and 1
            digits, tens = f"{digits[:-1]}{unit}", False
            continue
        tens = word in TENS
        if word in REPEATS:
            repeat = REPEATS[word]
            continue
        if word in TENS:
            piece = str(TENS[word])
        elif word in UNITS or word in HOMOPHONES:
            piece = str(unit)
        else:
            piece = MAGNITUDES.get(word) or "".join(str(unicodedata.digit(ch)) for ch in word if ch.isdigit())
        digits += piece * repeat
        repeat = 1
    return digits


def letter_of(low: str) -> str | None:
    """The letter a word spells: "l", "lima"; None for other words."""
    return low if len(low) == 1 and low.isalpha() else NATO.get(low)
