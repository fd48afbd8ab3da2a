"""Narrows down which utterance a clip is that little is left of: by its length, its sound and its words together.

Each kind of evidence only leaves out utterances that the clip cannot be. What is left of several stays untold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from scenarios.kept.by_phrase import in_order
from scenarios.kept.by_sound import by_sound
from scenarios.kept.joined import Joined
from scenarios.kept.read.clip import KeptClip
from scenarios.kept.words import told, words_of
from simulator.world.truth import Truth

Pcm = npt.NDArray[np.int16]
Evidence = Callable[[KeptClip], frozenset[str]]  # the utterances that fit; none where it says nothing

_WORDS = 2  # words a clip must have before they say anything
_LENGTHS = 3  # joined clips that must have their utterance's length before length says anything


def narrowed(
    joined: Joined,
    clips: Sequence[KeptClip],
    truth: Truth,
    heard: Mapping[str, Pcm],
    sent: Mapping[str, Pcm],
    sound: Joined | None = None,
) -> Joined:
    """Join each untold clip that fits one utterance alone. The others keep those that are left. A stranger by its words
    whose sound was sent is none. `sound` is what sound alone says, where that is known already."""
    sound = sound or _by_sound(joined, clips, heard, sent)
    known = _recognised(joined, sound)
    fitted = _fitted(known, clips, tuple(_sound_and_words(clips, truth, sound)))
    fitted = _fitted(fitted, clips, tuple(_lengths(fitted, heard, sent)))  # the more clips are known, the more it says
    return msgspec.structs.replace(fitted, narrowed=len(fitted.of) - len(joined.of))


def _by_sound(
    joined: Joined, clips: Sequence[KeptClip], heard: Mapping[str, Pcm], sent: Mapping[str, Pcm]
) -> Joined | None:
    """What sound alone says of the clips that are not told. None without any sound."""
    open_ones = [clip for clip in clips if clip.label not in joined.of]
    return by_sound(open_ones, heard, sent) if sent and heard else None


def _recognised(joined: Joined, sound: Joined | None) -> Joined:
    ours = {} if sound is None else {label: sound.of[label] for label in joined.strangers if label in sound.of}
    strangers = tuple(label for label in joined.strangers if label not in ours)
    return msgspec.structs.replace(joined, of={**joined.of, **ours}, strangers=strangers)


def _fitted(joined: Joined, clips: Sequence[KeptClip], evidence: Sequence[Evidence]) -> Joined:
    of, untold = dict(joined.of), dict[str, frozenset[str]]()
    for clip in clips:
        if clip.label not in joined.untold:
            continue
        left = joined.untold[clip.label]
        for fitting in (each(clip) for each in evidence):
            left = left & fitting or left
        if len(left) == 1:
            of[clip.label] = next(iter(left))
        else:
            untold[clip.label] = left
    return msgspec.structs.replace(joined, of=of, untold=untold)


def _sound_and_words(clips: Sequence[KeptClip], truth: Truth, sound: Joined | None) -> Iterator[Evidence]:
    if sound is not None:
        yield (
            lambda clip: (
                frozenset({sound.of[clip.label]})
                if clip.label in sound.of
                else sound.untold.get(clip.label, frozenset())
            )
        )
    said = {each.utterance_id: words_of(each.text) for each in truth.utterances}
    left = told(clips, truth)
    yield lambda clip: _said_in(left[clip.label].words, said)


def _lengths(joined: Joined, heard: Mapping[str, Pcm], sent: Mapping[str, Pcm]) -> Iterator[Evidence]:
    """Length says something where a system silences without cutting: all clips that are known are as long as what was
    sent."""
    known = [(heard[label], sent[name]) for label, name in joined.of.items() if label in heard and name in sent]
    if len(known) >= _LENGTHS and all(len(clip) == len(whole) for clip, whole in known):
        lengths = {name: len(pcm) for name, pcm in sent.items()}
        yield lambda clip: _as_long(heard.get(clip.label), lengths)


def _as_long(pcm: Pcm | None, lengths: Mapping[str, int]) -> frozenset[str]:
    return frozenset(name for name, length in lengths.items() if pcm is not None and length == len(pcm))


def _said_in(words: Sequence[str], said: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The utterances in which these words were said in this order, whatever stands between them."""
    return frozenset(name for name, text in said.items() if len(words) >= _WORDS and in_order(words, text))
