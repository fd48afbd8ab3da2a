"""Scores audio for the wake word: the engine behind `Detector`.

openWakeWord's networks (mel spectrogram -> speech embedding -> wake head) are run over a whole clip at once instead
of 80 ms at a time, with the same windows, so that scores equal those of its streaming `predict`.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

from gateway.files import BadFile

Pcm = npt.NDArray[np.int16]
Scores = npt.NDArray[np.float32]

HOP_SAMPLES = 1_280  # one score per 80 ms
_LEAD_SAMPLES = 20 * HOP_SAMPLES  # 1.6 s: the engine needs about 1.3 s of context before the first word
_TAIL_SAMPLES = 4 * HOP_SAMPLES  # the score peaks up to a few hops after the word
_MEL_WINDOW, _MEL_HOP, _HEAD_WINDOW = 76, 8, 16
_MEL_CONTEXT = 480  # samples of the hop before that the mel network sees again
_MEL_PHASE = 1  # a hop's newest mel frame is its fifth (see _MEL_CONTEXT): (76 + 1 + 3) % 8 == 0
_BATCH = 64


class Detector(Protocol):
    """What the gate asks of a wake-word engine."""

    def score(self, pcm: Pcm) -> Scores:
        """One score in 0..1 per HOP_SAMPLES of `pcm` (int16, 16 kHz): how sure it is the word just ended."""


class OpenWakeWord:
    """openWakeWord's `alexa` (or any head of the same input by path to an ONNX file).

    Raises:
        BadFile: the model is unknown or cannot be loaded.
    """

    def __init__(self, model: str = "alexa") -> None:
        models = _models_folder()
        head = Path(model) if model.endswith(".onnx") else models / f"{model}_v0.1.onnx"
        if not head.is_file():
            known = ", ".join(sorted(p.name.removesuffix("_v0.1.onnx") for p in models.glob("*_v0.1.onnx")))
            raise BadFile(f"gate.wake_model: {model}: no such model; allowed: {known}, or a path to an .onnx file")
        self._mel = _session(models / "melspectrogram.onnx")
        self._embedding = _session(models / "embedding_model.onnx")
        self._head = _session(head)
        self._head_input = self._head.get_inputs()[0].name
        noise = np.random.default_rng(0).integers(-20, 21, _LEAD_SAMPLES + _TAIL_SAMPLES).astype(np.int16)
        self.lead, self._tail = noise[:_LEAD_SAMPLES], noise[_LEAD_SAMPLES:]

    def score(self, pcm: Pcm) -> Scores:
        hops = -(-len(pcm) // HOP_SAMPLES)
        if not hops:
            return np.zeros(0, np.float32)
        fill = np.zeros(hops * HOP_SAMPLES - len(pcm), np.int16)
        padded = np.concatenate([self.lead, pcm, fill, self._tail]).astype(np.float32)
        scores = self._scores(padded)
        first = _LEAD_SAMPLES // HOP_SAMPLES  # scores are counted from the padded start
        return scores[first : first + hops + _TAIL_SAMPLES // HOP_SAMPLES]

    def _spectrogram(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        # One call a hop: the network floors its output 80 dB below each call's own peak, so a whole clip in one
        # call, or several in a batch, would not give what the streaming engine hears.
        hops = range(0, len(samples) - HOP_SAMPLES + 1, HOP_SAMPLES)
        pieces = [samples[max(0, at - _MEL_CONTEXT) : at + HOP_SAMPLES] for at in hops]
        frames = [self._mel.run(None, {"input": piece[None]})[0].reshape(-1, 32) for piece in pieces]
        mel: npt.NDArray[np.float32] = np.concatenate(frames)
        return mel / np.float32(10) + np.float32(2)

    def _scores(self, samples: npt.NDArray[np.float32]) -> Scores:
        mel = self._spectrogram(samples)
        starts = range(_MEL_PHASE, len(mel) - _MEL_WINDOW + 1, _MEL_HOP)
        windows = np.stack([mel[at : at + _MEL_WINDOW] for at in starts])[..., None].astype(np.float32)
        parts = [
            self._embedding.run(None, {"input_1": windows[at : at + _BATCH]})[0].reshape(-1, 96)
            for at in range(0, len(windows), _BATCH)
        ]
        embeddings = np.concatenate(parts)
        lead = _HEAD_WINDOW - 1
        scores = [
            float(self._head.run(None, {self._head_input: embeddings[None, at - lead : at + 1]})[0].squeeze())
            for at in range(lead, len(embeddings))
        ]
        # scores begin where the first whole stack of embeddings ends
        skipped = (len(samples) // HOP_SAMPLES) - len(scores)
        return np.concatenate([np.zeros(skipped), scores]).astype(np.float32)


class KnownAnswers:
    """A detector for delivery and fault tests: loud audio has the word, quiet audio has not."""

    def __init__(self, loudness: int = 20_000) -> None:
        self._loudness = loudness

    def score(self, pcm: Pcm) -> Scores:
        hops = -(-len(pcm) // HOP_SAMPLES)
        peaks = [np.abs(pcm[at * HOP_SAMPLES : (at + 1) * HOP_SAMPLES].astype(np.int32)).max() for at in range(hops)]
        return np.array([1.0 if peak >= self._loudness else 0.0 for peak in peaks], np.float32)


def _models_folder() -> Path:
    spec = find_spec("openwakeword")  # only the wheel's models are used: importing it loads far more
    if spec is None or spec.origin is None:
        raise BadFile("gate.wake_model: openwakeword is not installed")
    return Path(spec.origin).parent / "resources" / "models"


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = int(os.environ.get("EARLID_THREADS", "1"))
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class
        raise BadFile(f"{path}: not a model onnxruntime can load ({type(error).__name__})") from None
