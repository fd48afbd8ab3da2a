"""Groups the numbers of a text into runs. A run is one number that somebody reads out, however it is broken up.

Parts of a run stand beside each other, behind a joiner ("dash"), or over one or two misheard words. Or they are ones
and twos between filler words ("okay", "um", "then"). Measures and sums are not parts of a run.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from gateway.redact.language.digits import AMOUNT, ONES, PAIR, WRITTEN, Item, items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, has_phrase, letter_of, only_phrases
from gateway.redact.text.calendar import days_in_figures

_BRIDGE = 2  # words between two parts of one number that a recogniser may have got wrong
_PATTER = 5  # words that only pass the time between two parts
_WHOLE = 7  # digits behind which a correction begins a number of its own
_READ_OUT = 3  # single digits in a row that nobody says but to read them out
_MISHEARD = 6  # single digits from which other words between them were digits too
_SAID_IN_PAIRS = 6  # digits from which numbers below a hundred between pattering are one number


class Run(NamedTuple):
    """One number, said by words `first` to `last`. `items` are its parts in order."""

    items: tuple[Item, ...]

    @property
    def first(self) -> int:
        return self.items[0].first

    @property
    def last(self) -> int:
        return self.items[-1].last

    @property
    def digits(self) -> str:
        return "".join(item.digits for item in self.items)

    @property
    def read_out(self) -> bool:
        """Whether it is said digit by digit, or written with too many digits for an amount."""
        ones = sum(len(item.digits) for item in self.items if item.form == ONES)
        written = any(item.form == WRITTEN and len(item.digits) >= 5 for item in self.items)
        parts = len(self.digits) >= 5 and len(self.items) > 2
        return ones >= _READ_OUT or written or parts


def runs_of(words: Sequence[Word], locale: Locale) -> list[Run]:
    """Every number of a text, in order. Each is as long as it goes on."""
    days = days_in_figures(words, locale)
    tight = _tight(words, [item for item in items_of(words, locale) if item.first not in days], locale)
    bridged = _bridged(words, tight, locale)
    while len(bridged) < len(tight):
        tight, bridged = bridged, _bridged(words, bridged, locale)
    return _pattered(words, bridged, locale)


def _between(words: Sequence[Word], before: Run, after: Run) -> list[str]:
    return [word.low for word in words[before.last + 1 : after.first]]


def _tight(words: Sequence[Word], items: Sequence[Item], locale: Locale) -> list[Run]:
    """Runs of parts beside each other, or with joiners between. Decimals and lists of amounts stay apart."""
    n, runs = locale.numbers, list[Run]()
    for item in items:
        run = Run((item,))
        if runs:
            gap = _between(words, runs[-1], run)
            point = len(gap) <= 1 and all(low in n.points for low in gap) and bool(gap)
            joined = not gap or all(low in n.joiners for low in gap) or (point and len(runs[-1].digits) <= 12)
            stop = words[item.first].gap.strip() in {";", "!", "?"} and not gap
            if joined and not stop and not _apart(runs[-1], item, words, gap):
                runs[-1] = Run((*runs[-1].items, item))
                continue
        runs.append(run)
    return runs


def _apart(run: Run, item: Item, words: Sequence[Word], gap: Sequence[str]) -> bool:
    """ "2, 300" and "five hundred two hundred": amounts that only follow each other."""
    comma = not gap and words[item.first].gap.strip() == "," and words[item.first].gap != ","
    alone = len(run.digits) <= 2 and len(item.digits) <= 2
    return comma and alone and WRITTEN in (run.items[-1].form, item.form)


def _bridged(words: Sequence[Word], runs: Sequence[Run], locale: Locale) -> list[Run]:
    """Runs, joined over one or two misheard words if they are one number that is read out digit by digit."""
    n, joined = locale.numbers, list[Run]()
    for run in runs:
        if joined:
            before, gap = joined[-1], _between(words, joined[-1], run)
            alike = len(gap) == 1 and (gap[0] in n.homophones or letter_of(gap[0], locale) is not None)
            known = locale.function_words | n.fillers | n.connectors | n.joiners | n.homophones.keys() | n.corrections
            plain = not set(gap) & _measures(locale)
            short = len(gap) <= _BRIDGE and plain and (only_phrases(gap, known) or _sure(before) or _sure(run))
            homophone = alike and _ones(before) and _ones(run) and len(before.digits + run.digits) >= _READ_OUT + 1
            corrected = len(before.digits) >= _WHOLE and has_phrase(gap, n.corrections)
            if not corrected and ((short and (before.read_out or run.read_out)) or homophone):
                joined[-1] = Run((*before.items, *run.items))
                continue
        joined.append(run)
    return joined


def _measures(locale: Locale) -> frozenset[str]:
    """Words that make an amount or a sum of the number beside them. Letters and "to" may be misheard digits."""
    n = locale.numbers
    measures = n.counted - {"a", "am", "m", "k", "g", "f", "c", "second"}
    return measures | n.operations - {"to", "of", "and", "a", "y", "de"}


def _sure(run: Run) -> bool:
    """Whether so many digits are read out that words beside them were digits too."""
    return run.read_out and len(run.digits) >= 3 and _ones(run)


def _ones(run: Run) -> bool:
    return all(item.form == ONES or (item.form == WRITTEN and len(item.digits) == 1) for item in run.items)


def _pattered(words: Sequence[Word], runs: Sequence[Run], locale: Locale) -> list[Run]:
    """Runs, with chains of short runs between filler words joined."""
    n = locale.numbers
    patter = _patter(locale)
    joined: list[Run] = []
    chain: list[Run] = []
    for run in runs:
        gap = _between(words, chain[-1], run) if chain else []
        small = all(item.form != AMOUNT for item in run.items)
        said = sum(len(link.digits) for link in chain)
        whole = said >= _WHOLE or (len(gap) > _BRIDGE and said >= _READ_OUT)
        corrected = whole and has_phrase(gap, n.corrections)
        misheard = len(gap) == 1 and gap[0] in locale.function_words - n.operations
        passing = (len(gap) <= _PATTER and only_phrases(gap, patter)) or misheard
        if chain and small and passing and not corrected:
            chain.append(run)
            continue
        joined += _closed(words, chain, locale)
        chain = [run]
    return [*joined, *_closed(words, chain, locale)]


def _patter(locale: Locale) -> frozenset[str]:
    n = locale.numbers
    return n.fillers | n.connectors | n.joiners | locale.functions.articles | n.corrections


def _closed(words: Sequence[Word], chain: Sequence[Run], locale: Locale) -> list[Run]:
    """A chain as one run if it is read out. Otherwise its links."""
    if len(chain) < 2:
        return list(chain)
    n = locale.numbers
    items = tuple(item for run in chain for item in run.items)
    digits = sum(len(item.digits) for item in items)
    gaps = [low for a, b in itertools.pairwise(chain) for low in _between(words, a, b)]
    only_and = all(low in n.within for low in gaps)
    enough = _READ_OUT + 1 if only_and else _READ_OUT
    ones = sum(len(item.digits) == 1 or item.form == ONES for item in items)
    pairs = digits >= _SAID_IN_PAIRS and not only_and and any(item.form in (ONES, PAIR) for item in items)
    cued = digits > _READ_OUT and bool({word.low for word in words[: items[0].first]} & n.strong)
    if not all(only_phrases(_between(words, a, b), _patter(locale)) for a, b in itertools.pairwise(chain)):
        enough, pairs = _MISHEARD, False
    together = (ones == len(items) and digits >= enough) or pairs or cued
    return [Run(items)] if together else list(chain)
