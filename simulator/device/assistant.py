"""The simulated assistant. It publishes an automatic transcript for each session, under its own account."""

import functools
import zlib
from collections.abc import Sequence

import msgspec
import numpy as np

from gateway.wire import RATE_HZ, AsrToken, TokenTime, Topics, Transcript, encode_json
from simulator.links.link import Link
from simulator.plan.planned import PlannedUtterance
from simulator.sound.scenes import Sound
from simulator.world.truth import SpokenWord
from simulator.world.utterances import load_phrasebook

_MISHEARD = tuple("the a to and it that is was for on in one can will there then so no here what".split())
_WAKE_WORD = "alexa"
_SUBSTITUTED, _LEFT_OUT = 0.6, 0.8  # of errors: up to .6 substitutions, up to .8 deletions, the rest insertions


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """How well the assistant hears.

    `word_error_rate` is the share of words that are replaced, left out or followed by an extra word. `time_jitter_ms`
    is the standard deviation of a word's edges. `confidence` is the mean confidence of a correct word, `doubt` that of
    a wrong word, and `spread` the standard deviation of both. `wake_like` is the share of wake-like phrases
    (utterances.yaml) that it hears as the wake word.
    """

    word_error_rate: float = 0.0
    time_jitter_ms: float = 0.0
    confidence: float = 0.95
    doubt: float = 0.6
    spread: float = 0.0
    wake_like: float = 0.0


# What fleets and scenarios have unless they say otherwise: assumptions of ours, in the range that vendors state for
# far-field speech.
USUAL = Hearing(word_error_rate=0.05, time_jitter_ms=20.0, confidence=0.92, spread=0.05, wake_like=0.1)
PERFECT = Hearing()


class Assistant:
    """Publishes one transcript per session and waits for its acknowledgement.

    With the same seed it makes the same errors in an utterance, however often that is sent.
    """

    def __init__(self, link: Link, *, topics: Topics, seed: int, hearing: Hearing) -> None:
        self._link, self._topics, self._seed, self._hearing = link, topics, seed, hearing

    def hear(self, said: PlannedUtterance, sound: Sound) -> None:
        rng = np.random.default_rng([self._seed, zlib.crc32(said.utterance_id.encode())])
        transcript = transcribe(
            sound.uttered or sound.words,
            samples=len(sound.pcm),
            site_id=said.site_id,
            session_id=said.session_id,
            hearing=self._hearing,
            rng=rng,
        )
        self._link.send(self._topics.transcript(), encode_json(transcript))
        self._link.drain()


def transcribe(
    words: Sequence[SpokenWord],
    *,
    samples: int,
    site_id: str,
    session_id: str,
    hearing: Hearing,
    rng: np.random.Generator,
) -> Transcript:
    """Lower case, no punctuation. Times are in seconds from the first sample. No words give an empty text."""
    tokens: list[AsrToken] = []
    at = 0
    for text, start, end, sure in _heard(_mistaken(words, hearing, rng), hearing, rng):
        jitter = rng.normal(0.0, hearing.time_jitter_ms / 1000, size=2) if hearing.time_jitter_ms else (0.0, 0.0)
        begin = min(max(0.0, start / RATE_HZ + float(jitter[0])), samples / RATE_HZ)
        finish = min(max(begin, end / RATE_HZ + float(jitter[1])), samples / RATE_HZ)
        tokens.append(
            AsrToken(
                value=text,
                confidence=_confidence(sure, hearing, rng),
                range_start=at,
                range_end=at + len(text),
                time=TokenTime(start=begin, end=finish),
            )
        )
        at += len(text) + 1
    return Transcript(
        text=" ".join(token.value for token in tokens),
        likelihood=hearing.confidence if tokens else 0.0,
        seconds=samples / RATE_HZ,
        site_id=site_id,
        session_id=session_id,
        asr_tokens=[tokens] if tokens else [],
    )


def _mistaken(words: Sequence[SpokenWord], hearing: Hearing, rng: np.random.Generator) -> Sequence[SpokenWord]:
    """The words, with a share `hearing.wake_like` of the wake-like phrases replaced by the wake word."""
    if not hearing.wake_like:
        return words
    heard: list[SpokenWord] = []
    at = 0
    while at < len(words):
        phrase = next((p for p in _wake_like() if [w.text.lower() for w in words[at : at + len(p)]] == p), None)
        if phrase and rng.random() < hearing.wake_like:
            last = words[at + len(phrase) - 1]
            heard.append(msgspec.structs.replace(words[at], text=_WAKE_WORD, end=last.end))
            at += len(phrase)
        else:
            heard.append(words[at])
            at += 1
    return heard


@functools.cache
def _wake_like() -> list[list[str]]:
    """The wake-like phrases, the longest first."""
    return sorted((phrase.lower().split() for phrase in load_phrasebook().wake_like), key=len, reverse=True)


def _confidence(sure: bool, hearing: Hearing, rng: np.random.Generator) -> float:
    mean = hearing.confidence if sure else hearing.doubt
    return min(1.0, max(0.0, float(rng.normal(mean, hearing.spread)))) if hearing.spread else mean


def _heard(words: Sequence[SpokenWord], hearing: Hearing, rng: np.random.Generator) -> list[tuple[str, int, int, bool]]:
    """(text, first sample, sample after the last, correct) of every word the assistant heard."""
    heard: list[tuple[str, int, int, bool]] = []
    for word in words:
        said = (word.text.lower(), word.start, word.end)
        if rng.random() >= hearing.word_error_rate:
            heard.append((*said, True))
            continue
        error, other = rng.random(), _MISHEARD[int(rng.integers(len(_MISHEARD)))]
        if error < _SUBSTITUTED:
            heard.append((other, word.start, word.end, False))
        elif error >= _LEFT_OUT:
            middle = (word.start + word.end) // 2
            heard += [(said[0], word.start, middle, True), (other, middle, word.end, False)]
    return heard
