"""Scores audio for the wake word with openWakeWord's networks.

There are three networks: mel spectrogram, speech embedding and wake head. They run over a whole clip in three calls
instead of three calls every 80 ms. They see the same windows as the engine's streaming `predict`, so the scores are
equal.
"""

from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from gateway.contract.consistency import KNOWN_ANSWERS as KNOWN_ANSWERS
from gateway.files import BadFile, reason_of
from gateway.gate.networks import MELS, any_length, log_mel, models_folder, session

Pcm = npt.NDArray[np.int16]
Scores = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]

HOP_SAMPLES = 1_280  # one score per 80 ms
TAIL_HOPS = 4  # the score peaks up to a few hops after the word
HEAD_WINDOW, EMBEDDING = 16, 96  # what the wake head looks at: 16 embeddings of 96 numbers
_LEAD_HOPS = 25  # a score sees 2 s back: faint noise lies there, never digital zeros or another stream
_MEL_WINDOW, _MEL_HOP = 76, 8
_MEL_CONTEXT = 480  # samples of the hop before that the mel network sees again
_FLOOR_DB = 80.0
_PIECE_HOPS = 64  # 5 s at a time: what the convolutions work on stays in the processor's cache


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's answer for a clip: one score for each hop, and its embeddings for a second stage, if it has them.

    `embeddings` is (len(scores) + 15, 96). Score i belongs to rows i to i + 15.
    """

    scores: Scores
    embeddings: Floats | None = None

    def window(self, at: int, rows: int = HEAD_WINDOW) -> Floats | None:
        """The (rows, 96) embeddings from score `at` on, or None if there are none.

        If more rows are wanted than the clip has, its last one is repeated.
        """
        if self.embeddings is None or not 0 <= at < len(self.scores):
            return None
        there = self.embeddings[at : at + rows]
        return np.concatenate([there, np.repeat(there[-1:], rows - len(there), axis=0)])


class Detector(Protocol):
    """What the gate asks of a wake-word engine."""

    def hear(self, pcm: Pcm) -> Heard:
        """One score in 0..1 for each HOP_SAMPLES of `pcm` (int16, 16 kHz): how sure it is that the word just ended."""

    def listen(self) -> "Listening":
        """A new stream, which is heard as it comes."""


class Listening(Protocol):
    """A stream. The networks' state (a few kilobytes) stands for what came before, so no earlier sound is held."""

    def hear(self, pcm: Pcm) -> Scores:
        """The scores of the next whole hops, equal to those of the stream in one piece."""


class OpenWakeWord:
    """openWakeWord's `alexa` (or any head of the same input by path to an ONNX file).

    Raises:
        BadFile: the model is unknown or cannot be loaded.
    """

    def __init__(self, model: str = "alexa") -> None:
        models = models_folder()
        head = Path(model) if model.endswith(".onnx") else models / f"{model}_v0.1.onnx"
        if not head.is_file():
            known = ", ".join(sorted(p.name.removesuffix("_v0.1.onnx") for p in models.glob("*_v0.1.onnx")))
            raise BadFile(f"gate.wake_model: {model}: no such model; allowed: {known}, or a path to an .onnx file")
        self._mel = session(log_mel(models / "melspectrogram.onnx"), "melspectrogram")
        self._embedding = session(any_length(models / "embedding_model.onnx"), "embedding_model")
        self._head = _Head(head)
        noise = np.random.default_rng(0).integers(-20, 21, (_LEAD_HOPS + TAIL_HOPS) * HOP_SAMPLES).astype(np.int16)
        self.lead, self._tail = noise[: _LEAD_HOPS * HOP_SAMPLES], noise[_LEAD_HOPS * HOP_SAMPLES :]
        # Every clip has the same lead: what the networks make of it alone is worked out once.
        self._lead_mel, self._lead_embeddings = self._hear_lead()

    def hear(self, pcm: Pcm) -> Heard:
        hops = -(-len(pcm) // HOP_SAMPLES)
        if not hops:
            none = np.zeros((HEAD_WINDOW - 1, EMBEDDING), np.float32)
            return Heard(scores=np.zeros(0, np.float32), embeddings=none)
        fill = np.zeros(hops * HOP_SAMPLES - len(pcm), np.int16)
        samples = np.concatenate([self.lead[-_MEL_CONTEXT:], pcm, fill, self._tail])
        mel = np.concatenate([self._lead_mel, self._mels(samples)])
        embeddings = np.concatenate([self._lead_embeddings, self._embed(mel)])
        return Heard(scores=self._head.score(embeddings), embeddings=embeddings)

    def listen(self) -> "Listening":
        return _Stream(self, self.lead[-_MEL_CONTEXT:], self._lead_mel, self._lead_embeddings)

    def go_on(self, pcm: Pcm, before: Pcm, mel: Floats, embeddings: Floats) -> tuple[Pcm, Floats, Floats, Scores]:
        """Hear whole hops after a stream's earlier part.

        `before`, `mel` and `embeddings` are that part's last samples, mel frames and embeddings. Returned are the
        same of the longer stream, and the scores of the new hops.
        """
        samples = np.concatenate([before, pcm])
        mel = np.concatenate([mel, self._mels(samples)])
        embeddings = np.concatenate([embeddings, self._embed(mel)])
        scores = self._head.score(embeddings)
        seen = _MEL_WINDOW - _MEL_HOP, HEAD_WINDOW - 1
        return samples[-_MEL_CONTEXT:].copy(), mel[-seen[0] :].copy(), embeddings[-seen[1] :].copy(), scores

    def _hear_lead(self) -> tuple[Floats, Floats]:
        """The lead's last mel frames, which the first hop's embedding sees, and its last 15 embeddings."""
        mel = self._mels(self.lead[HOP_SAMPLES - _MEL_CONTEXT :])
        return mel[-(_MEL_WINDOW - _MEL_HOP) :], self._embed(
            mel[_MEL_HOP // 2 :]
        )  # a stream's first hop gives 5 frames

    def _mels(self, samples: Pcm) -> Floats:
        """Eight mel frames a hop; the first 480 samples are context.

        The engine calls its mel network once a hop, which floors its output 80 dB below that call's own peak: here
        one call gives every decibel, and each hop is floored by itself.
        """
        decibels = self._mel.run(None, {"input": samples.astype(np.float32)[None]})[0].reshape(-1, _MEL_HOP, MELS)
        floored = np.maximum(decibels, decibels.max(axis=(1, 2), keepdims=True) - np.float32(_FLOOR_DB))
        mel: Floats = floored.reshape(-1, MELS) / np.float32(10) + np.float32(2)
        return mel

    def _embed(self, mel: Floats) -> Floats:
        """One embedding per 8 mel frames once 76 are there."""
        count = (len(mel) - _MEL_WINDOW) // _MEL_HOP + 1
        pieces = [
            mel[at * _MEL_HOP : (min(at + _PIECE_HOPS, count) - 1) * _MEL_HOP + _MEL_WINDOW]
            for at in range(0, count, _PIECE_HOPS)
        ]
        parts = [self._embedding.run(None, {"input_1": piece[None, :, :, None]})[0] for piece in pieces]
        return np.concatenate([part.reshape(-1, EMBEDDING) for part in parts])


class _Stream:
    """openWakeWord's networks along one stream. Each hop is computed once."""

    def __init__(self, engine: OpenWakeWord, before: Pcm, mel: Floats, embeddings: Floats) -> None:
        self._engine, self._before, self._mel, self._embeddings = engine, before, mel, embeddings

    def hear(self, pcm: Pcm) -> Scores:
        if not len(pcm):
            return np.zeros(0, np.float32)
        self._before, self._mel, self._embeddings, scores = self._engine.go_on(
            pcm, self._before, self._mel, self._embeddings
        )
        return scores


class _Head:
    """A wake head: 16 embeddings to a score; many windows in one call where the model allows it.

    Raises:
        BadFile: it takes something else, or does not give one number in 0..1 per window.
    """

    def __init__(self, path: Path) -> None:
        self._session = session(path, str(path))
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        wanted = [(list(each.shape[1:]), each.type) for each in taken] == [([HEAD_WINDOW, EMBEDDING], "tensor(float)")]
        if not wanted or len(given) != 1:
            raise BadFile(f"{path}: a head over (1, {HEAD_WINDOW}, {EMBEDDING}) embeddings is wanted")
        self._input = taken[0].name
        self._try(path)
        self._many = self._batched(path)

    def score(self, embeddings: Floats) -> Scores:
        """One score per window of 16 rows."""
        windows = np.lib.stride_tricks.sliding_window_view(embeddings, HEAD_WINDOW, axis=0).transpose(0, 2, 1)
        if self._many is None:
            return self._one_by_one(windows)
        scores: Scores = self._many.run(None, {self._input: np.ascontiguousarray(windows)})[0].reshape(-1)
        return scores

    def _try(self, path: Path) -> None:
        """Run the head once, so that a broken one is refused at the start.

        Windows far apart tell scores from logits.
        """
        windows = np.concatenate([_windows() * np.float32(scale) for scale in (0, 1, 30, -30)])
        try:
            said = [self._session.run(None, {self._input: window[None]})[0] for window in windows]
            scores = np.array([np.asarray(each, np.float32).reshape(-1) for each in said])
        except Exception as error:  # onnxruntime's errors share no base class
            raise BadFile(f"{path}: a head that cannot score a window ({reason_of(error)})") from None
        if scores.shape != (len(windows), 1) or not ((scores >= 0) & (scores <= 1)).all():
            raise BadFile(f"{path}: a head that gives one number in 0..1 per window is wanted")

    def _one_by_one(self, windows: Floats) -> Scores:
        said = [self._session.run(None, {self._input: window[None]})[0].reshape(-1)[0] for window in windows]
        return np.array(said, np.float32)

    def _batched(self, path: Path) -> onnxruntime.InferenceSession | None:
        """The same head for any number of windows in one call. None if its answers differ then."""
        windows = _windows()
        try:
            model = onnx.load(str(path))
            model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "windows"
            for each in model.graph.output:
                each.type.tensor_type.ClearField("shape")
            many = session(model.SerializeToString(), str(path))
            said = many.run(None, {self._input: windows})[0].reshape(-1)
        except Exception:  # onnx's and onnxruntime's errors share no base class; one window at a time works
            return None
        return many if said.shape == (3,) and np.allclose(said, self._one_by_one(windows), atol=1e-6) else None


def _windows() -> Floats:
    """Three arbitrary windows."""
    return np.random.default_rng(0).standard_normal((3, HEAD_WINDOW, EMBEDDING)).astype(np.float32)


class KnownAnswers:
    """A detector for tests of delivery and faults: it hears the word in loud audio and not in quiet audio."""

    def __init__(self, loudness: int = 20_000) -> None:
        self._loudness = loudness

    def hear(self, pcm: Pcm) -> Heard:
        hops = -(-len(pcm) // HOP_SAMPLES)
        peaks = [np.abs(pcm[at * HOP_SAMPLES : (at + 1) * HOP_SAMPLES].astype(np.int32)).max() for at in range(hops)]
        return Heard(scores=np.array([1.0 if peak >= self._loudness else 0.0 for peak in peaks], np.float32))

    def listen(self) -> "Listening":
        return _Answering(self)


class _Answering:
    """A stream of the detector of known answers. What came before does not matter."""

    def __init__(self, detector: KnownAnswers) -> None:
        self._detector = detector

    def hear(self, pcm: Pcm) -> Scores:
        return self._detector.hear(pcm).scores


def load_detector(model: str) -> Detector:
    """The engine a contract names: openWakeWord's heads, a path to an ONNX head, or `known-answers`.

    Raises:
        BadFile: no such model.
    """
    return KnownAnswers() if model == KNOWN_ANSWERS else OpenWakeWord(model)
