"""Child processes: awaited, watched, stopped with all they started; their last words are told."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from scenarios.run.processes import ProcessDied, Processes


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_process_is_ready_when_it_says_so_and_gone_afterwards(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        line = processes.start(
            "a", python("import time; print('ready on 7', flush=True); time.sleep(60)"), ready="ready on"
        )
        assert line == "ready on 7"
        pid = processes.pid("a")
        processes.check()
    assert not psutil.pid_exists(pid)
    assert (tmp_path / "a.log").read_text() == "ready on 7\n"


@pytest.mark.parametrize(
    ("code", "why", "exit_code"),
    [
        ("import sys; print('port 80: taken', file=sys.stderr); sys.exit(2)", "port 80: taken", 2),
        ("import sys; sys.exit(9)", "no output", 3),
    ],
)
def test_one_that_ends_before_it_is_ready_gives_its_last_words(
    code: str, why: str, exit_code: int, tmp_path: Path
) -> None:
    with Processes(tmp_path) as processes, pytest.raises(ProcessDied, match=why) as raised:
        processes.start("a", python(code), ready="ready")
    assert raised.value.exit_code == exit_code


def test_one_that_never_is_ready_is_given_up(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        with pytest.raises(ProcessDied, match="not ready within"):
            processes.start("a", python("import time; time.sleep(60)"), ready="ready", timeout_s=0.5)
        pid = processes.pid("a")
    assert not psutil.pid_exists(pid)


def test_a_missing_program_is_one_line(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes, pytest.raises(ProcessDied, match="a: cannot be started"):
        processes.start("a", ["/no/such/program"])


def test_a_death_is_noticed_by_check_and_while_waiting_for_another(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("short", python("pass"))
        processes.start("long", python("import time; time.sleep(60)"))
        with pytest.raises(ProcessDied, match="short: ended with code 0 during the run"):
            processes.wait("long", timeout_s=30)
        with pytest.raises(ProcessDied, match="short"):
            processes.check()


def test_waiting_gives_the_exit_code_and_ticks(tmp_path: Path) -> None:
    ticks: list[int] = []
    with Processes(tmp_path) as processes:
        processes.start("a", python("import time, sys; time.sleep(0.6); sys.exit(5)"))
        assert processes.wait("a", timeout_s=30, tick=lambda: ticks.append(1)) == 5
    assert ticks


def test_grandchildren_go_too_even_of_one_that_ignores_the_polite_signal(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('ready', child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with Processes(tmp_path, stop_s=0.5) as processes:
        grandchild = int(processes.start("a", python(code), ready="ready").split()[1])
    deadline = time.monotonic() + 5
    while psutil.pid_exists(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(grandchild)


def test_a_process_that_is_killed_comes_back_as_it_was(tmp_path: Path) -> None:
    script = "import os, time; print('up', os.getpid(), flush=True); time.sleep(60)"
    with Processes(tmp_path) as processes:
        processes.start("part", [sys.executable, "-c", script], ready="up ")
        before = processes.pid("part")
        processes.again("part", kill=True)
        assert processes.pid("part") != before
        processes.check()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")
def test_a_full_disk_takes_nothing_until_there_is_room_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    code = (
        "import sys, os\n"
        f"handle = os.open({str(file)!r}, os.O_WRONLY | os.O_CREAT)\n"
        "print('ready', flush=True)\n"
        "tries = 0\n"
        "while True:\n"
        "    try:\n"
        "        os.write(handle, b'x')\n"
        f"        open({str(tmp_path / 'wrote')!r}, 'w').close() if tries else None\n"
        "    except OSError:\n"
        "        tries += 1\n"
        f"        os.mkdir({str(tmp_path / 'refused')!r}) if tries == 1 else None\n"
    )
    with Processes(tmp_path / "logs") as processes:
        processes.start("writer", [sys.executable, "-c", code], ready="ready")
        processes.limit_files("writer", 0)
        _until(lambda: (tmp_path / "refused").exists())
        processes.limit_files("writer", None)
        _until(lambda: (tmp_path / "wrote").exists())


def test_a_paused_process_does_nothing_until_it_goes_on(tmp_path: Path) -> None:
    code = "import sys, time\nprint('ready', flush=True)\nwhile True: open(sys.argv[1], 'ab', 0).write(b'x')"
    file = tmp_path / "file"
    with Processes(tmp_path / "logs") as processes:
        processes.start("writer", [sys.executable, "-c", code, str(file)], ready="ready")
        _until(file.exists)
        processes.pause("writer")
        status = Path(f"/proc/{processes.pid('writer')}/stat")
        if status.exists():
            _until(lambda: status.read_text().rsplit(")", 1)[1].split()[0] == "T")
        size = file.stat().st_size
        assert file.stat().st_size == size
        processes.resume("writer")
        _until(lambda: file.stat().st_size > size)


def _until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_short_command_is_gone_when_its_caller_is_killed(tmp_path: Path) -> None:
    """Before, a killed shrink left `gateway accounts` behind."""
    note = tmp_path / "pid"
    child = f"import os,pathlib,time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    caller = f"import sys; from scenarios.run.processes import finished; finished([sys.executable, '-c', {child!r}])"
    parent = subprocess.Popen([sys.executable, "-c", caller])
    end = time.monotonic() + 60
    while not (note.exists() and note.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    pid = int(note.read_text())
    parent.kill()
    parent.wait()

    def runs() -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    while runs() and time.monotonic() < end:
        time.sleep(0.05)
    assert not runs()
