"""`earlid proxy --mode forward`: the proxy a client is told to use for every site. mitmdump carries it.

mitmproxy pins older versions of our libraries, so that both do not fit into one environment. It is a program beside
ours, as Mosquitto is.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from earlid import SearchClient
from earlid.copies import mitmproxy_addon
from earlid.load.recorder import Recorder

from gateway.files import BadFile
from scenarios.run.processes import die_with_parent

_START_S = 60.0


class Forward:
    """A running mitmdump. `door` is its address, `certificate` what clients must trust for HTTPS."""

    def __init__(self, process: "subprocess.Popen[bytes]", door: str, authority: Path, record: Path) -> None:
        self._process, self.door, self._record = process, door, record
        self.certificate = authority / "mitmproxy-ca-cert.pem"

    def __enter__(self) -> "Forward":
        return self

    def __exit__(self, *_error: object) -> None:
        """End it; it hands over what waits, and says what passed."""
        self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(120)
        self._process.kill()
        self._process.wait()

    def wait(self) -> None:
        """Until SIGINT or SIGTERM comes, or mitmdump has ended."""
        with suppress(KeyboardInterrupt, SystemExit):
            self._process.wait()

    def told(self) -> tuple[Recorder, list[str]]:
        """The load that passed, and what is doubtful about it."""
        recorder = Recorder()
        try:
            told = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return recorder, ["mitmdump ended without saying what passed"]
        recorder.add(told["recorder"])
        return recorder, [f"{told['lost']} answers could not be handed over"] if told["lost"] else []


def mitmdump() -> str:
    """Its path. Raises BadFile: it is not installed."""
    found = shutil.which("mitmdump")
    if found is None:
        raise BadFile(
            "--mode forward: mitmdump is wanted, a program of its own; try: pipx install mitmproxy, or the package "
            "mitmproxy of Debian"
        )
    return found


def begin(
    client: SearchClient,
    planted: dict[str, dict[str, str]],
    *,
    listen: tuple[str, int],
    authority: Path,
    role: str,
    insecure: bool,
    private: Path,
) -> Forward:
    """Start mitmdump and wait until it takes connections.

    Raises:
        BadFile: it is not installed or does not start, or the port is in use.
    """
    authority = authority.absolute()
    try:
        authority.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority.chmod(0o700)  # the key of the certificates lies in it
    except OSError as error:
        raise BadFile(f"--ca {authority}: {error.strerror or 'cannot be written'}") from None
    port, record = _free(*listen), private / "passed.json"
    settings = private / "forward.json"
    controls = {"url": client.controls_url, "planted": planted}
    told = {"search": client.address, "role": role, "controls": controls, "record": str(record)}
    settings.write_text(json.dumps(told))
    command = [mitmdump(), "-q", "-s", mitmproxy_addon.__file__, "--set", f"confdir={authority}"]
    command += ["--set", "connection_strategy=lazy", "--set", f"ssl_insecure={str(insecure).lower()}"]
    command += ["--listen-host", listen[0], "--listen-port", str(port)]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 (the process writes into it as long as it lives)
    process = subprocess.Popen(
        command,
        env={**_environment(), mitmproxy_addon.SETTINGS: str(settings)},
        stdin=subprocess.DEVNULL,
        stdout=errors,
        stderr=errors,
        start_new_session=True,  # Ctrl-C comes to us; we end it
        preexec_fn=die_with_parent if sys.platform == "linux" else None,
    )
    forward = Forward(process, f"http://{listen[0]}:{port}", authority, record)
    _wait_until_it_listens(process, errors, listen[0], port)
    for key in authority.glob("*.p*"):
        key.chmod(0o600)
    return forward


def fetch_controls(forward: Forward, client: SearchClient, planted: dict[str, Any]) -> None:
    """Ask for every planted leak through the proxy itself, as any client does."""
    opener = build_opener(ProxyHandler({"http": forward.door}))
    for path in planted:
        with suppress(OSError), opener.open(f"{client.controls_url}{path}", timeout=30) as answer:
            answer.read()


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", errors: Any, host: str, port: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection((host, port), 1):
            return
        time.sleep(0.1)
    process.kill()
    process.wait()
    errors.seek(0)
    said = errors.read().decode("utf-8", "replace").strip().splitlines()
    raise BadFile(f"--listen {host}:{port}: mitmdump does not start ({said[-1][:160] if said else 'it says nothing'})")


def _free(host: str, port: int) -> int:
    """The port, or any that is free for 0. Raises BadFile: it is in use."""
    try:
        with socket.create_server((host, port)) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        raise BadFile(f"--listen {host}:{port}: {error.strerror or error}") from None


def _environment() -> dict[str, str]:
    """Without what is set for our own Python."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
