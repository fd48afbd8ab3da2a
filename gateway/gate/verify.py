"""The second stage: is it the wake word, or does it only sound like it? Heard and transcript in, verdict out; pure.

`acoustic` is a small network over the embeddings the engine scored: fitted by `python -m scenarios.wakewords.train`.
`transcript` asks whether the assistant's words hold the wake word where the engine heard it.
"""

import io
import re
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.files import BadFile
from gateway.gate.wake import EMBEDDING, HEAD_WINDOW, Floats, Heard
from gateway.wire import RATE_HZ, Transcript

VERIFIED_ROWS = HEAD_WINDOW + 4  # what follows the word for a third of a second tells "Alexis" from it
SHIPPED = Path(__file__).parent / "alexa-verifier.npz"
_LEAST_PEAK = 1e-6  # of which a logarithm is taken
_NEAR_S = 1.2  # how far from where the engine heard it the transcript may place the word


class Verifier(msgspec.Struct, frozen=True, kw_only=True):
    """Two layers over a (20, 96) window: `hidden` (1920, n), `hidden_bias` (n,), `out` (n,), `out_bias`; and
    `peak_weight`, how much the engine's own opinion counts beside them.

    Two witnesses are worth more together than each with a limit of its own: what the engine is sure of needs less of
    the network's agreement. Both speak in log odds, so they add up.
    """

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: float
    peak_weight: float = 0.0

    def score(self, window: Floats, peak: float) -> float:
        """How sure it is, 0..1, of a window whose highest engine score is `peak`."""
        return float(self.scores(window[None], np.array([peak]))[0])

    def scores(self, windows: Floats, peaks: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """(count, 20, 96) and (count,) to (count,)."""
        inner = np.maximum(windows.reshape(len(windows), -1) @ self.hidden + self.hidden_bias, 0.0)
        engine = np.log(np.maximum(peaks, _LEAST_PEAK))
        logits = np.clip(inner @ self.out + self.out_bias + self.peak_weight * engine, -60.0, 60.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)


def verified_window(heard: Heard, peak: int) -> Floats | None:
    """What a verifier sees of the wake word whose score is highest at hop `peak`; None where there is nothing."""
    return heard.window(peak, VERIFIED_ROWS)


def load_verifier(path: Path = SHIPPED) -> Verifier:
    """Raises BadFile: not there, or not a fitted model of that shape."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as fitted:
            made = Verifier(
                hidden=fitted["hidden"].astype(np.float32),
                hidden_bias=fitted["hidden_bias"].astype(np.float32),
                out=fitted["out"].astype(np.float32),
                out_bias=float(fitted["out_bias"]),
                peak_weight=float(fitted["peak_weight"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise BadFile(f"{path}: not a fitted verifier") from None
    if made.hidden.shape != (VERIFIED_ROWS * EMBEDDING, len(made.out)) or made.hidden_bias.shape != made.out.shape:
        raise BadFile(f"{path}: not a fitted verifier of (20, 96) embeddings")
    return made


def said_in(transcript: Transcript | None, word: str, heard_at: int) -> bool:
    """Whether the transcript has `word` near sample `heard_at`. No transcript says no: when in doubt, drop."""
    if transcript is None:
        return False
    near = heard_at / RATE_HZ
    wanted = _letters(word)
    for sentence in transcript.asr_tokens:
        for token in sentence:
            if _letters(token.value) == wanted and abs(token.time.end - near) <= _NEAR_S:
                return True
    return False


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
