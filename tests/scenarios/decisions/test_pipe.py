"""The harness reads what the gateway tells of its decisions, into memory, also over a kill."""

import os
import stat
from pathlib import Path

import msgspec

from gateway.decision import Decision
from scenarios.decisions.by_utterance import by_utterance
from scenarios.decisions.pipe import DecisionPipe
from scenarios.model.ledger import join_tag
from tests.scenarios.world import KEY, said


def written(pipe: Path, *lines: bytes) -> None:
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    for line in lines:
        os.write(writer, line)
    os.close(writer)


def test_what_is_told_before_and_after_a_kill_is_read(tmp_path: Path) -> None:
    tag = join_tag(KEY, said().session_id)
    first, second = (msgspec.json.encode(Decision(tag=tag, reason=why)) + b"\n" for why in ("gap", "wake_word"))
    with DecisionPipe(tmp_path) as pipe:
        assert stat.S_IMODE(pipe.path.stat().st_mode) == 0o600
        written(pipe.path, first, b"{no line of ours\n")
        written(pipe.path, second)
    assert [each.reason for each in pipe.read()] == ["gap", "wake_word"]
    assert not pipe.path.exists()
    found = by_utterance(pipe.read(), [said()], KEY)
    assert [each.reason for each in found["H01-D1-001"]] == ["gap", "wake_word"]


def test_what_nobody_said_is_left_out(tmp_path: Path) -> None:
    assert by_utterance([Decision(tag="0" * 64, reason="muted")], [said()], KEY) == {}
