"""The verifier's opinion of real voices: plain logistic regression on the windows, beside what it learnt of synthetic
ones. Rows of recordings and answers to takes in, the verifier's arrays out.

Regression was kept because it generalised best of what was tried (principal components with regression or a small
network, the synthetic network's own units): recordings of a fifth of the files and of a whole source left out.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from gateway.files import BadFile
from scenarios.wakewords.answers import Answers
from scenarios.wakewords.real import FOLDS, RealRows

Arrays = Mapping[str, np.ndarray]

_PENALTY, _ROUNDS, _FIRST_SCALE = 1e-3, 80, 3.0
_WEIGH = {"real wake": 1.0, "real other": 2.0, "synthetic wake": 0.3, "synthetic other": 1.5}
# Chosen on the curve that cross validation prints (log odds at which this opinion is as good as the contract's
# threshold): beyond it each further point of requests costs more false accepts than the last.
_WORTH = 2.1
_THRESHOLD = float(np.log(0.925 / 0.075))
_LEAST_PEAK = 1e-6
_WIDEST = 1.0  # the largest weight as the file holds it: 16 bits have little room for small numbers


def second_opinion(first: Arrays, rows: RealRows, answers: Answers) -> dict[str, np.ndarray]:
    """The arrays of a verifier of two opinions: `first`, as it is, and one fitted on real and synthetic speech, which
    sees what the first one says.

    Raises:
        BadFile: there is no wake word, or nothing else, among the recordings.
    """
    if not rows.wanted.any() or rows.wanted.all():
        raise BadFile("--recordings: wake words and other speech in which the engine hears something are wanted")
    from sklearn.linear_model import LogisticRegression

    made = answers.where(answers.usable)
    windows = np.concatenate([_flat(rows.windows), _flat(made.windows)])
    peaks = np.concatenate([rows.peaks, made.peaks]).astype(np.float64)
    wanted = np.concatenate([rows.wanted, made.wanted])
    mean, scale = _flat(rows.windows).mean(axis=0), _flat(rows.windows).std(axis=0) + np.float32(1e-6)
    engine = np.log(np.maximum(peaks, _LEAST_PEAK))
    seen = np.column_stack([(windows - mean) / scale, engine, _said(first, windows, engine) / _FIRST_SCALE])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so many rounds are no convergence, and generalise better than more
        fitted = LogisticRegression(C=_PENALTY, max_iter=_ROUNDS).fit(
            seen, wanted, sample_weight=_weights(rows.wanted, made.wanted)
        )
    *direct, on_engine, on_first = fitted.coef_[0]
    return _joined(first, np.array(direct) / scale, mean, (float(on_engine), float(on_first) / _FIRST_SCALE), fitted)


def folds_of(rows: RealRows) -> np.ndarray:
    """Which fifth each row is judged in: wake words by file, other speech by source, so that whole sources are left
    out."""
    sources = {name: number % FOLDS for number, name in enumerate(sorted(set(rows.source[~rows.wanted].tolist())))}
    return np.where(rows.wanted, rows.fold, np.array([sources.get(name, 0) for name in rows.source.tolist()]))


def _joined(
    first: Arrays, direct: np.ndarray, mean: np.ndarray, on: tuple[float, float], fitted: Any
) -> dict[str, np.ndarray]:
    """A straight line is two units that face away from each other."""
    on_engine, on_first = on
    widest = float(np.abs(direct).max()) / _WIDEST
    line = np.stack([direct, -direct], axis=1) / widest
    hidden = np.concatenate([first["hidden"], line], axis=1).astype(np.float16)
    bias = np.concatenate([first["hidden_bias"], -mean @ line]).astype(np.float32)
    intercept = float(fitted.intercept_[0])
    out = np.zeros((len(bias), 2), np.float32)
    out[:-2, 0] = first["out"]
    out[:-2, 1] = on_first * first["out"]
    out[-2:, 1] = widest, -widest
    second_bias = intercept + on_first * float(first["out_bias"]) - _WORTH + _THRESHOLD
    second_peak = on_engine + on_first * float(first["peak_weight"])
    return {
        "hidden": hidden,
        "hidden_bias": bias,
        "out": out,
        "out_bias": np.array([float(first["out_bias"]), second_bias], np.float32),
        "peak_weight": np.array([float(first["peak_weight"]), second_peak], np.float32),
    }


def _weights(real: np.ndarray, made: np.ndarray) -> np.ndarray:
    weights = []
    for kind, wanted in (("real", real), ("synthetic", made)):
        wake, other = (_WEIGH[f"{kind} {what}"] for what in ("wake", "other"))
        weights.append(np.where(wanted, wake / max(1, wanted.sum()), other / max(1, (~wanted).sum())))
    every = np.concatenate(weights)
    return np.asarray(every / every.mean())


def _said(first: Arrays, windows: np.ndarray, engine: np.ndarray) -> np.ndarray:
    inner = np.maximum(windows @ first["hidden"].astype(np.float32) + first["hidden_bias"], 0.0)
    return np.asarray(inner @ first["out"] + first["out_bias"] + first["peak_weight"] * engine)


def _flat(windows: np.ndarray) -> np.ndarray:
    return windows.reshape(len(windows), -1).astype(np.float32)
