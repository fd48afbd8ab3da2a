"""Finds doubtful words of a transcript: of low confidence, too long for their sounds, or grammatically impossible.

The word that was really said may be a name or a digit. An attacker still learns that something was unclear, and where.
"""

import statistics
from collections.abc import Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.wire import AsrToken

_LABEL = "unclear"
# How much longer than its letters at the clip's own pace a function word may last, by its letters: in 700 synthetic
# sayings none took more than nine tenths of this. Before a pause and at the end words are stretched.
_STRETCH = {1: 1.9, 2: 1.8, 3: 1.45, 4: 1.3}
_STRETCH_LONGER = 1.2
_STRETCH_AT_PAUSE = 1.45
_LESS_SURE = 0.2  # of confidence
_PAUSE_S = 0.05
_LEAST_S = 0.24


def find_doubtful(tokens: Sequence[AsrToken], least_confidence: float, locale: Locale) -> list[Span]:
    """Character spans of doubtful words; empty for a transcript without words."""
    pace = _pace(tokens)
    return [
        Span(start=token.range_start, end=token.range_end, label=_LABEL)
        for at, token in enumerate(tokens)
        if token.range_start < token.range_end
        and (
            token.confidence < least_confidence
            or _too_long(tokens, at, pace, locale)
            or _leads_nowhere(tokens, at, locale)
        )
    ]


def doubtful_behind(tokens: Sequence[AsrToken], spans: Sequence[Span]) -> list[Span]:
    """Words right behind a masked one that the recogniser is less sure of than of the rest: they may belong to it."""
    if not tokens:
        return []
    usual = statistics.median(token.confidence for token in tokens)
    masked = [any(t.range_start < s.end and s.start < t.range_end for s in spans) for t in tokens]
    return [
        Span(start=token.range_start, end=token.range_end, label=_LABEL)
        for at, token in enumerate(tokens)
        if not masked[at]
        and token.range_start < token.range_end
        and token.confidence < usual - _LESS_SURE
        and at > 0
        and masked[at - 1]
    ]


def _pace(tokens: Sequence[AsrToken]) -> float:
    """Seconds a letter of the clip's longer words takes: a robust median; 0 when there are none."""
    rates = [(t.time.end - t.time.start) / len(t.value) for t in tokens if len(t.value) > 3]
    return statistics.median(rates) if rates else 0.0


def _too_long(tokens: Sequence[AsrToken], at: int, pace: float, locale: Locale) -> bool:
    """A function word that lasts as long as a name: the recogniser heard something else than was said."""
    token = tokens[at]
    lasted, letters = token.time.end - token.time.start, len(token.value)
    allowed = _STRETCH.get(letters, _STRETCH_LONGER) * pace * letters
    if at + 1 == len(tokens) or tokens[at + 1].time.start - token.time.end > _PAUSE_S:
        allowed *= _STRETCH_AT_PAUSE
    return token.value.casefold() in locale.function_words and pace > 0 and lasted > max(_LEAST_S, allowed)


def _leads_nowhere(tokens: Sequence[AsrToken], at: int, locale: Locale) -> bool:
    """A word that cannot stand where it does, by the words beside it: something else was said there.

    An article before a verb, a preposition, or nothing. "to" or "for" before a verb that is nobody's infinitive. A verb
    beside another one, as in "is was home". A question word behind "when is".
    """
    f, low = locale.functions, _low(tokens, at)
    before, after = _low(tokens, at - 1), _low(tokens, at + 1)
    if low in f.leads:
        return after in f.inflected
    if low in f.finite:
        return before in f.finite or after in f.finite
    if low in f.questions:
        return before in f.finite and _low(tokens, at - 2) in f.questions
    if low not in f.articles:
        return False
    if after is None:
        return True
    return after in f.verbs or (after in locale.function_words and after not in locale.names.ends)


def _low(tokens: Sequence[AsrToken], at: int) -> str | None:
    return tokens[at].value.casefold() if 0 <= at < len(tokens) else None
