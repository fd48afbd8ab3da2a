"""A user's own recordings as a voice: a folder with `wake/` (requests that begin with the wake word) and `other/`.

Beside a recording may lie its words: `take.flac` and `take.txt`. Then they are looked for in the sound by forced
alignment. Who speaks and what of it is secret nobody has said, so the truth says that it is not known.
"""

import functools
import re
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from gateway.files import BadFile
from gateway.wire import RATE_HZ
from simulator.sound.speech import Speech, TimedWord

Part = Literal["wake", "other"]

READ = frozenset({".flac", ".wav", ".ogg"})
_MOST_S = 600
_MOST_TAKE_S = 30
_FRAME = RATE_HZ // 100  # samples of a frame of the recogniser
_VARIANT = re.compile(r"\(\d+\)$")
_NOISE_DB = 25.0  # below the recording's level: the recogniser fails on sound without noise


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One recording. `text` are its words, None where no file beside it tells them."""

    path: str
    text: str | None = None


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """Recordings of requests, and of speech without the wake word."""

    wake: tuple[Take, ...] = ()
    other: tuple[Take, ...] = ()


def read_corpus(folder: Path) -> Corpus:
    """Every recording of a folder, in the order of their names; the sound is read when it is played.

    Raises:
        BadFile: no such folder, no recordings under wake/ or other/, or words that are no text.
    """
    corpus = Corpus(wake=_takes(folder / "wake"), other=_takes(folder / "other"))
    if not corpus.wake and not corpus.other:
        kinds = ", ".join(sorted(READ))
        raise BadFile(f"{folder}: no recordings in wake/ or other/; {kinds} are read, at any depth")
    return corpus


def _takes(folder: Path) -> tuple[Take, ...]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in READ and path.is_file())
    return tuple(Take(path=str(path.resolve()), text=_words_beside(path)) for path in paths)


def _words_beside(path: Path) -> str | None:
    beside = path.with_suffix(".txt")
    try:
        return " ".join(beside.read_text(encoding="utf-8").split()) or None if beside.is_file() else None
    except (OSError, UnicodeDecodeError):
        raise BadFile(f"{beside}: the words of a recording are wanted, in UTF-8") from None


@functools.lru_cache(maxsize=256)
def play(take: Take) -> Speech:
    """The samples of a recording, with its words where they are known and found in the sound; else with none.

    Raises:
        BadFile: not a sound file, longer than 30 s, or silent.
    """
    pcm = read_samples(Path(take.path))
    if len(pcm) > _MOST_TAKE_S * RATE_HZ:
        raise BadFile(f"{take.path}: longer than {_MOST_TAKE_S} s; one request or sentence is wanted")
    if not pcm.any():
        raise BadFile(f"{take.path}: silent")
    return Speech(pcm=pcm, words=_aligned(pcm, take.text.split()) if take.text else ())


def loud(pcm: np.ndarray) -> np.ndarray:
    """The samples of the frames that are within 20 dB of the loudest: where somebody speaks, if nobody says where."""
    frames = np.pad(pcm, (0, -len(pcm) % (2 * _FRAME))).reshape(-1, 2 * _FRAME).astype(np.float64)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    return np.asarray(frames[levels >= levels.max() / 10].reshape(-1))


def _aligned(pcm: np.ndarray, words: list[str]) -> tuple[TimedWord, ...]:
    """Each word's samples by forced alignment; empty where the recogniser lacks a word or cannot find them."""
    said = ["".join(ch for ch in word.casefold() if ch.isalnum() or ch == "'") for word in words]
    level = max(float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2))), 30.0) * 10 ** (-_NOISE_DB / 20)
    noisy = pcm + np.random.default_rng(0).standard_normal(len(pcm)) * level
    sound = np.clip(np.rint(noisy), -32_768, 32_767).astype(np.int16).tobytes()
    for pauses in (True, False):  # with silence between words the edges are sharper; without it more takes succeed
        if found := _found(sound, said, pauses=pauses):
            return tuple(
                TimedWord(text=word, start=start, end=min(len(pcm), end))
                for word, (start, end) in zip(words, found, strict=True)
            )
    return ()


def _found(sound: bytes, said: list[str], *, pauses: bool) -> list[tuple[int, int]]:
    """Samples [start, end) of each word; empty where they are not found. A decoder that failed once stays broken."""
    try:
        from pocketsphinx import Decoder
    except ImportError:
        raise BadFile("the words of recordings are found by pocketsphinx: pip install earlid[recordings]") from None
    decoder = Decoder(lm=None, fsgusefiller=pauses, loglevel="FATAL")
    if not all(word and decoder.lookup_word(word) for word in said):
        return []
    try:
        decoder.set_align_text(" ".join(said) if pauses else f"<sil> {' '.join(said)} <sil>")
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        found = [each for each in (decoder.seg() if decoder.hyp() else ()) if not each.word.startswith(("<", "["))]
    except (RuntimeError, ValueError):
        return []
    if [_VARIANT.sub("", each.word) for each in found] != said:
        return []
    return [(each.start_frame * _FRAME, (each.end_frame + 1) * _FRAME) for each in found]


def read_samples(path: Path) -> np.ndarray:
    """int16 samples at 16 kHz, one channel.

    Raises:
        BadFile: not a sound file, longer than ten minutes, or no library that reads it.
    """
    try:
        import soundfile
    except ImportError:
        raise BadFile("recordings need soundfile: pip install earlid[recordings]") from None
    from scipy.signal import resample_poly

    try:
        with soundfile.SoundFile(path) as sound:
            if sound.frames > _MOST_S * sound.samplerate:
                raise BadFile(f"{path}: longer than {_MOST_S} s")
            samples, hz = sound.read(dtype="float32", always_2d=True), sound.samplerate
    except (OSError, soundfile.SoundFileError):
        raise BadFile(f"{path}: not a sound file that can be read") from None
    one = samples.mean(axis=1)
    if hz != RATE_HZ:
        one = resample_poly(one, RATE_HZ, hz)
    return np.asarray(np.clip(np.rint(one * 32_768.0), -32_768, 32_767).astype(np.int16))
