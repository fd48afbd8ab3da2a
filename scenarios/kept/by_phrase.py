"""Finds out by its words which utterance a kept clip is."""

import re
from collections import Counter
from collections.abc import Sequence

from scenarios.kept.joined import Joined
from scenarios.kept.read.clip import KeptClip
from simulator.world.truth import Truth

_SHARED, _WORDS = 0.6, 2  # of a clip's words that an utterance must share, and how many at least
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MASK = re.compile(r"\[[^\[\]]{0,40}\]|<[^<>]{0,40}>|\{[^{}]{0,40}\}|\*{2,}|_{2,}|\.{3}|…|\bx{3,}\b", re.IGNORECASE)


def by_phrase(clips: Sequence[KeptClip], truth: Truth) -> Joined:
    """Join by words: a transcript holds most words of one utterance, and of no other. Masks in brackets are no
    words."""
    said = {each.utterance_id: Counter(words_of(each.text)) for each in truth.utterances}
    of: dict[str, str] = {}
    strangers, untold = [], dict[str, frozenset[str]]()
    for clip in clips:
        words = Counter(words_of(clip.text or ""))
        shared = {name: (words & others).total() for name, others in said.items()}
        most = max(shared.values(), default=0)
        if words.total() < _WORDS:
            untold[clip.label] = frozenset(said)
        elif most < max(_WORDS, _SHARED * words.total()):
            strangers.append(clip.label)
        else:
            best = [name for name, count in shared.items() if count == most]
            # Where a word is masked, the longer sentences may be what was said. Where none is, the shortest fits best.
            if not _MASK.search(clip.text or ""):
                fewest = min(said[name].total() for name in best)
                best = [name for name in best if said[name].total() == fewest]
            if len(best) == 1:
                of[clip.label] = best[0]
            else:
                untold[clip.label] = frozenset(best)
    return Joined(of=of, strangers=tuple(strangers), untold=untold)


def words_of(text: str) -> list[str]:
    """The words of a transcript, folded, without what stands for hidden ones."""
    return [word.casefold() for word in _WORD.findall(_MASK.sub(" ", text))]
