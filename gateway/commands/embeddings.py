"""Audio in, what the wake engine makes of it out (`python -m gateway embeddings`): to fit and judge a second stage.

A door of its own beside the flow: it stores nothing and knows no contract.
"""

import zipfile
import zlib
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from gateway.files import BadFile
from gateway.gate.decide import words_heard
from gateway.gate.verify import VERIFIED_ROWS, verified_window
from gateway.gate.wake import EMBEDDING, Floats, OpenWakeWord, Pcm


def answer(engine: OpenWakeWord, asked: BinaryIO, answered: BinaryIO, *, every: float | None = None) -> int:
    """Read .npz `pcm` (int16, all clips end to end) and `lengths` (samples each); write .npz of one row a clip:
    `peaks` (highest score), `at` (its hop) and `windows` (count, 20, 96), the embeddings a verifier sees.

    With `every` the rows are instead all that a gate of that wake threshold would ask a verifier about, in the clips'
    order, any number a clip, and `of` says which clip each is in.

    Returns the number of clips. Raises BadFile: not such a file.
    """
    pcm, lengths = _clips(asked)
    rows: list[tuple[int, float, int, Floats]] = []
    begin = 0
    for number, length in enumerate(lengths.tolist()):
        heard = engine.hear(pcm[begin : begin + length])
        begin += length
        if every is not None:
            tops = [top for _, top in words_heard(heard.scores, every)]
        else:
            tops = [int(heard.scores.argmax()) if len(heard.scores) else 0]
        for top in tops:
            window = verified_window(heard, top)
            if window is None:
                rows.append((number, 0.0, 0, np.zeros((VERIFIED_ROWS, EMBEDDING), np.float32)))
            else:
                rows.append((number, float(heard.scores[top]), top, window))
    windows = np.array([row[3] for row in rows], np.float32).reshape(-1, VERIFIED_ROWS, EMBEDDING)
    said = {"peaks": np.array([row[1] for row in rows], np.float32), "at": np.array([row[2] for row in rows], np.int32)}
    if every is not None:
        said["of"] = np.array([row[0] for row in rows], np.int32)
    np.savez(answered, allow_pickle=False, windows=windows, **said)
    return len(lengths)


def _clips(asked: BinaryIO) -> tuple[Pcm, npt.NDArray[np.integer]]:
    try:
        with np.load(asked, allow_pickle=False) as said:
            pcm, lengths = said["pcm"], said["lengths"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        raise BadFile("stdin: an .npz with pcm and lengths is wanted") from None
    if pcm.ndim != 1 or pcm.dtype != np.int16:
        raise BadFile("stdin: pcm: one row of int16 is wanted")
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise BadFile("stdin: lengths: one row of whole numbers is wanted")
    if (lengths < 0).any() or sum(lengths.tolist()) != len(pcm):
        raise BadFile("stdin: lengths do not add up to pcm")
    return pcm, lengths
