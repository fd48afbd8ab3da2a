"""What may happen to a recording on its way into a gateway: rooms, noise, levels, other speech close by. Pure.

Every choice is drawn from a seed, so that a staged recording is described by a few numbers and made again from them.
"""

from typing import Literal

import msgspec
import numpy as np
from scipy.signal import butter, sosfilt

from gateway.wire import RATE_HZ
from scenarios.wakewords.corpus import PLACES
from scenarios.wakewords.sounds import place
from simulator.sound.noises import music, pink_noise, rms
from simulator.sound.rooms import hear_through, response

GAPS_MS = (0, 60, 150, 300, 700)
_MS = RATE_HZ // 1000
_FRAME, _BELOW_DB, _LEAST_DB = 160, 28.0, 6.0
_FADE = 5 * _MS
_PLAYED_DBFS = -26.0

Behind = Literal["as recorded", "silence", "zeros", "speech"]
Over = Literal["nothing", "pink", "white", "babble", "music"]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """`gap_ms` lies between the word and the speech behind it, `before_ms` of quiet or of speech before it; `snr_db`
    is over the word's own level; `place` is a room (None: close by); `peak` is the loudest sample, over 1: clipped."""

    behind: Behind = "as recorded"
    gap_ms: int = 0
    before_ms: int = 0
    speech_before: bool = False
    over: Over = "nothing"
    snr_db: float = 60.0
    place: int | None = None
    telephone: bool = False
    speed: float = 1.0
    peak: float | None = None
    seed: int = 0


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """The sound, and the samples between which the recording's own speech lies."""

    pcm: np.ndarray
    start: int
    end: int


def drawn_stage(rng: np.random.Generator) -> Stage:
    """Any of it: a third plain, two thirds through a room, noise, a telephone or too loud."""
    behind: Behind = ("as recorded", "silence", "zeros", "speech", "speech", "speech")[int(rng.integers(6))]
    over: Over = ("nothing", "nothing", "pink", "pink", "white", "babble", "music")[int(rng.integers(7))]
    return Stage(
        behind=behind,
        gap_ms=GAPS_MS[int(rng.integers(len(GAPS_MS)))],
        before_ms=int(rng.integers(0, 1_500)),
        speech_before=bool(rng.random() < 0.25),
        over=over,
        snr_db=float(rng.choice((3.0, 6.0, 10.0, 10.0, 15.0, 20.0, 25.0))),
        place=int(rng.integers(PLACES)) if rng.random() < 0.35 else None,
        telephone=bool(rng.random() < 0.12),
        speed=round(float(rng.uniform(0.9, 1.12)), 2) if rng.random() < 0.3 else 1.0,
        peak=float(rng.choice((0.02, 0.1, 0.5, 1.0, 1.5, 3.0))) if rng.random() < 0.7 else None,
        seed=int(rng.integers(2**31)),
    )


def staged(pcm: np.ndarray, others: tuple[np.ndarray, ...], stage: Stage) -> Staged:
    """A recording (int16) on its stage; `others` are what is said before, behind and in the background (at least one
    where any of it is wanted), each cut to its own speech."""
    rng = np.random.default_rng(stage.seed)
    signal = pcm.astype(np.float64)
    if stage.speed != 1.0:
        from scipy.signal import resample_poly

        signal = resample_poly(signal, 100, round(100 * stage.speed))
    first, last = spoken(signal)
    level = rms(signal[first:last])
    if stage.behind != "as recorded":
        signal, first, last = _faded(signal[first:last]), 0, last - first
    parts = [signal]
    if stage.behind == "silence":
        parts.append(np.zeros(int(rng.integers(300, 2_000)) * _MS))
    elif stage.behind == "zeros":
        parts.append(np.zeros(int(rng.integers(0, 500)) * _MS))
    elif stage.behind == "speech":
        parts += [np.zeros(stage.gap_ms * _MS), _at_level_of(level, others[0])]
    before = np.zeros(stage.before_ms * _MS)
    if stage.speech_before and others:
        said = _at_level_of(level, others[-1])
        before = np.concatenate([said[-3 * RATE_HZ :], before[: GAPS_MS[stage.seed % len(GAPS_MS)] * _MS]])
    heard = np.concatenate([before, *parts])
    start, end = len(before) + first, len(before) + last
    if stage.place is not None:
        heard = hear_through(heard, response(*place(stage.place)))
        heard *= level / max(rms(heard[start:end]), 1e-9)
    heard = heard + _over(stage, len(heard), level, others, rng)
    if stage.telephone:
        heard = sosfilt(butter(4, (300, 3_400), "bandpass", fs=RATE_HZ, output="sos"), heard)
    if stage.peak is not None:
        heard *= stage.peak * 32_767 / max(float(np.abs(heard[start:end]).max()), 1.0)
    if stage.behind in ("silence", "speech"):  # no room is digitally silent
        heard = heard + rng.normal(0.0, 3.0, len(heard))
    return Staged(pcm=_int16(heard), start=start, end=end)


def spoken(pcm: np.ndarray) -> tuple[int, int]:
    """The samples between which a recording is no more than 28 dB below its loudest 10 ms."""
    count = len(pcm) // _FRAME
    if not count:
        return 0, len(pcm)
    frames = pcm[: count * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    level = 10 * np.log10(frames.var(axis=1) + 1.0)
    quiet = float(np.percentile(level, 10))
    limit = max(level.max() - _BELOW_DB, min(quiet + _LEAST_DB, level.max() - _LEAST_DB))
    loud = np.flatnonzero(level >= limit)
    return int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME


def cut_to_speech(pcm: np.ndarray) -> np.ndarray:
    first, last = spoken(pcm)
    return pcm[first:last]


def _over(
    stage: Stage, samples: int, level: float, others: tuple[np.ndarray, ...], rng: np.random.Generator
) -> np.ndarray:
    if stage.over == "nothing":
        return np.zeros(samples)
    if stage.over == "pink":
        noise = pink_noise(samples, _PLAYED_DBFS, rng)
    elif stage.over == "white":
        noise = rng.standard_normal(samples)
    elif stage.over == "music":
        noise = music(samples, rng)
    else:
        noise = np.zeros(samples)
        for other in others[1:] or others:
            said = _at_level_of(1_000.0, other)
            around = np.tile(said, -(-samples // len(said)) + 1)
            begin = int(rng.integers(len(said)))
            noise += around[begin : begin + samples]
    return np.asarray(noise * (level / max(rms(noise), 1e-9) * 10 ** (-stage.snr_db / 20)))


def _at_level_of(level: float, pcm: np.ndarray) -> np.ndarray:
    signal = _faded(pcm.astype(np.float64))
    return np.asarray(signal * (level / max(rms(signal), 1.0)))


def _faded(signal: np.ndarray) -> np.ndarray:
    """Its edges faded over 5 ms: no click where it was cut."""
    made, size = signal.copy(), min(_FADE, len(signal) // 2)
    ramp = np.linspace(0.0, 1.0, size)
    made[:size] *= ramp
    made[len(made) - size :] *= ramp[::-1]
    return made


def _int16(signal: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(signal), -32_768, 32_767).astype(np.int16))
