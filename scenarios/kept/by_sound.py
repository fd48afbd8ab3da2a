"""Finds out by its sound which utterance a kept clip is."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scenarios.kept.joined import Joined
from scenarios.kept.read.clip import KeptClip

Pcm = npt.NDArray[np.int16]

_PROBE, _PROBES, _DISTINCT = 512, 12, 40  # samples of a piece, pieces tried, values a piece must have to tell anything
_FOUND, _CLEARER = 9.0, 1.25  # a peak over the spread of all others; over the next recording's
_ENOUGH = 8_000  # samples that are not silent, from which on a clip of the fleet would have been recognised


def by_sound(clips: Sequence[KeptClip], heard: Mapping[str, Pcm], sent: Mapping[str, Pcm]) -> Joined:
    """Join by sound: the same samples, or the one recording that the clip correlates with (PHAT-weighted).

    A clip with enough sound that is like none of them is a stranger's. With less, it could be anybody's.
    """
    of: dict[str, str] = {}
    strangers, untold = [], dict[str, frozenset[str]]()
    whole = {name: pcm.astype("<i2").tobytes() for name, pcm in sent.items()}
    spectra = _Spectra(sent)
    for clip in clips:
        pcm = heard.get(clip.label)
        best = [] if pcm is None else _same_samples(pcm, whole) or spectra.alike(pcm)
        if len(best) == 1:
            of[clip.label] = best[0]
        elif best:
            untold[clip.label] = frozenset(best)
        elif pcm is None or np.count_nonzero(pcm) < _ENOUGH:
            untold[clip.label] = frozenset(sent)
        else:
            strangers.append(clip.label)
    return Joined(of=of, strangers=tuple(strangers), untold=untold)


def _same_samples(pcm: Pcm, whole: Mapping[str, bytes]) -> list[str]:
    """The recordings that contain a piece of the clip, sample for sample, at any place."""
    starts = np.linspace(0, max(0, len(pcm) - _PROBE), _PROBES).astype(int)
    votes: Counter[str] = Counter()
    for start in dict.fromkeys(starts.tolist()):
        piece = pcm[start : start + _PROBE]
        if len(piece) < _PROBE or len(np.unique(piece)) < _DISTINCT:
            continue
        wanted = piece.astype("<i2").tobytes()
        votes.update(name for name, samples in whole.items() if wanted in samples)
    most = max(votes.values(), default=0)
    return [name for name, count in votes.items() if count == most]


class _Spectra:
    """The spectra of the recordings, computed once for each length."""

    def __init__(self, sent: Mapping[str, Pcm]) -> None:
        self._sent = sent
        self._made: dict[tuple[str, int], npt.NDArray[np.complex128]] = {}

    def alike(self, pcm: Pcm) -> list[str]:
        """The recording that the clip was cut from. Several, if none correlates clearly better than the next."""
        peaks: dict[str, float] = {}
        if not len(pcm) or not pcm.any():
            return []
        for name, recording in self._sent.items():
            size = 1 << (len(recording) + len(pcm) - 1).bit_length()
            cross = self._of(name, recording, size) * np.conj(np.fft.rfft(pcm.astype(float), size))
            lags = np.fft.irfft(cross / (np.abs(cross) + 1e-9), size)
            peak = float(lags.max() / (lags.std() or 1.0))
            if peak > _FOUND:
                peaks[name] = peak
        most = max(peaks.values(), default=0.0)
        return [name for name, peak in peaks.items() if peak * _CLEARER > most]

    def _of(self, name: str, recording: Pcm, size: int) -> npt.NDArray[np.complex128]:
        if (name, size) not in self._made:
            if len(self._made) > 400:
                self._made.clear()
            self._made[name, size] = np.fft.rfft(recording.astype(float), size)
        return self._made[name, size]
