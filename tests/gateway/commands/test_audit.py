"""`earlid audit`: a log that was touched is told from one that holds, by exit code and one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit.log import AuditFile
from gateway.commands.audit import app


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(map(str, words)))
    return done.exit_code, done.output


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    written = AuditFile(path)
    for at in range(5):
        written.record("ada", "clip_opened", "ok", f"ref{at}")
    return path


def test_an_intact_log_holds_and_the_line_says_against_what(log: Path, tmp_path: Path) -> None:
    head = run("head", log)[1].strip()
    assert run("verify", log)[0] == 0
    assert "no head kept elsewhere" in run("verify", log)[1]
    code, said = run("verify", log, "--head", head)
    assert (code, "5 lines hold, also against the head given" in said.replace("\n", " ")) == (0, True)
    (tmp_path / "kept").write_text(head)
    assert run("verify", log, "--head", tmp_path / "kept")[0] == 0
    AuditFile(log).record("ada", "logout", "ok")
    assert run("verify", log, "--head", head)[0] == 0


@pytest.mark.parametrize("kind", ["edit", "remove", "reorder", "cut", "empty", "anew"])
def test_whatever_was_done_to_it_is_exit_1(log: Path, kind: str) -> None:
    head = run("head", log)[1].strip()
    lines = log.read_bytes().splitlines(keepends=True)
    changed = {
        "edit": [lines[0].replace(b"ada", b"eve"), *lines[1:]],
        "remove": [*lines[:2], *lines[3:]],
        "reorder": [lines[1], lines[0], *lines[2:]],
        "cut": lines[:4],
        "empty": [],
        "anew": [],
    }
    log.write_bytes(b"".join(changed[kind]))
    if kind == "anew":  # by somebody who may write all of it
        log.unlink()
        log.with_name("audit.jsonl.head").unlink()
        AuditFile(log).record("ada", "clip_opened", "ok", "ref0")
    code, said = run("verify", log, "--head", head)
    assert (code, "BROKEN" in said) == (1, True)
    assert "ada" not in said


def test_a_head_of_another_log_is_no_head(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    AuditFile(other).record("ada", "logout", "ok")
    head = run("head", other)[1].strip()
    code, said = run("verify", log, "--head", head)
    assert (code, "not signed with this log's key" in said.replace("\n", " ")) == (1, True)
