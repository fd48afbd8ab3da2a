"""Words a transcript cannot be trusted with: of low confidence, too long for their sounds, or leading nowhere.

What was really said there is unknown, so it may be a name or a digit. An attacker still learns that something
was unclear, and where.
"""

import statistics
from collections.abc import Sequence

from gateway.clip import Span
from gateway.redact.words import FUNCTION_WORDS
from gateway.wire import AsrToken

_LABEL = "unclear"
# How much longer than the clip's own pace a short function word may last: stress and phrase ends stretch it.
_STRETCH = 2.4
_LEAST_S = 0.22
_ARTICLES = frozenset("the a an".split())
_VERBS = frozenset("is was are were has have had can will would could should do does did owes".split())


def find_doubtful(tokens: Sequence[AsrToken], least_confidence: float) -> list[Span]:
    """Character spans of doubtful words; empty for a transcript without words."""
    pace = _pace(tokens)
    return [
        Span(start=token.range_start, end=token.range_end, label=_LABEL)
        for at, token in enumerate(tokens)
        if token.range_start < token.range_end
        and (token.confidence < least_confidence or _too_long(token, pace) or _leads_nowhere(tokens, at))
    ]


def _pace(tokens: Sequence[AsrToken]) -> float:
    """Seconds a letter of the clip's longer words takes: a robust median; 0 when there are none."""
    rates = [(t.time.end - t.time.start) / len(t.value) for t in tokens if len(t.value) > 3]
    return statistics.median(rates) if rates else 0.0


def _too_long(token: AsrToken, pace: float) -> bool:
    """A function word that lasts as long as a name: the recogniser heard something else than was said."""
    lasted = token.time.end - token.time.start
    small = token.value.casefold() in FUNCTION_WORDS
    return small and pace > 0 and lasted > max(_LEAST_S, _STRETCH * pace * len(token.value))


def _leads_nowhere(tokens: Sequence[AsrToken], at: int) -> bool:
    """An article before a verb, a preposition, or nothing."""
    low = tokens[at].value.casefold()
    if low not in _ARTICLES:
        return False
    if at + 1 == len(tokens):
        return True
    after = tokens[at + 1].value.casefold()
    return after in _VERBS or (after in FUNCTION_WORDS and after not in ("please", "one", "not", "now", "last"))
