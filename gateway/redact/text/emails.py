"""E-mail addresses, written ("ada@mail.test") and said ("ada dot l at gmail dot com", spelled letter by letter)."""

import re
from collections.abc import Sequence

from gateway.clip import Span
from gateway.redact.text.words import FUNCTION_WORDS, Word, is_number, letter_of, span_of

# Bounded, and anchored on the rare "@", so that no text makes the search slow.
_WRITTEN = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}", re.UNICODE)
_ENDINGS = frozenset("com net org edu info biz io us uk gov co me dev app ca de test example".split())
_PROVIDERS = frozenset("gmail outlook hotmail yahoo icloud proton protonmail aol mail live msn".split())
_WITHIN = frozenset("dot underscore dash hyphen minus plus point period".split())
_LONGEST_NAME = 12  # words of one spoken mailbox name, spelled letters included


def find_emails(text: str, words: Sequence[Word], known: Sequence[str]) -> list[Span]:
    """Addresses by their form, and the household's own wherever they stand."""
    found = [Span(start=m.start(), end=m.end(), label="email") for m in _WRITTEN.finditer(text)]
    for email in known:
        pattern = re.escape(email)
        found += [Span(start=m.start(), end=m.end(), label="email") for m in re.finditer(pattern, text, re.IGNORECASE)]
    return found + _spoken(words)


def _spoken(words: Sequence[Word]) -> list[Span]:
    """ "<name> at <provider> dot <ending>": from the ending back to the first word of the mailbox's name.

    One of "at", "dot" and the provider may be misheard.
    """
    found = []
    for at, word in enumerate(words):
        dotted = at >= 2 and word.low in _ENDINGS and words[at - 1].low in ("dot", "point", "period")
        provider = word.low in _PROVIDERS and at >= 1 and words[at - 1].low == "at"
        if not (dotted or provider):
            continue
        split = _at_before(words, at)
        first = _name_start(words, split) if split is not None else max(0, at - 2)
        last = at if dotted else min(len(words) - 1, at + 2 if _dot_follows(words, at) else at)
        found.append(span_of(words, first, last, "email"))
    return found


def _dot_follows(words: Sequence[Word], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1].low in ("dot", "point")


def _at_before(words: Sequence[Word], at: int) -> int | None:
    for back in range(at - 1, max(-1, at - 8), -1):
        if words[back].low == "at":
            return back
        if words[back].low in FUNCTION_WORDS:
            return None
    return None


def _name_start(words: Sequence[Word], split: int) -> int:
    """The mailbox's name: one word, and whatever dots, digits and spelled letters tie to it."""
    first = max(0, split - 1)
    while first > 0 and split - first < _LONGEST_NAME:
        here, before = words[first].low, words[first - 1].low
        tied = here in _WITHIN or before in _WITHIN
        spelled = letter_of(here) is not None and letter_of(before) is not None
        numbered = is_number(here) and before not in FUNCTION_WORDS
        if not (tied or spelled or numbered):
            break
        first -= 1
    return first
