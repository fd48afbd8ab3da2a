"""Tells a test harness the scores behind each decision, through a named pipe.

A receipt carries the reason alone, and a dropped clip may leave no mark on a disk. So the notes go to a pipe that the
harness reads, never to a file, and never to a log. They hold no identity: the session is named by its join tag.
"""

import hashlib
import hmac
import os
import stat
from pathlib import Path

import msgspec

from gateway.clip import GateDecision
from gateway.decision import Covered, Decision
from gateway.files import BadFile
from gateway.wire import RATE_HZ

_MOST_SPANS = 32  # so that a line stays below 4,096 bytes, which a pipe takes whole


class DecisionNotes:
    """Writes a line of JSON for each decision. A note that the pipe does not take at once is let go of.

    Raises:
        BadFile: `pipe` is no named pipe, or nobody reads it.
    """

    def __init__(self, pipe: Path, join_key: bytes) -> None:
        self._key = join_key
        try:
            self._pipe = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            raise BadFile(f"--decisions {pipe}: {error.strerror}; a named pipe that somebody reads is wanted") from None
        if not stat.S_ISFIFO(os.fstat(self._pipe).st_mode):
            os.close(self._pipe)
            raise BadFile(f"--decisions {pipe}: a named pipe is wanted: a dropped clip may leave no mark on a disk")

    def note(self, session_id: str, decision: GateDecision) -> bool:
        """Write a note. Returns whether the pipe took it."""
        tag = hmac.new(self._key, session_id.encode(), hashlib.sha256).hexdigest()
        line = msgspec.json.encode(_note(tag, decision)) + b"\n"
        try:
            return os.write(self._pipe, line) == len(line)
        except OSError:  # full, or its reader is gone
            return False


def _note(tag: str, decision: GateDecision) -> Decision:
    kept, began = decision.end_sample > decision.start_sample, _ms(decision.start_sample)
    return Decision(
        tag=tag,
        reason=decision.reason,
        wake_score=decision.wake_score,
        verify_score=decision.verify_score,
        cut_score=decision.cut_score,
        woke_ms=None if decision.wake_sample is None else _ms(decision.wake_sample),
        kept_from_ms=began if kept else None,
        kept_until_ms=_ms(decision.end_sample) if kept else None,
        covered=tuple(
            Covered(label=", ".join(part.classes), from_ms=began + part.start_ms, until_ms=began + part.end_ms)
            for part in decision.covered[:_MOST_SPANS]
        ),
    )


def _ms(sample: int) -> int:
    return sample * 1000 // RATE_HZ
