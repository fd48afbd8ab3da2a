"""The second stage of the gate: confirms the wake word, or says that something only sounds like it. Pure.

`acoustic` is a small network over the engine's embeddings. `python -m scenarios.wakewords.train` fits it. `transcript`
asks whether the assistant's words hold the wake word where the engine heard it.
"""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.contract.model import Gate
from gateway.contract.phrase import folded, phrase_words, without_possessive
from gateway.files import BadFile
from gateway.gate.wake import EMBEDDING, HEAD_WINDOW, Floats, Heard
from gateway.wire import RATE_HZ, Transcript

VERIFIED_ROWS = HEAD_WINDOW + 4  # what follows the word for a third of a second tells "Alexis" from it
SHIPPED = Path(__file__).parent / "alexa-verifier.npz"
_LEAST_PEAK = 1e-6  # of which a logarithm is taken
_NEAR_S = 1.2  # how far from where the engine heard it the transcript may place the word


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """Two layers over a (20, 96) window. They give k opinions, of which the surest one counts.

    The last `vetoes` of them are no opinions but vetoes: the verifier is never surer than the least sure of these.

    `hidden` is (1920, n) and `hidden_bias` (n,). `out` is (n, k), `out_bias` (k,) and `peak_weight` (k,): the weight
    of the engine's own score in each opinion. With one opinion these may be (n,) and two numbers.

    An opinion is the sum of the network's log odds and the engine's weighted log score, so that a high score of the
    engine needs less agreement of the network. The opinions were fitted on different kinds of voices (synthetic ones,
    real people's) and share their hidden units.
    """

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats | float
    peak_weight: Floats | float = 0.0
    vetoes: int = 0

    def score(self, window: Floats, peak: float) -> float:
        """How sure the verifier is of a window, 0..1. `peak` is the window's highest engine score."""
        return float(self.scores(window[None], np.array([peak]))[0])

    def scores(self, windows: Floats, peaks: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """`score` of many windows: (count, 20, 96) and (count,) in, (count,) out."""
        said = self.opinions(windows, peaks)
        opinions = said.shape[1] - self.vetoes
        sure = said[:, :opinions].max(axis=1)
        logits = np.clip(np.minimum(sure, said[:, opinions:].min(axis=1, initial=np.inf)), -60.0, 60.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)

    def opinions(self, windows: Floats, peaks: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """The log odds of each opinion: (count, 20, 96) and (count,) in, (count, k) out."""
        inner = np.maximum(windows.reshape(len(windows), -1) @ self.hidden + self.hidden_bias, 0.0)
        engine = np.log(np.maximum(peaks, _LEAST_PEAK))
        out = self.out.reshape(len(self.hidden_bias), -1)
        return np.asarray(inner @ out + np.atleast_1d(self.out_bias) + engine[:, None] * self.peak_weight, np.float64)


def verified_window(heard: Heard, peak: int) -> Floats | None:
    """The verifier's input for a word whose score is highest at hop `peak`. None if there are no embeddings."""
    return heard.window(peak, VERIFIED_ROWS)


def verifier_of(gate: Gate) -> Verifier | None:
    """The verifier of a contract's acoustic second stage, or None if it has none. Raises BadFile as `load_verifier`."""
    if "acoustic" not in gate.verify:
        return None
    return load_verifier(SHIPPED if gate.verify_model is None else Path(gate.verify_model))


def load_verifier(path: Path = SHIPPED) -> Verifier:
    """Load a fitted verifier.

    Raises:
        BadFile: the file is missing, is not a verifier of that shape, or holds a number that is not finite.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as fitted:
            made = Verifier(
                hidden=_finite(fitted["hidden"], 2),
                hidden_bias=_finite(fitted["hidden_bias"], 1),
                out=_finite(fitted["out"], 1, 2),
                out_bias=_finite(fitted["out_bias"], 0, 1),
                peak_weight=_finite(fitted["peak_weight"], 0, 1),
                vetoes=int(fitted["vetoes"]) if "vetoes" in fitted else 0,
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        raise BadFile(f"{path}: not a fitted verifier") from None
    units, opinions = made.out.shape[:1], made.out.shape[1:]
    if made.hidden.shape != (VERIFIED_ROWS * EMBEDDING, *units) or made.hidden_bias.shape != units or 0 in opinions:
        raise BadFile(f"{path}: not a fitted verifier of (20, 96) embeddings")
    if np.shape(made.out_bias) != opinions or np.shape(made.peak_weight) != opinions:
        raise BadFile(f"{path}: not a fitted verifier: a number for each opinion is wanted")
    if not 0 <= made.vetoes < max((1, *opinions)):
        raise BadFile(f"{path}: not a fitted verifier: vetoes: fewer than its opinions are wanted")
    return made


def _finite(numbers: npt.NDArray[Any], *dimensions: int) -> Floats:
    """The array as float32.

    Raises: ValueError: wrong kind or dimensions, or a number that is not finite. A score of NaN would be below no
    threshold.
    """
    if numbers.dtype.kind != "f" or numbers.ndim not in dimensions:
        raise ValueError("other numbers")
    with np.errstate(over="ignore"):
        made = numbers.astype(np.float32)
    if not np.isfinite(made).all():
        raise ValueError("not finite")
    return made


def said_in(transcript: Transcript | None, phrase: str, heard_at: int) -> bool:
    """Whether the transcript has `phrase`, word for word, with its end near sample `heard_at`.

    The last word may be a possessive. The answer is no without a transcript, and for a phrase without words.
    """
    wanted = phrase_words(phrase)
    if transcript is None or not wanted:
        return False
    near = heard_at / RATE_HZ
    for sentence in transcript.asr_tokens:
        tokens = [token for token in sentence if folded(token.value)]
        for last in range(len(wanted) - 1, len(tokens)):
            said = [token.value for token in tokens[last + 1 - len(wanted) : last + 1]]
            if abs(tokens[last].time.end - near) <= _NEAR_S and _same(said, wanted):
                return True
    return False


def _same(said: list[str], wanted: tuple[str, ...]) -> bool:
    *before, last = map(folded, said)
    return (*before, last) == wanted or (*before, folded(without_possessive(said[-1]))) == wanted
