import fcntl
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.entry import AuditKey
from gateway.audit.log import AuditBroken, AuditFile, AuditMemory, Head, entries_of, key_of, verify_audit
from gateway.files import BadFile


def written(path: Path, lines: int = 4) -> AuditFile:
    log = AuditFile(path, clock=lambda: datetime(2019, 4, 10, tzinfo=UTC))
    for at in range(lines):
        log.record("ada", "clip_opened", "ok", f"ref{at}")
    return log


def test_an_intact_log_verifies_and_is_ours_alone_to_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    assert verify_audit(path).entries == 4
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_log_is_continued_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    written(path)
    assert verify_audit(path).entries == 8


@pytest.mark.parametrize("line", range(4))
def test_a_changed_line_is_found(tmp_path: Path, line: int) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"ada", b"eve")
    path.write_bytes(b"".join(lines))
    with pytest.raises(AuditBroken, match=f"line {line + 1}"):
        verify_audit(path)
    with pytest.raises(BadFile, match="start another"):
        AuditFile(path)


@pytest.mark.parametrize("line", range(3))
def test_a_removed_line_is_found(tmp_path: Path, line: int) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[line]
    path.write_bytes(b"".join(lines))
    with pytest.raises(AuditBroken):
        verify_audit(path)


def test_a_cut_tail_is_found_by_a_head_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    head = verify_audit(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert verify_audit(path).entries == 3, "the chain alone cannot show it"
    with pytest.raises(AuditBroken, match="missing"):
        verify_audit(path, head)
    path.write_bytes(b"".join(lines))
    assert verify_audit(path, head) == head


def test_a_log_that_grew_still_holds_an_older_head(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    head = Head(entries=0, digest="0" * 64)
    log = written(path, 1)
    older = verify_audit(path, head)
    log.record("-", "login", "refused")
    assert verify_audit(path, older).entries == 2


def test_without_the_key_a_whole_chain_made_anew_does_not_hold(tmp_path: Path) -> None:
    path, other = tmp_path / "audit.jsonl", tmp_path / "other.jsonl"
    written(path)
    written(other)
    path.write_bytes(other.read_bytes())
    with pytest.raises(AuditBroken, match="line 1"):
        verify_audit(path)


def test_a_chain_made_anew_with_the_key_shows_against_a_head_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    kept = verify_audit(path)
    for file in (path, path.with_name("audit.jsonl.head")):
        file.unlink()
    log = AuditFile(path, clock=lambda: datetime(2019, 4, 10, tzinfo=UTC))
    for at in range(6):
        log.record("eve", "clip_opened", "ok", f"ref{at}")
    assert verify_audit(path).entries == 6
    with pytest.raises(AuditBroken, match="line 4: not the line that was here"):
        verify_audit(path, kept)


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (0, 1, 3, 2), (3, 2, 1, 0)])
def test_lines_in_another_order_are_found(tmp_path: Path, order: tuple[int, ...]) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[at] for at in order))
    with pytest.raises(AuditBroken):
        verify_audit(path)


@pytest.mark.parametrize("left", [0, 1, 3])
def test_a_cut_or_emptied_file_stops_the_next_line_and_the_next_start(tmp_path: Path, left: int) -> None:
    path = tmp_path / "audit.jsonl"
    log = written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    with path.open("r+b") as file:
        file.truncate(sum(map(len, lines[:left])))
    with pytest.raises(AuditBroken, match="missing"):
        log.record("ada", "logout", "ok")
    with pytest.raises(BadFile, match="missing"):
        AuditFile(path)
    path.unlink()
    with pytest.raises(BadFile, match="missing"):
        AuditFile(path)


def test_a_line_is_never_dated_before_the_one_above_it(tmp_path: Path) -> None:
    path, times = tmp_path / "audit.jsonl", [datetime(2019, 4, 10, hour, tzinfo=UTC) for hour in (9, 12, 8)]
    log = AuditFile(path, clock=lambda: times.pop(0))
    for _ in range(3):
        log.record("ada", "clip_opened", "ok", "ref")
    assert [entry.at[11:13] for entry in entries_of(path)] == ["09", "12", "12"]
    key = AuditKey(key_of(path).read_bytes())
    head, forged = verify_audit(path), b""
    for entry in entries_of(path):  # by somebody who has the key
        back = msgspec.structs.replace(entry, at="2019-01-01T00:00:00+00:00" if entry.number == 3 else entry.at)
        back = msgspec.structs.replace(back, digest=key.digest(msgspec.structs.replace(back, digest="")))
        forged += msgspec.json.encode(back) + b"\n"
    path.write_bytes(forged)
    with pytest.raises(AuditBroken, match="line 3: dated before"):
        verify_audit(path)
    assert head.at == "2019-04-10T12:00:00+00:00"


def test_a_full_disk_leaves_no_torn_line_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "audit.jsonl"
    log, write = written(path, 2), os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:40]))
    with pytest.raises(OSError, match="No space left"):
        log.record("ada", "clip_opened", "ok", "ref")
    monkeypatch.undo()
    assert verify_audit(path).entries == 2
    log.record("ada", "clip_opened", "ok", "ref")
    assert verify_audit(path).entries == 3


def test_a_signed_head_is_one_word_and_takes_no_change(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    key = AuditKey(key_of(path).read_bytes())
    head = verify_audit(path)
    others = AuditKey(b"o" * 32).signed(head)
    text = key.signed(head)
    assert key.head(text) == head
    for wrong in (
        text.replace(",4,", ",3,"),
        text[:-4] + "_w==",  # byte 255, which no signature of Ed25519 ends with; 0 is what one in sixteen does
        "",
        "earlid-head-1,4",
        others,
    ):
        with pytest.raises(AuditBroken):
            key.head(wrong)


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    key_of(path).chmod(0o644)
    with pytest.raises(BadFile, match="chmod 600"):
        AuditFile(path)


@given(junk=st.binary(min_size=1, max_size=40))
def test_nothing_can_be_appended_by_hand(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    written(path, 2)
    with path.open("ab") as file:
        file.write(junk)
    with pytest.raises(AuditBroken):
        verify_audit(path)


def test_a_log_may_be_opened_first_by_several_at_once(tmp_path: Path) -> None:
    def open_and_write(path: Path, together: threading.Barrier) -> None:
        together.wait()
        AuditFile(path).record("ada", "queue_seen", "ok")

    for number in range(20):
        path, together = tmp_path / f"{number}.jsonl", threading.Barrier(6)
        with ThreadPoolExecutor(6) as pool:
            for opened in [pool.submit(open_and_write, path, together) for _ in range(6)]:
                opened.result()
        assert verify_audit(path).entries == 6


def test_threads_do_not_break_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    logs = [AuditFile(path), AuditFile(path)]
    threads = [
        threading.Thread(target=lambda log=log: [log.record("ada", "queue_seen", "ok") for _ in range(25)])
        for log in logs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify_audit(path).entries == 50


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = written(path, 1)
    thread = threading.Thread(target=lambda: log.record("ada", "queue_seen", "ok"))
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        thread.start()
        thread.join(timeout=0.2)
        assert thread.is_alive()
        assert verify_audit(path).entries == 1
    thread.join(timeout=5)
    assert verify_audit(path).entries == 2


@pytest.mark.parametrize(("old", "new"), [(b'"clip":', b'"extra":1,"clip":'), (b'{"number"', b'{ "number"')])
def test_a_line_written_otherwise_is_found(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "audit.jsonl"
    written(path, 1)
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(AuditBroken, match="not as it was written"):
        verify_audit(path)


@pytest.mark.parametrize("actor", ["Ada Lovelace", "+15415550142", "a@b.example", ""])
def test_an_identity_cannot_be_written_down(actor: str) -> None:
    log = AuditMemory()
    with pytest.raises(ValueError, match="audit:") as refused:
        log.record(actor, "login", "ok")
    assert not actor or actor not in str(refused.value)
    with pytest.raises(ValueError, match="audit:"):
        log.record("ada", "clip_opened", "ok", "12 Elm Street")
    assert log.entries == []


def test_an_unwritable_log_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        AuditFile(tmp_path / "nowhere" / "audit.jsonl")
