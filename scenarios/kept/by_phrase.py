"""Finds out by its words which utterance a kept clip is."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scenarios.kept.joined import Joined
from scenarios.kept.read.clip import KeptClip
from scenarios.kept.words import Told, told, words_of
from simulator.world.truth import Truth

_SHARED, _WORDS = 0.6, 2  # of a clip's words that an utterance must share, and how many at least
_FOREIGN = 3  # words that a clip must have before they can tell that nobody of the fleet said them


def by_phrase(clips: Sequence[KeptClip], truth: Truth) -> Joined:
    """Join by words: a transcript holds most words of one utterance, and of no other. Marks for hidden words are no
    words."""
    said = {each.utterance_id: Counter(words_of(each.text)) for each in truth.utterances}
    heard = told(clips, truth)
    whole = not _leaves_out(heard, truth)
    of: dict[str, str] = {}
    strangers, untold = [], dict[str, frozenset[str]]()
    for clip in clips:
        words = Counter(heard[clip.label].words)
        shared = {name: (words & others).total() for name, others in said.items()}
        most = max(shared.values(), default=0)
        fits = most >= max(_WORDS, _SHARED * words.total())
        if not fits and words.total() >= _FOREIGN:
            strangers.append(clip.label)
        elif not fits:
            untold[clip.label] = frozenset(said)
        else:
            best = [name for name, count in shared.items() if count == most]
            # Where words may be missing, the longer sentences may be what was said. Else the shortest fits best.
            if whole and not heard[clip.label].hidden:
                fewest = min(said[name].total() for name in best)
                best = [name for name in best if said[name].total() == fewest]
            if len(best) == 1:
                of[clip.label] = best[0]
            else:
                untold[clip.label] = frozenset(best)
    return Joined(of=of, strangers=tuple(strangers), untold=untold)


def _leaves_out(heard: Mapping[str, Told], truth: Truth) -> bool:
    """Whether some transcript lacks words and has no mark for them: it is part of what was said, and nothing whole."""
    said = [words_of(each.text) for each in truth.utterances]
    whole = {tuple(words) for words in said}
    some = [each.words for each in heard.values() if len(each.words) >= _WORDS and not each.hidden]
    return any(words not in whole and any(in_order(words, text) for text in said) for words in some)


def in_order(words: Sequence[str], text: Sequence[str]) -> bool:
    """Whether the text has these words in this order, whatever stands between them."""
    rest = iter(text)
    return all(word in rest for word in words)
