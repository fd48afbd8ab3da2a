"""Common words, and those whose sounds come near the wake word's, out of a pronouncing dictionary.

Schoenherr et al. (2020) found what wakes real devices so: by weighted phone distance. The weights here are hand-set,
rough guesses at what a listener confuses; only the order they give matters. The dictionary (CMU's) and the counts that
say which words are common come with pocketsphinx.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import pocketsphinx

from scenarios.wakewords.talk import Split, number_of
from simulator.world.common_words import EVERYDAY

Phones = tuple[str, ...]
WAKE: Phones = ("AH", "L", "EH", "K", "S", "AH")
_VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())
_LIKE: Mapping[str, float] = {
    "AH IH": 0.15, "AH ER": 0.2, "AH UH": 0.2, "AH AA": 0.3, "AH AE": 0.3, "AH EH": 0.3, "AH AO": 0.35, "AH OW": 0.4,
    "AH IY": 0.4, "AH EY": 0.45, "AH AY": 0.45, "EH AE": 0.25, "EH IH": 0.3, "EH EY": 0.35, "EH AH": 0.35,
    "EH ER": 0.45, "EH AY": 0.5, "K G": 0.15, "K T": 0.35, "K P": 0.4, "K D": 0.5, "K B": 0.5, "S Z": 0.15,
    "S SH": 0.35, "S TH": 0.35, "S ZH": 0.4, "S F": 0.45, "S CH": 0.45, "S JH": 0.5, "S T": 0.5, "L R": 0.4,
    "L W": 0.4, "L Y": 0.5, "L N": 0.5, "L M": 0.6, "L D": 0.6,
}  # fmt: skip
_OTHER_VOWEL, _OTHER, _MISSING, _FIRST_MISSING = 0.6, 0.9, 0.55, 0.35
_WORD_WITHIN, _PAIR_WITHIN = 1.15, 0.9
_COMMON, _EVERY = 4_000, 16  # words that pairs are made of; of the pairs, every so many
_ITSELF = re.compile(r"lexa\b")  # names that are the word


class _Entry(msgspec.Struct, frozen=True):
    word: str
    phones: Phones


@functools.cache
def near_words(split: Split) -> tuple[str, ...]:
    """Some five hundred a split; none is in both."""
    return _of(split, (entry.word for entry in _dictionary() if distance(entry.phones) <= _WORD_WITHIN))


@functools.cache
def common_words(split: Split) -> tuple[str, ...]:
    """Some fifteen hundred a split; none is in both, nor among those that the false accepts are counted over."""
    return _of(split, {entry.word for entry in _common()} - set(EVERYDAY))


@functools.cache
def near_pairs(split: Split) -> tuple[str, ...]:
    """Some three thousand a split; none is in both."""
    return _of(split, _pairs())


def _of(split: Split, phrases: Iterable[str]) -> tuple[str, ...]:
    half = {"train": 0, "held_out": 1}[split]
    return tuple(text for text in sorted(set(phrases)) if number_of(text) % 2 == half and not _ITSELF.search(text))


def distance(heard: Phones, wanted: Phones = WAKE, *, begins: bool = False, ends: bool = False) -> float:
    """Weighted edits from `wanted` to the part of `heard` that comes nearest; with `begins` that part has to start
    where `heard` does, with `ends` to end there."""
    row = [_MISSING * at if begins else 0.0 for at in range(len(heard) + 1)]
    for number, phone in enumerate(wanted):
        missing = _MISSING if number else _FIRST_MISSING
        below = [row[0] + missing]
        for at, other in enumerate(heard):
            below.append(min(row[at] + _unlike(phone, other), row[at + 1] + missing, below[at] + _MISSING))
        row = below
    return row[-1] if ends else min(row)


def _unlike(one: str, other: str) -> float:
    if one == other:
        return 0.0
    both_vowels = one in _VOWELS and other in _VOWELS
    otherwise = _OTHER_VOWEL if both_vowels else _OTHER
    return _LIKE.get(f"{one} {other}", _LIKE.get(f"{other} {one}", otherwise))


def _pairs() -> Iterator[str]:
    """Common words of which one ends as the wake word begins, and the next goes on: "simple exercise"."""
    common = _common()
    for cut in range(1, len(WAKE)):
        ending = _cheapest({e.word: distance(e.phones, WAKE[:cut], ends=True) for e in common})
        going_on = _cheapest({e.word: distance(e.phones, WAKE[cut:], begins=True) for e in common})
        for first, cost in ending:
            for second, more in going_on:
                if cost + more <= _PAIR_WITHIN and number_of(f"{cut} {first} {second}") % _EVERY == 0:
                    yield f"{first} {second}"


def _cheapest(costs: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(((word, cost) for word, cost in costs.items() if cost <= _PAIR_WITHIN), key=lambda each: each[1])


@functools.cache
def _dictionary() -> tuple[_Entry, ...]:
    """Every word's first pronunciation."""
    path = Path(pocketsphinx.get_model_path("en-us")) / "cmudict-en-us.dict"
    found: dict[str, Phones] = {}
    for line in path.read_text().splitlines():
        word, *phones = line.split()
        if re.fullmatch(r"[a-z]+", word):
            found.setdefault(word, tuple(phones))
    return tuple(_Entry(word, phones) for word, phones in found.items())


@functools.cache
def _common() -> tuple[_Entry, ...]:
    path = str(Path(pocketsphinx.get_model_path("en-us")) / "en-us.lm.bin")
    counts = pocketsphinx.NGramModel(pocketsphinx.Config(lm=None), pocketsphinx.LogMath(), path)
    return tuple(sorted(_dictionary(), key=lambda each: (-counts.prob([each.word]), each.word))[:_COMMON])
