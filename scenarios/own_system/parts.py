"""The processes of a command target: started in order, watched until ready, killed and restarted by events."""

import os
import re
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from scenarios.kept.read.credentials import value_of
from scenarios.model.targets.parts import Part, Ready
from scenarios.model.targets.target_file import Command
from scenarios.run.broker import Broker
from scenarios.run.processes import ProcessDied, Processes

_LOOK_S = 0.1
_KEPT = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT")


class Parts:
    """The system under test, as processes in groups of their own. They see nothing of the harness's environment.

    `places` fills {host}, {port}, {identities}, {contract} and {python} in the commands. `gate` is the part that
    events of the gateway act on: the one called gateway, otherwise the first.
    """

    def __init__(self, target: Command, processes: Processes, beside: Path, places: Mapping[str, str]) -> None:
        self._parts = {part.name: part for part in target.parts}
        self._processes, self._beside, self._places = processes, beside, places
        self.gate = "gateway" if "gateway" in self._parts else target.parts[0].name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def start(self, broker: Broker | None) -> None:
        """Start all parts, in order.

        Raises:
            ProcessDied: one did not start, ended, or was not ready in time. BadFile: a credential is missing.
        """
        for part in self._parts.values():
            if taken(part.ready):
                raise ProcessDied(f"{part.name}: its port is taken already, by something else", exit_code=2)
            words = [self._filled(word) for word in part.run]
            env = {**_plain_environment(), **_account(broker), **self._own(part)}
            self._processes.start(_log_name(part.name), words, env=env, alone=True, cwd=self._beside)
            self._await(part, since=0)

    def again(self, name: str, *, kill: bool) -> None:
        """Stop or kill a part, start it as it was started before, and wait until it is ready."""
        log = self._processes.logs / f"{_log_name(name)}.log"
        since = log.stat().st_size
        self._processes.again(_log_name(name), kill=kill)
        self._await(self._parts[name], since=since)

    def stop(self) -> None:
        """Stop all parts, the newest first."""
        for name in reversed(self._parts):
            self._processes.stop(_log_name(name))

    def resume(self) -> None:
        """Start all parts again after `stop`, in order. Raises ProcessDied as `start` does."""
        for name in self._parts:
            self.again(name, kill=False)

    def logs(self) -> list[Path]:
        return [self._processes.logs / f"{_log_name(name)}.log" for name in self._parts]

    def _filled(self, word: str) -> str:
        return re.sub(r"\{([a-z_]+)\}", lambda found: self._places.get(found[1], found[0]), word)

    def _own(self, part: Part) -> dict[str, str]:
        return {
            name: self._filled(said) if isinstance(said, str) else value_of(said, self._beside)
            for name, said in part.env.items()
        }

    def _await(self, part: Part, *, since: int) -> None:
        log = self._processes.logs / f"{_log_name(part.name)}.log"
        until = time.monotonic() + part.ready.within_s
        while time.monotonic() < until:
            if _is_ready(part.ready, log, since):
                return
            self._processes.check()
            time.sleep(_LOOK_S)
        raise ProcessDied(f"{part.name}: not ready within {part.ready.within_s:g} s")


def taken(ready: Ready) -> bool:
    """Whether a server answers there before the part is started. It would be mistaken for the part."""
    if ready.port is not None:
        return _open("127.0.0.1", ready.port)
    if ready.url is not None:
        url = httpx.URL(ready.url)
        return _open(url.host, url.port or (443 if url.scheme == "https" else 80))
    return False


def _is_ready(ready: Ready, log: Path, since: int) -> bool:
    if ready.line is not None:
        with log.open("rb") as written:
            written.seek(since)
            return ready.line.encode() in written.read()
    if ready.port is not None:
        return _open("127.0.0.1", ready.port)
    try:
        with httpx.Client(timeout=2.0, trust_env=False) as client, client.stream("GET", ready.url or "") as answer:
            return answer.status_code < 500
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _open(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def _log_name(part: str) -> str:
    return f"target-{part}"


def _plain_environment() -> dict[str, str]:
    """A search path of absolute folders, this Python's first. It holds nothing that could contain a credential."""
    folders = [str(Path(sys.executable).parent), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
    path = os.pathsep.join(dict.fromkeys(each for each in folders if Path(each).is_absolute()))
    return {"PATH": path, **{name: os.environ[name] for name in _KEPT if name in os.environ}}


def _account(broker: Broker | None) -> dict[str, str]:
    """The private broker's account for the system, in the environment, where `ps` does not show it."""
    if broker is None or "gateway" not in broker.passwords:
        return {}
    return {"MQTT_USERNAME": "gateway", "MQTT_PASSWORD": broker.passwords["gateway"]}
