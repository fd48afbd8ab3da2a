"""What the wake engine makes of recordings of real people, staged in many ways, asked through its own door."""

import io
import multiprocessing
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import msgspec
import numpy as np

from gateway.files import BadFile
from scenarios.wakewords.recordings import Recording, recordings_in
from scenarios.wakewords.staging import Staged, cut_to_speech, drawn_stage, spoken, staged
from simulator.sound.recordings import Part, read_samples

FOLDS = 5
_FAINTEST = 0.002  # engine scores below it are no candidates of any gate
_HOP, _LATE_HOPS, _EARLY = 1_280, 8, 1_000  # a word's peak comes up to so many hops after its end
_CHUNK, _OTHERS, _LEAST, _MOST = 50, 3, 6_400, 6 * 16_000
_SHORTEST = 1_600
Progress = Callable[[str], None]


class RealRows(msgspec.Struct, frozen=True, kw_only=True):
    """One row a candidate: `wanted` where it is the wake word of a recording, its `fold`, its `source` (a folder's
    name), the `round` it was staged in (0: as recorded), the engine's `peaks` and (20, 96) `windows` as float16."""

    wanted: np.ndarray
    fold: np.ndarray
    source: np.ndarray
    round: np.ndarray
    peaks: np.ndarray
    windows: np.ndarray

    def where(self, mask: np.ndarray) -> "RealRows":
        return RealRows(**{name: getattr(self, name)[mask] for name in self.__struct_fields__})


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Some recordings of one part of one folder, in one round."""

    part: Part
    round: int
    numbered: tuple[tuple[int, Recording], ...]
    others: tuple[Recording, ...]
    model: str


def hear_recordings(
    folders: Sequence[Path], rounds: int, model: str = "alexa", told: Progress | None = None
) -> RealRows:
    """Everything under wake/ in `rounds` ways, the first as recorded; under other/ of the first folder in a fifth as
    many, of the rest as recorded only. The same folders give the same rows."""
    asked = list(_asked(folders, rounds, model))
    spawn = multiprocessing.get_context("spawn")
    parts: list[RealRows] = []
    with ProcessPoolExecutor(
        mp_context=spawn, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        for part in pool.map(_heard, asked):
            parts.append(part)
            if told is not None:
                told(f"recordings: {len(parts)} of {len(asked)} parts heard")
    return joined(parts)


def joined(parts: Sequence[RealRows]) -> RealRows:
    """Raises BadFile: there is nothing in them."""
    if not parts:
        raise BadFile("--recordings: no recordings under wake/ or other/")
    return RealRows(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in RealRows.__struct_fields__})


def keep_rows(rows: RealRows, path: Path) -> None:
    np.savez(path, **{name: getattr(rows, name) for name in RealRows.__struct_fields__})


def kept_rows(path: Path) -> RealRows:
    """Raises BadFile: not such a file."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as said:
            return RealRows(**{name: said[name] for name in RealRows.__struct_fields__})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not what the engine said to recordings") from None


def _asked(folders: Sequence[Path], rounds: int, model: str) -> list[_Asked]:
    others = recordings_in(folders[:1], "other")
    made = []
    for first, folder in enumerate(folders):
        for part, ways in (("wake", rounds), ("other", 1 if first else max(1, rounds // FOLDS))):
            found = list(enumerate(recordings_in([folder], "wake" if part == "wake" else "other")))
            made += [
                _Asked(
                    part="wake" if part == "wake" else "other",
                    round=way,
                    numbered=tuple(found[at : at + _CHUNK]),
                    others=others,
                    model=model,
                )
                for way in range(ways)
                for at in range(0, len(found), _CHUNK)
            ]
    return made


def _heard(asked: _Asked) -> RealRows:
    made = [(each, clip) for number, each in asked.numbered if (clip := _staged(asked, number, each)) is not None]
    question = io.BytesIO()
    pcm = np.concatenate([np.zeros(0, np.int16), *(clip.pcm for _, clip in made)])
    np.savez(question, pcm=pcm, lengths=np.array([len(clip.pcm) for _, clip in made], np.int64))
    command = [sys.executable, "-m", "gateway", "embeddings", "--model", asked.model, "--every", str(_FAINTEST)]
    said = subprocess.run(command, input=question.getvalue(), stdout=subprocess.PIPE, check=True)
    with np.load(io.BytesIO(said.stdout), allow_pickle=False) as answer:
        of, at, peaks = answer["of"], answer["at"] * _HOP, answer["peaks"]
        windows = answer["windows"].astype(np.float16)
    clips = [made[row][1] for row in of]
    recordings = [made[row][0] for row in of]
    wanted = np.zeros(len(of), bool)
    if asked.part == "wake":
        wanted = words_of(of, at, peaks, [(clip.start, clip.end) for clip in clips])
    return RealRows(
        wanted=wanted,
        fold=np.array([each.fold for each in recordings], np.int8),
        source=np.array([each.source for each in recordings], "U40"),
        round=np.full(len(of), asked.round, np.int16),
        peaks=peaks,
        windows=windows,
    ).where(wanted | (asked.part == "other"))  # what else stands out in a recording of the word nobody has labelled


def words_of(of: np.ndarray, at: np.ndarray, peaks: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """A mask of the candidates that are a clip's wake word: the highest of those about where it lies."""
    best: dict[int, int] = {}
    for row, (start, end) in enumerate(spans):
        near = start - _EARLY <= at[row] <= end + _LATE_HOPS * _HOP
        clip = int(of[row])
        if near and (clip not in best or peaks[row] > peaks[best[clip]]):
            best[clip] = row
    wanted = np.zeros(len(of), bool)
    wanted[list(best.values())] = True
    return wanted


def _staged(asked: _Asked, number: int, recording: Recording) -> Staged | None:
    """What is said around a recording comes from files of its own fold."""
    pcm = read_samples(recording.path)
    if len(pcm) < _SHORTEST:
        return None
    if asked.round == 0:
        start, end = spoken(pcm)
        return Staged(pcm=pcm, start=start, end=end)
    rng = np.random.default_rng([asked.round, number, asked.part == "wake"])
    stage = drawn_stage(rng)
    same_fold = [each for each in asked.others if each.fold == recording.fold]
    others: list[np.ndarray] = []
    for _ in repeat(None, 20 * _OTHERS if same_fold else 0):
        speech = cut_to_speech(read_samples(same_fold[int(rng.integers(len(same_fold)))].path))
        if len(speech) > _LEAST:
            others.append(speech[:_MOST])
        if len(others) == _OTHERS:
            break
    if not others:
        others = [np.zeros(_LEAST, np.int16)]
    return staged(pcm, tuple(others), stage)
