"""The processes of a run. They are started in order, watched, and stopped in reverse order. None outlives the
harness."""

import contextlib
import ctypes
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

_PR_SET_PDEATHSIG = 1
READY_S = 120.0  # a busy machine needs more than half a minute; a process that has ended is noticed at once
_GROUP_ENDS_S = 2.0  # a killed process ends a little later; one that nobody reaps stays in its group for ever


class ProcessDied(RuntimeError):
    """A process that the run needs has ended, or it never became ready. The text is one line. Its log is in the out
    folder.

    `exit_code` is the harness's own exit code: 2 if the process refused its input, else 3.
    """

    def __init__(self, said: str, exit_code: int = 3) -> None:
        super().__init__(said)
        self.exit_code = exit_code


class Processes:
    """A context manager that owns child processes. Leaving it stops all of them, the newest first.

    Each process has its own group, so Ctrl-C reaches only the harness, which then stops them in order. On Linux the
    kernel ends them even if the harness is killed. `stop_s` is the time each has to end after SIGTERM.
    """

    def __init__(self, logs: Path, *, stop_s: float = 8.0) -> None:
        self.logs, self._stop_s = logs, stop_s
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, Callable[[], str]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        ready: str | None = None,
        timeout_s: float = READY_S,
        env: Mapping[str, str] | None = None,
        alone: bool = False,
        cwd: Path | None = None,
    ) -> str:
        """Start a process. Its output goes to logs/<name>.log. With `ready`, wait for a line that begins so, and return
        it.

        With `alone` the process gets `env` and nothing of the harness's own environment.

        Raises:
            ProcessDied: it could not be started, it ended, or it did not become ready in time.
        """
        self._started[name] = lambda: self.start(
            name, command, ready=ready, timeout_s=timeout_s, env=env, alone=alone, cwd=cwd
        )
        log = (self.logs / f"{name}.log").open("ab")
        environment = {**({} if alone else os.environ), "PYTHONUNBUFFERED": "1", **(env or {})}
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if ready else log,
                stderr=log,
                env=environment,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )
        except OSError as error:
            raise ProcessDied(f"{name}: cannot be started ({error.strerror})") from None
        finally:
            log.close()
        self._running[name] = process
        return self._await_line(name, process, ready, timeout_s) if ready else ""

    def _await_line(self, name: str, process: subprocess.Popen[bytes], ready: str, timeout_s: float) -> str:
        lines: queue.Queue[str] = queue.Queue()
        log = self.logs / f"{name}.log"

        stdout = process.stdout
        if stdout is None:
            raise ProcessDied(f"{name}: has no output to read")

        def copy() -> None:
            with stdout, log.open("ab", buffering=0) as sink:  # this thread alone closes it, at the process's end
                for raw in stdout:
                    sink.write(raw)
                    lines.put(raw.decode(errors="replace").strip())
            lines.put("")

        threading.Thread(target=copy, name=f"log-{name}", daemon=True).start()
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=min(left, 0.2))
                if line.startswith(ready):
                    return line
            if process.poll() is not None and lines.empty():
                code = 2 if process.returncode == 2 else 3
                raise ProcessDied(f"{name}: {self.last_words(name)} (exit code {process.returncode})", code)
        raise ProcessDied(f"{name}: not ready within {timeout_s:.0f} s")

    def last_words(self, name: str) -> str:
        """The last line of a process's log, or "no output"."""
        text = (self.logs / f"{name}.log").read_text(errors="replace").strip()
        return text.splitlines()[-1][:300] if text else "no output"

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def check(self) -> None:
        """Raise ProcessDied if a process that should be running has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name}: ended with code {process.returncode} during the run")

    def wait(self, name: str, *, timeout_s: float, tick: Callable[[], None] = lambda: None) -> int:
        """Wait for a process that ends by itself, and return its exit code. The others are watched meanwhile.

        Raises:
            ProcessDied: another process ended, or this one did not end within `timeout_s`.
        """
        process = self._running.pop(name)
        deadline = time.monotonic() + timeout_s
        try:
            while time.monotonic() < deadline:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=0.2)
                self.check()
                tick()
            raise ProcessDied(f"{name}: did not end within {timeout_s:.0f} s")
        finally:
            _end(process, self._stop_s)

    def again(self, name: str, *, kill: bool = False) -> None:
        """Stop or kill a process and start it as it was started before. Returns when it is ready.

        Raises:
            ProcessDied: it does not come back.
        """
        process = self._running.get(name)
        if process is not None and kill:
            _signal_group(process, signal.SIGKILL)
        self.stop(name)
        self._started[name]()

    def pause(self, name: str) -> None:
        """Stop the process without ending it (SIGSTOP), until `resume`."""
        _signal_group(self._running[name], signal.SIGSTOP)

    def resume(self, name: str) -> None:
        _signal_group(self._running[name], signal.SIGCONT)

    def limit_files(self, name: str, most_bytes: int | None) -> None:
        """Let no file of the process grow beyond `most_bytes`, as on a full disk. None lifts the limit (Linux).

        Raises:
            ProcessDied: this system cannot limit another process.
        """
        if not hasattr(resource, "prlimit"):
            raise ProcessDied("disk_full: only Linux can limit another process's files")
        hard = resource.prlimit(self.pid(name), resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid(name), resource.RLIMIT_FSIZE, (hard if most_bytes is None else most_bytes, hard))

    def stop(self, name: str) -> None:
        """Ask the process to end, then kill it. Returns when it and all processes of its group are gone."""
        process = self._running.pop(name, None)
        if process is not None:
            _end(process, self._stop_s)


def _end(process: subprocess.Popen[bytes], stop_s: float) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            _signal_group(process, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=stop_s)
    _signal_group(process, signal.SIGKILL)  # whatever it started itself
    deadline = time.monotonic() + _GROUP_ENDS_S
    while _group_exists(process) and time.monotonic() < deadline:
        time.sleep(0.01)


def _group_exists(process: subprocess.Popen[bytes]) -> bool:
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)


def finished(command: Sequence[object]) -> subprocess.CompletedProcess[bytes]:
    """A short command that was waited for, with what it printed. It ends with a caller that is killed (Linux)."""
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        check=False,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,
    )


def die_with_parent() -> None:
    """Runs in a new child before its program starts. The kernel then ends the child when its parent ends (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
