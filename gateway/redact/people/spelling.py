"""Names spelled out: "l a u r a", "L-A-U-R-A", "lima alpha", "l for lion", "double u i double l", "em ay why"."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, letter_of, span_of, spells

_STRANGER_LETTERS = 4  # of a stranger; "u s a" and "a b c" are no names
_SKIPPED = 3  # words between two letters that are none, such as "capital" and "with an umlaut"
_BROADCAST_REACH = 4
_PERSON = "person"


def find_spelled(words: Sequence[Word], labels: Mapping[str, str], locale: Locale) -> list[Span]:
    """Runs of letters: known names from two letters, strangers from four; one word between letters may be misheard."""
    found = []
    for first, last, letters in _runs(words, locale):
        sure = sum(_certain(words, at, locale) for at in range(first, last + 1))
        label = next((labels[name] for name in labels if len(name) > 1 and name in letters), None)
        label = label or next((labels[n] for n in labels if len(n) > _STRANGER_LETTERS and _nearly(n, letters)), None)
        if label and sure * 3 < len(letters):
            label = None  # ordinary words that happen to sound like letters
        alphabet = sum(word.low in locale.letters.alphabet for word in words[first : last + 1]) >= _STRANGER_LETTERS - 1
        stranger = sure >= _STRANGER_LETTERS and not _no_name(words, first, last, letters, locale)
        if not label:
            while last > first and not _certain(words, last, locale) and words[last].low in locale.letters.sounds:
                last -= 1
        if label or alphabet or stranger:
            found.append(span_of(words, first, last, label or _PERSON))
    return found


def _nearly(name: str, letters: str) -> bool:
    """Whether `letters` is `name` with one letter lost or added at most."""
    return any(name[:at] + name[at + 1 :] in letters for at in range(len(name)) if len(letters) >= len(name) - 1)


def _no_name(words: Sequence[Word], first: int, last: int, letters: str, locale: Locale) -> bool:
    """Acronyms, and the call signs of stations where somebody wants to hear one."""
    if letters in locale.letters.acronyms or any(letters.startswith(a) for a in locale.letters.acronyms):
        return True
    near = {word.low for word in (*words[max(0, first - _BROADCAST_REACH) : first], *words[last + 1 : last + 3])}
    return len(letters) <= _STRANGER_LETTERS + 1 and bool(near & locale.letters.broadcast)


def _runs(words: Sequence[Word], locale: Locale) -> Iterator[tuple[int, int, str]]:
    """(first, last, letters) of every run of two letters and more."""
    at = 0
    while at < len(words):
        start, here, letters = at, at, ""
        last = at
        while here < len(words):
            step = _letter(words, here, locale, bool(letters))
            if step is None:
                break
            after, piece = step
            letters, last, here = letters + piece, after - 1, after
            here = _linked(words, here, locale)
            last = max(last, here - 1)
            here = _skipped(words, here, locale)
        if len(letters) > 1:
            yield start, last, letters
            at = last + 1
        else:
            at = start + 1


def _letter(words: Sequence[Word], at: int, locale: Locale, inside: bool) -> tuple[int, str] | None:
    """(the word after, letters) of a letter at `at`; "double l" is two. Sounds count beside surer letters only."""
    if at >= len(words):
        return None
    low = words[at].low
    times = locale.numbers.repeats.get(low)
    if times and at + 1 < len(words) and (letter := spells(words[at + 1].low, locale)):
        return at + 2, letter * times
    if letter := spells(low, locale):
        return at + 1, letter
    sound = locale.letters.sounds.get(low)
    follows = at + 1 < len(words) and spells(words[at + 1].low, locale) is not None
    return (at + 1, sound) if sound and (inside or follows) else None


def _linked(words: Sequence[Word], at: int, locale: Locale) -> int:
    """Over "for lion" and "as in lion" behind a letter."""
    links = locale.letters.links
    here = at
    while here < len(words) and words[here].low in links and here - at < 2:
        here += 1
    goes_on = here > at and here < len(words) and letter_of(words[at - 1].low, locale) is not None
    if goes_on and words[here].low[:1] == (spells(words[at - 1].low, locale) or "")[:1]:
        return here + 1
    return at


def _skipped(words: Sequence[Word], at: int, locale: Locale) -> int:
    """Over a few words such as "capital", or one misheard, where letters go on behind."""
    if _certain(words, at, locale):
        return at
    for skip in range(1, _SKIPPED + 1):
        if at + skip >= len(words):
            break
        between = [word.low for word in words[at : at + skip]]
        goes_on = _certain(words, at + skip, locale)
        if goes_on and (
            all(low in locale.letters.skips for low in between) or (skip == 1 and _certain(words, at - 2, locale))
        ):
            return at + skip
    return at


def _certain(words: Sequence[Word], at: int, locale: Locale) -> bool:
    if not 0 <= at < len(words):
        return False
    double = words[at].low in locale.numbers.repeats and at + 1 < len(words)
    return (spells(words[at + 1].low, locale) if double else spells(words[at].low, locale)) is not None
