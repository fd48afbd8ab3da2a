"""What a harness is told about decisions: through a pipe only, and without holding the gateway up."""

import hashlib
import hmac
import json
import os
from pathlib import Path

import pytest

from gateway.clip import GateDecision
from gateway.files import BadFile
from gateway.flow.decision_notes import DecisionNotes
from gateway.word_times import CoveredPart

KEPT = GateDecision(
    keep=True,
    reason="wake_word",
    wake_score=0.4,
    verify_score=0.97,
    cut_score=0.9,
    start_sample=1_600,
    end_sample=32_000,
    wake_sample=16_000,
    covered=(CoveredPart(start_ms=400, end_ms=900, classes=("contact",)),),
)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "decisions", 0o600)
    return tmp_path / "decisions"


def test_a_decision_is_told_with_its_scores_and_under_its_join_tag(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    assert DecisionNotes(pipe, b"j" * 32).note("session-1", KEPT)
    told = json.loads(os.read(reader, 65_536))
    os.close(reader)
    assert told["tag"] == hmac.new(b"j" * 32, b"session-1", hashlib.sha256).hexdigest()
    assert told["reason"] == "wake_word"
    assert [told[f"{score}_score"] for score in ("wake", "verify", "cut")] == [0.4, 0.97, 0.9]
    assert (told["woke_ms"], told["kept_from_ms"], told["kept_until_ms"]) == (1_000, 100, 2_000)
    assert told["covered"] == [{"label": "contact", "from_ms": 500, "until_ms": 1_000}]


def test_a_file_is_refused_because_a_dropped_clip_may_leave_no_mark_on_a_disk(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    with pytest.raises(BadFile, match="a named pipe is wanted"):
        DecisionNotes(tmp_path / "log", b"j" * 32)
    assert (tmp_path / "log").read_bytes() == b""


def test_a_pipe_that_nobody_reads_is_refused(pipe: Path) -> None:
    with pytest.raises(BadFile, match="a named pipe that somebody reads is wanted"):
        DecisionNotes(pipe, b"j" * 32)


def test_a_full_pipe_and_a_reader_that_is_gone_stop_nobody(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    notes = DecisionNotes(pipe, b"j" * 32)
    taken = [notes.note("s", KEPT) for _ in range(2_000)]
    assert taken[0]
    assert not taken[-1]
    os.close(reader)
    assert not notes.note("s", KEPT)


def test_a_line_with_very_many_spans_is_still_taken_whole(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    many = tuple(CoveredPart(start_ms=10_000 + at, end_ms=10_001 + at, classes=("number",)) for at in range(900))
    covered = GateDecision(keep=True, reason="wake_word", covered=many, end_sample=9)
    assert DecisionNotes(pipe, b"j" * 32).note("s", covered)
    line = os.read(reader, 65_536)
    os.close(reader)
    assert len(line) <= 4_096
    assert len(json.loads(line)["covered"]) == 32
