"""The processes of a run: started in order, watched, stopped in reverse; none outlives the harness."""

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

_PR_SET_PDEATHSIG = 1


class ProcessDied(RuntimeError):
    """A process the run needs is gone, or never became ready. One line; its log is in the out folder.

    `exit_code` is what the harness then ends with: 2 when the process refused what it was given, else 3.
    """

    def __init__(self, said: str, exit_code: int = 3) -> None:
        super().__init__(said)
        self.exit_code = exit_code


class Processes:
    """A context manager that owns child processes; leaving it stops them all, newest first.

    Each is a group of its own, so that Ctrl-C reaches the harness alone, which then stops them in order; on Linux
    they are killed by the kernel even when the harness is. `stop_s` is how long each has to end politely.
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
        timeout_s: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Start a process, its output in logs/<name>.log; with `ready`, wait for a line that begins so, return it.

        Raises:
            ProcessDied: it could not be started, ended, or did not become ready in time.
        """
        self._started[name] = lambda: self.start(name, command, ready=ready, timeout_s=timeout_s, env=env)
        log = (self.logs / f"{name}.log").open("ab")
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if ready else log,
                stderr=log,
                env=environment,
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
        """Raises ProcessDied when a process that should be running is not."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name}: ended with code {process.returncode} during the run")

    def wait(self, name: str, *, timeout_s: float, tick: Callable[[], None] = lambda: None) -> int:
        """Wait for a process that ends by itself; its exit code. The others are watched meanwhile.

        Raises:
            ProcessDied: another process ended, or this one did not within `timeout_s`.
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
        """Stop a process, or kill it, and start it as it was started; returns when it is ready.

        Raises:
            ProcessDied: it does not come back.
        """
        process = self._running.get(name)
        if process is not None and kill:
            _signal_group(process, signal.SIGKILL)
        self.stop(name)
        self._started[name]()

    def stop(self, name: str) -> None:
        """Ask it to end, then insist; returns when it is gone."""
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


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)


def die_with_parent() -> None:
    """In a new child, before its program starts: the kernel ends it when its parent ends, even by SIGKILL (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
