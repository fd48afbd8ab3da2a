"""Measures how many milliseconds of a word in one recording can still be heard in another.

Served audio may be cut, attenuated, overlaid or distorted (McAdams). The waveform keeps its phases through all of
these, so the measure is the phase coherence of each frame with the true recording. Before that, both are aligned on the
parts that are not secret, and the recording is distorted like the rest of the clip. Other words of the same voice can
reach 100 ms, because vowels are similar. Silence, tones and noise stay below the alarm.
"""

import numpy as np
import numpy.typing as npt

from scenarios.checks.mcadams import Distorter

Pcm = npt.NDArray[np.int16]
Signal = npt.NDArray[np.float64]

RATE_HZ = 16_000
HOP = 160  # 10 ms
_FRAME = 400  # 25 ms
_SHIFTS = np.arange(-20, 21)  # samples: 1.25 ms either way
_COHERENT = 0.44  # of 1: frames above it are heard
_RUN = 2  # frames in a row
_FLOOR = 30.0  # RMS below which the recording itself says nothing in a frame
_ROUNDING = 12.0  # magnitude of a bin under which 16-bit rounding speaks
_FEWEST_BINS = 40  # of 201
_LOUDEST = 6.0  # times the median bin
_FOUND = 9.0  # the alignment's peak over the spread of all others
_UNTOUCHED = 0.6  # mean coherence of the context from which no distortion is looked for
_SAME = 0.3  # mean coherence of the context under which it is another recording
_FAINTEST = 0.01  # of the loudest frame's RMS, under which a frame is silent
_LEAST_LEFT = 10  # frames of a nearly silent clip that must be left: 100 ms
_ALIKE = 0.9  # of 1: what is left is a piece of the recording
_COEFFICIENTS = np.arange(0.5, 1.0, 0.05)
_WINDOW = np.hanning(_FRAME)
_TURNS = np.exp(2j * np.pi * np.outer(np.fft.rfftfreq(_FRAME), _SHIFTS))  # bins x shifts

Span = tuple[int, int]  # samples [start, end) of the truth's recording


class Comparison:
    """A served clip (`heard`) aligned with its recording (`truth`, int16, 16 kHz); `secrets` are left out of that.

    `at` is the sample of `truth` where `heard` begins. It is None if `heard` is not this recording at any offset.
    `silent` is a clip without any sound, in which nothing can be heard wherever it begins; `at` is None then, too.
    `coefficient` is the McAdams coefficient of the clip's distortion, 1.0 without one.
    """

    def __init__(self, truth: Pcm, heard: Pcm, secrets: list[Span]) -> None:
        self._heard = heard.astype(float)
        context = truth.astype(float)
        for start, end in secrets:
            context[start:end] = 0
        self.silent = bool(len(heard)) and bool((heard == heard[0]).all())
        self.at = _offset(context, self._heard)
        self.coefficient = 1.0
        self._reference = truth.astype(float)
        agreement = self._agreement(context) if self.at is not None else 0.0
        if self.at is not None and agreement < _UNTOUCHED:
            agreement = self._undistort(truth.astype(float), secrets)
        if agreement < _SAME:
            # Little of the context is left. All that is left, secrets too, must then be a piece of the recording.
            self.at, self.coefficient, self._reference = None, 1.0, truth.astype(float)
            self.at = None if self.silent else piece_of(self._reference, self._heard)

    def residual_ms(self, start: int, end: int) -> int:
        """Milliseconds of truth[start:end] that can still be heard at the word's place."""
        return self._audible_ms(start, end, 0)

    def floor_ms(self, start: int, end: int) -> int:
        """The measure's own floor: its value a third of the clip further on, where the word is not."""
        return self._audible_ms(start, end, max(len(self._heard) // 3, 2 * _FRAME))

    def _audible_ms(self, start: int, end: int, shift: int) -> int:
        if self.at is None:
            return 0
        starts = np.arange(start, end - _FRAME + 1, HOP)
        heard = coherences(self._reference, self._heard, starts, self.at, shift) > _COHERENT
        return int(_in_runs(heard).sum()) * HOP * 1000 // RATE_HZ

    def _agreement(self, reference: Signal) -> float:
        """Mean coherence of the context's loud frames."""
        starts = np.arange(0, max(len(reference) - _FRAME, 0), 2 * HOP)
        found = coherences(reference, self._heard, starts, self.at or 0, 0)
        told = found[found > 0]
        return float(told.mean()) if len(told) else 0.0

    def _undistort(self, truth: Signal, secrets: list[Span]) -> float:
        """Find the coefficient under which the context agrees best. Returns it with that agreement."""
        distorter = Distorter(truth)
        best = self._agreement(_without(truth, secrets))
        for coefficient in _COEFFICIENTS:
            tried = distorter.distorted(float(coefficient))
            agreement = self._agreement(_without(tried, secrets))
            if agreement > best:
                best, self.coefficient, self._reference = agreement, float(coefficient), tried
        return best


def coherences(truth: Signal, heard: Signal, starts: npt.NDArray[np.int64], at: int, shift: int) -> Signal:
    """|sum sqrt|R| e^(j dphi)| / sum sqrt|R| a frame, the best over small shifts; 0 where either is silent.

    `starts` are frames of `truth`; the same moment of `heard` lies `at` samples earlier, `shift` moves it on.
    """
    found = np.zeros(len(starts))
    there = starts - at + shift
    usable = (starts >= 0) & (starts + _FRAME <= len(truth)) & (there >= 0) & (there + _FRAME <= len(heard))
    if not usable.any():
        return found
    said = truth[starts[usable][:, None] + np.arange(_FRAME)]
    left = heard[there[usable][:, None] + np.arange(_FRAME)]
    loud = (np.sqrt((said**2).mean(1)) > _FLOOR) & (np.abs(left).max(1) > 0)
    spectrum = np.fft.rfft(left * _WINDOW)
    cross = np.fft.rfft(said * _WINDOW) * np.conj(spectrum)
    size = np.sqrt(np.abs(cross))
    weight = np.where(np.abs(spectrum) > _ROUNDING, size, 0.0)
    told = (weight > 0).sum(1) >= _FEWEST_BINS
    # A tone, or one strong harmonic, agrees with anything at some shift: no bin may outweigh the others.
    weight = np.minimum(weight, _LOUDEST * _median(weight)[:, None])
    aligned = np.abs((weight * cross / np.maximum(np.abs(cross), 1e-12)) @ _TURNS).max(1)
    found[usable] = np.where(loud & told, aligned / np.maximum(weight.sum(1), 1e-12), 0.0)
    return found


def _median(weight: Signal) -> Signal:
    """The median over the bins of each frame that are not silent."""
    ordered, told = np.sort(weight, axis=1), (weight > 0).sum(1)
    rows, first = np.arange(len(weight)), weight.shape[1] - told  # zeros come first
    lower = ordered[rows, np.minimum(first + (told - 1) // 2, weight.shape[1] - 1)]
    upper = ordered[rows, np.minimum(first + told // 2, weight.shape[1] - 1)]
    return np.where(told > 0, (lower + upper) / 2, 0.0)


def _offset(context: Signal, heard: Signal) -> int | None:
    """Where `heard` begins in `context`, by PHAT-weighted cross-correlation."""
    if not len(context) or not len(heard) or not heard.any():
        return None
    size = 1 << (len(context) + len(heard) - 1).bit_length()
    spectrum = np.fft.rfft(context, size) * np.conj(np.fft.rfft(heard, size))
    lags = np.fft.irfft(spectrum / (np.abs(spectrum) + 1e-9), size)
    at = int(np.argmax(lags[: len(context)]))
    return at if lags[at] > _FOUND * lags.std() else None


def piece_of(truth: Signal, heard: Signal) -> int | None:
    """The sample of `truth` where `heard` begins, by the rest of a nearly silent clip. None if too little is left, or
    if it is no piece of the recording.

    The measure is the normalised cross-correlation over the frames that are not silent: 1 where these are samples of
    the recording, whatever their level.
    """
    left = _sounding(heard)
    if left.sum() < _LEAST_LEFT * HOP:
        return None
    size = 1 << (len(truth) + len(heard) - 1).bit_length()
    kept = np.where(left, heard, 0.0)
    matched = _slid(truth, kept, size)[: len(truth)]
    energy = _slid(truth**2, left.astype(float), size)[: len(truth)]
    alike = np.abs(matched) / np.sqrt(np.maximum(energy, 1.0) * float((kept**2).sum()))
    at = int(np.argmax(alike))
    return at if alike[at] >= _ALIKE else None


def _sounding(heard: Signal) -> npt.NDArray[np.bool_]:
    """Which samples lie in frames that are not silent."""
    frames = heard[: len(heard) - len(heard) % HOP].reshape(-1, HOP)
    levels = np.sqrt((frames**2).mean(axis=1)) if len(frames) else np.zeros(0)
    loud = levels > _FAINTEST * levels.max(initial=0.0)
    return np.concatenate([np.repeat(loud, HOP), np.zeros(len(heard) % HOP, bool)])


def _slid(over: Signal, pattern: Signal, size: int) -> Signal:
    """The cross-correlation of `over` and `pattern`, by the sample where the pattern begins."""
    found: Signal = np.fft.irfft(np.fft.rfft(over, size) * np.conj(np.fft.rfft(pattern, size)), size)
    return found


def _without(signal: Signal, secrets: list[Span]) -> Signal:
    kept = signal.copy()
    for start, end in secrets:
        kept[start:end] = 0
    return kept


def _in_runs(heard: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The frames that are in a row of at least `_RUN`."""
    beside = np.zeros_like(heard)
    beside[1:] |= heard[:-1]
    beside[:-1] |= heard[1:]
    return heard & beside
