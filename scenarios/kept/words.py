"""The words of kept transcripts, without what stands for hidden ones, whatever a system writes in their place."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from scenarios.kept.read.clip import KeptClip
from simulator.world.truth import Truth

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MASK = re.compile(r"\[[^\[\]]{0,40}\]|<[^<>]{0,40}>|\{[^{}]{0,40}\}|\*{2,}|_{2,}|\.{3}|…|\bx{3,}\b", re.IGNORECASE)
_SIGNS = re.compile(r"(?<!\S)[^\w\s,.?!;:'\"&+]+(?!\S)")  # signs alone in a word's place: ###, a bar, a dash
_CAPITALS = re.compile(r"(?<!\S)\W*[A-Z][A-Z0-9]{2,}(?:[_-][A-Z0-9]+)*\W*(?!\S)")
_TIMES, _KINDS = 2, 3  # how often a mark is seen at least, and how many of them a clip has at most


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a clip's transcript tells: its `words`, folded, in order, and whether a mark stands for `hidden` ones."""

    words: tuple[str, ...]
    hidden: bool


def words_of(text: str) -> list[str]:
    """The words of a transcript, folded, without the marks that are known to stand for hidden ones."""
    return [word.casefold() for word in _WORD.findall(_MASK.sub(" ", text))]


def told(clips: Sequence[KeptClip], truth: Truth) -> Mapping[str, Told]:
    """The words of each clip by label.

    What a system writes for a hidden word nobody has declared. A word that nobody of the fleet said is such a mark if
    it comes more than once in these clips, or is in capitals among small letters. A clip with more than three kinds of
    them was said by somebody else: there they stay words.
    """
    said = {word for each in truth.utterances for word in words_of(each.text)}
    texts = {clip.label: clip.text or "" for clip in clips}
    found = {label: words_of(text) for label, text in texts.items()}
    seen = Counter(word for words in found.values() for word in words if word not in said)
    often = {word for word, times in seen.items() if times >= _TIMES}
    made = {}
    for label, text in texts.items():
        marks = (often | _in_capitals(text)) - said
        kinds = marks & set(found[label])
        if len(kinds) > _KINDS:
            kinds = set()
        words = tuple(word for word in found[label] if word not in kinds)
        made[label] = Told(words=words, hidden=bool(kinds or _MASK.search(text) or _SIGNS.search(text)))
    return made


def _in_capitals(text: str) -> set[str]:
    """The words in capitals of a text that is not all in capitals."""
    if text == text.upper():
        return set()
    return {word for found in _CAPITALS.findall(text) for word in words_of(found)}
