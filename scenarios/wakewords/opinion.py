"""The verifier's opinion of real voices, and its veto: plain logistic regression on the windows, beside what it learnt
of synthetic ones. Rows of recordings and answers to takes in, the verifier's arrays out.

Regression was kept because it generalised best of what was tried (principal components with regression or a small
network, the synthetic network's own units): recordings of a fifth of the files and of a whole source left out.
"""

import warnings
from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from gateway.files import BadFile
from scenarios.wakewords.answers import Answers
from scenarios.wakewords.real import FOLDS, RealRows

Arrays = Mapping[str, np.ndarray]


class _Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a line is fitted: its penalty (scikit-learn's C), and what each kind of row weighs together (0: not at all).
    Wake words of which the opinions are less sure than log odds of `sure` are left out."""

    penalty: float
    weigh: Mapping[str, float]
    sure: float = -np.inf


class _Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """A line: weights of a window's numbers, of which `mean` is subtracted, of the engine's log score and of what each
    opinion says."""

    direct: np.ndarray
    mean: np.ndarray
    on_engine: float
    on_said: np.ndarray
    intercept: float


_SECOND = _Way(
    penalty=1e-3,
    weigh={"real wake": 1.0, "real other": 2.0, "synthetic wake": 0.3, "synthetic other": 1.5},
)
# A veto asks about what the opinions keep. Wake words that they would drop teach it nothing, nor does synthetic other
# speech, on which they were fitted: both cost requests.
_VETO = _Way(
    penalty=1e-3,
    weigh={"real wake": 0.5, "real other": 1.0, "synthetic wake": 4.0, "synthetic other": 0.0},
    sure=float(np.log(0.925 / 0.075)) - 1.0,
)
_ROUNDS, _SAID_SCALE = 80, 3.0
# Chosen on the curve that cross validation prints (log odds at which this opinion is as good as the contract's
# threshold): beyond it each further point of requests costs more false accepts than the last.
_WORTH = 2.1
# The veto's, chosen likewise on files and whole makes of recordings left out.
_VETO_AT = 0.75
_THRESHOLD = float(np.log(0.925 / 0.075))
_LEAST_PEAK = 1e-6
_WIDEST = 1.0  # the largest weight as the file holds it: 16 bits have little room for small numbers


def second_opinion(first: Arrays, rows: RealRows, answers: Answers) -> dict[str, np.ndarray]:
    """The arrays of a verifier of two opinions: `first`, as it is, and one fitted on real and synthetic speech, which
    sees what the first one says.

    Raises:
        BadFile: there is no wake word, or nothing else, among the recordings.
    """
    return _with_line(first, _line(first, rows, answers, _SECOND), worth=_WORTH)


def veto(opinions: Arrays, rows: RealRows, answers: Answers) -> dict[str, np.ndarray]:
    """The arrays of a verifier with `opinions`, as they are, and a veto: a line over the same windows and over what the
    opinions say, between what they keep of both kinds of requests and other speech of real people.

    Raises:
        BadFile: there is no wake word, or nothing else, among the recordings.
    """
    return _with_line(opinions, _line(opinions, rows, answers, _VETO), worth=_VETO_AT) | {"vetoes": np.array(1)}


def _line(opinions: Arrays, rows: RealRows, answers: Answers, way: _Way) -> _Fitted:
    if not rows.wanted.any() or rows.wanted.all():
        raise BadFile("--recordings: wake words and other speech in which the engine hears something are wanted")
    from sklearn.linear_model import LogisticRegression

    made = answers.where(answers.usable)
    windows = np.concatenate([_flat(rows.windows), _flat(made.windows)])
    peaks = np.concatenate([rows.peaks, made.peaks]).astype(np.float64)
    wanted = np.concatenate([rows.wanted, made.wanted])
    mean, scale = _flat(rows.windows).mean(axis=0), _flat(rows.windows).std(axis=0) + np.float32(1e-6)
    engine = np.log(np.maximum(peaks, _LEAST_PEAK))
    said = _said(opinions, windows, engine)
    weights = _weights(rows.wanted, made.wanted, way.weigh)
    told = (weights > 0) & (~wanted | (said.max(axis=1) >= way.sure))
    seen = np.column_stack([(windows - mean) / scale, engine, said / _SAID_SCALE])[told]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so many rounds are no convergence, and generalise better than more
        fitted = LogisticRegression(C=way.penalty, max_iter=_ROUNDS).fit(
            seen, wanted[told], sample_weight=weights[told] / weights[told].mean()
        )
    size = windows.shape[1]
    direct, on_engine, on_said = np.split(fitted.coef_[0], [size, size + 1])
    return _Fitted(
        direct=direct / scale,
        mean=mean,
        on_engine=float(on_engine[0]),
        on_said=on_said / _SAID_SCALE,
        intercept=float(fitted.intercept_[0]),
    )


def make_folds(sources: Iterable[str]) -> dict[str, int]:
    """Which fifth other speech of each source is judged in. Sources of one make ("asterisk" of "asterisk-es") share
    it, so that whole makes of recordings are left out."""
    makes = {source: source.split("-")[0] for source in sources}
    numbers = {make: number % FOLDS for number, make in enumerate(sorted(set(makes.values())))}
    return {source: numbers[make] for source, make in makes.items()}


def folds_of(rows: RealRows) -> np.ndarray:
    """Which fifth each row is judged in: wake words by file, other speech by its make."""
    numbers = make_folds(rows.source[~rows.wanted].tolist())
    return np.where(rows.wanted, rows.fold, np.array([numbers.get(name, 0) for name in rows.source.tolist()]))


def _with_line(opinions: Arrays, line: _Fitted, *, worth: float) -> dict[str, np.ndarray]:
    """The opinions and one more, which is as good as the contract's threshold at log odds of `worth`. A straight line
    is two units that face away from each other."""
    widest = float(np.abs(line.direct).max()) / _WIDEST
    faces = np.stack([line.direct, -line.direct], axis=1) / widest
    out, out_bias, on_peak = _columns(opinions)
    last = np.concatenate([out @ line.on_said, [widest, -widest]])
    bias = line.intercept + float(out_bias @ line.on_said) - worth + _THRESHOLD
    peak = line.on_engine + float(on_peak @ line.on_said)
    return {
        "hidden": np.concatenate([opinions["hidden"], faces], axis=1).astype(np.float16),
        "hidden_bias": np.concatenate([opinions["hidden_bias"], -line.mean @ faces]).astype(np.float32),
        "out": np.column_stack([np.concatenate([out, np.zeros((2, out.shape[1]))]), last]).astype(np.float32),
        "out_bias": np.append(out_bias, bias).astype(np.float32),
        "peak_weight": np.append(on_peak, peak).astype(np.float32),
    }


def _columns(opinions: Arrays) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A column for each opinion: (units, k), (k,) and (k,)."""
    out = np.asarray(opinions["out"], np.float64).reshape(len(opinions["hidden_bias"]), -1)
    out_bias, on_peak = (np.atleast_1d(np.asarray(opinions[name], np.float64)) for name in ("out_bias", "peak_weight"))
    return out, out_bias, on_peak


def _weights(real: np.ndarray, made: np.ndarray, weigh: Mapping[str, float]) -> np.ndarray:
    weights = []
    for kind, wanted in (("real", real), ("synthetic", made)):
        wake, other = (weigh[f"{kind} {what}"] for what in ("wake", "other"))
        weights.append(np.where(wanted, wake / max(1, wanted.sum()), other / max(1, (~wanted).sum())))
    every = np.concatenate(weights)
    return np.asarray(every / every.mean())


def _said(opinions: Arrays, windows: np.ndarray, engine: np.ndarray) -> np.ndarray:
    """(rows, k): what each opinion says of each window."""
    out, out_bias, on_peak = _columns(opinions)
    inner = np.maximum(windows @ opinions["hidden"].astype(np.float32) + opinions["hidden_bias"], 0.0)
    return np.asarray(inner @ out + out_bias + engine[:, None] * on_peak)


def _flat(windows: np.ndarray) -> np.ndarray:
    return windows.reshape(len(windows), -1).astype(np.float32)
