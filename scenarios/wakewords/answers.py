"""What the wake engine says of takes, asked through its own door (`python -m gateway embeddings`), as processes."""

import hashlib
import io
import multiprocessing
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, repeat
from pathlib import Path

import msgspec
import numpy as np

from gateway.files import BadFile
from scenarios.wakewords.corpus import Take
from scenarios.wakewords.sounds import pcm_of

_ASK_CLIPS = 400
_CANDIDATE = 0.003  # quieter peaks never reach a second stage
_SURE, _WORD_AT = 0.1, (8, 32)  # a request's quieter peak is its wake word only where that can end, in hops
Progress = Callable[[int], None]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine made of takes, row by row: peak score, its hop, the (20, 96) window a verifier sees, as
    float16: a whole corpus has to fit in memory."""

    takes: tuple[Take, ...]
    peaks: np.ndarray
    at: np.ndarray
    windows: np.ndarray

    def where(self, mask: np.ndarray) -> "Answers":
        chosen = tuple(take for take, yes in zip(self.takes, mask, strict=True) if yes)
        return Answers(takes=chosen, peaks=self.peaks[mask], at=self.at[mask], windows=self.windows[mask])

    @property
    def wanted(self) -> np.ndarray:
        """Whether each take is a request."""
        return self.which(lambda take: take.request)

    @property
    def usable(self) -> np.ndarray:
        """A mask of what a fit may learn from: candidates, of requests only where the peak can be the wake word."""
        first, last = _WORD_AT
        word = (self.peaks >= _SURE) | ((self.at >= first) & (self.at <= last))
        return np.asarray((self.peaks >= _CANDIDATE) & (word | ~self.wanted), bool)

    def which(self, chosen: Callable[[Take], bool]) -> np.ndarray:
        """A mask of the takes of which that holds."""
        return np.array([chosen(take) for take in self.takes], bool)


def ask_engine(asked: Iterable[Take], model: str = "alexa", told: Progress | None = None) -> Answers:
    """Render takes and have them heard, on every core; `told` hears how many there are so far. In the takes' order."""
    parts: list[Answers] = []
    spawn = multiprocessing.get_context("spawn")  # espeak-ng's state is a process' own
    pool = ProcessPoolExecutor(mp_context=spawn, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        for part in pool.map(_ask, _chunks(asked), repeat(model)):
            parts.append(part)
            if told is not None:
                told(sum(len(each.takes) for each in parts))
    finally:
        pool.shutdown(cancel_futures=True)
    return together(parts)


def _ask(chunk: tuple[Take, ...], model: str) -> Answers:
    clips = [pcm_of(take) for take in chunk]
    question = io.BytesIO()
    np.savez(question, pcm=np.concatenate(clips), lengths=np.array([len(clip) for clip in clips]))
    command = [sys.executable, "-P", "-m", "gateway", "embeddings", "--model", model]
    said = subprocess.run(command, input=question.getvalue(), stdout=subprocess.PIPE, check=True)
    with np.load(io.BytesIO(said.stdout), allow_pickle=False) as answer:
        windows = answer["windows"].astype(np.float16)
        return Answers(takes=chunk, peaks=answer["peaks"], at=answer["at"], windows=windows)


def _chunks(asked: Iterable[Take]) -> Iterator[tuple[Take, ...]]:
    rest = iter(asked)
    while chunk := tuple(islice(rest, _ASK_CLIPS)):
        yield chunk


def together(parts: Sequence[Answers]) -> Answers:
    return Answers(
        takes=tuple(take for part in parts for take in part.takes),
        peaks=np.concatenate([part.peaks for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        windows=np.concatenate([part.windows for part in parts]),
    )


def keep(answers: Answers, path: Path) -> None:
    """What the engine said, to fit from again: rendering and hearing take most of the time."""
    np.savez(path, asked=_asked(answers.takes), peaks=answers.peaks, at=answers.at, windows=answers.windows)


def kept(path: Path, asked: Sequence[Take]) -> Answers:
    """Raises BadFile: not such a file, or of other takes than these."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as said:
            of, peaks, at, windows = (said[name] for name in ("asked", "peaks", "at", "windows"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not what the engine said to takes") from None
    if str(of) != _asked(asked):
        raise BadFile(f"{path}: of another corpus; take other options or another file")
    return Answers(takes=tuple(asked), peaks=peaks, at=at, windows=windows)


def _asked(asked: Iterable[Take]) -> str:
    return hashlib.sha256("\n".join(map(repr, asked)).encode()).hexdigest()
