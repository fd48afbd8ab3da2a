"""Audio in, what the wake engine makes of it out (`python -m gateway embeddings`): to fit and judge a second stage.

A door of its own beside the flow: it stores nothing and knows no contract.
"""

import zipfile
import zlib
from typing import BinaryIO

import numpy as np

from gateway.files import BadFile
from gateway.gate.verify import VERIFIED_ROWS, verified_window
from gateway.gate.wake import EMBEDDING, OpenWakeWord


def answer(engine: OpenWakeWord, asked: BinaryIO, answered: BinaryIO) -> int:
    """Read .npz `pcm` (int16, all clips end to end) and `lengths` (samples each); write .npz of one row a clip:
    `peaks` (highest score), `at` (its hop) and `windows` (count, 20, 96), the embeddings a verifier sees.

    Returns the number of clips. Raises BadFile: not such a file.
    """
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
    peaks = np.zeros(len(lengths), np.float32)
    at = np.zeros(len(lengths), np.int32)
    windows = np.zeros((len(lengths), VERIFIED_ROWS, EMBEDDING), np.float32)
    begin = 0
    for row, length in enumerate(lengths.tolist()):
        heard = engine.hear(pcm[begin : begin + length])
        begin += length
        if len(heard.scores):
            at[row] = heard.scores.argmax()
            peaks[row] = heard.scores[at[row]]
            window = verified_window(heard, int(at[row]))
            if window is not None:
                windows[row] = window
    np.savez(answered, peaks=peaks, at=at, windows=windows)
    return len(lengths)
