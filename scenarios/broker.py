"""A private broker for one run: Mosquitto where its binary is found, the embedded amqtt otherwise."""

import base64
import hashlib
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from scenarios.processes import ProcessDied, Processes

Kind = Literal["mosquitto", "amqtt", "external"]
_START_TRIES = 3
_MOSQUITTO_PATHS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/opt/mosquitto/sbin")

# Who may do what on the private Mosquitto. Issue of a role: the process that gets its password.
_ACL = """\
user gateway
topic read hermes/#
topic read earlid/#
topic write earlid/+/receipt
topic write earlid/gateway/watermark/reached/+

user fleet
topic write hermes/#
topic write earlid/+/session/start
topic write earlid/+/session/end
topic write earlid/+/button
topic write earlid/+/mute
topic write earlid/+/context
topic write earlid/gateway/watermark/ask/+
topic read earlid/+/receipt
topic read earlid/gateway/watermark/reached/+

user assistant
topic write earlid/assistant/transcript
topic write earlid/gateway/watermark/ask/+
topic read earlid/gateway/watermark/reached/+
"""
ROLES = ("gateway", "fleet", "assistant")


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker listens and each role's password; `isolates` says whether it has an ACL."""

    kind: Kind
    url: str
    passwords: Mapping[str, str]
    isolates: bool


def find_mosquitto() -> str | None:
    """The binary's path; EARLID_MOSQUITTO names one, or "none" for as if there were none."""
    wanted = os.environ.get("EARLID_MOSQUITTO")
    if wanted is not None:
        return None if wanted == "none" else wanted
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(_MOSQUITTO_PATHS))


def start_broker(processes: Processes, folder: Path, *, kind: str = "auto") -> Broker:
    """Start a private broker on a free loopback port; `kind` is auto, mosquitto, amqtt or a URL of one that runs.

    Raises:
        ProcessDied: it did not start, or Mosquitto was asked for and there is none.
    """
    if "://" in kind:
        return Broker(kind="external", url=kind, passwords={}, isolates=False)
    mosquitto = find_mosquitto() if kind in ("auto", "mosquitto") else None
    if kind == "mosquitto" and mosquitto is None:
        raise ProcessDied("broker: no mosquitto binary found; install it, or take --broker amqtt")
    for attempt in range(_START_TRIES):
        port = free_port()
        try:
            if mosquitto is not None:
                return _start_mosquitto(processes, folder, mosquitto, port)
            return _start_amqtt(processes, port)
        except ProcessDied:  # another run may have taken the port in between
            processes.stop("broker")
            if attempt == _START_TRIES - 1:
                raise
    raise AssertionError


def _start_mosquitto(processes: Processes, folder: Path, binary: str, port: int) -> Broker:
    passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
    _write(folder / "broker.passwords", "".join(f"{role}:{_hashed(word)}\n" for role, word in passwords.items()))
    _write(folder / "broker.acl", _ACL)
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {folder / 'broker.passwords'}",
        f"acl_file {folder / 'broker.acl'}",
        "persistence false",
        "max_queued_messages 100000",
        "max_inflight_messages 1000",
        "log_type error",
        "log_type warning",
        f"user {_user()}",
    ]
    _write(folder / "broker.conf", "\n".join(lines) + "\n")
    processes.start("broker", [binary, "-c", str(folder / "broker.conf")])
    _await_port(processes, port)
    return Broker(kind="mosquitto", url=f"mqtt://127.0.0.1:{port}", passwords=passwords, isolates=True)


def _start_amqtt(processes: Processes, port: int) -> Broker:
    command = [sys.executable, "-m", "scenarios.embedded_broker", str(port)]
    processes.start("broker", command, ready="broker ready")
    return Broker(kind="amqtt", url=f"mqtt://127.0.0.1:{port}", passwords={}, isolates=False)


def _hashed(password: str) -> str:
    """Mosquitto's password file format: PBKDF2 with SHA-512."""
    salt, rounds = secrets.token_bytes(12), 1_000
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _user() -> str:
    """Mosquitto started by root becomes the user named here, who must be able to read the run's private folder."""
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await_port(processes: Processes, port: int, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        processes.check()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5):
                return
        except OSError:
            time.sleep(0.05)
    raise ProcessDied(f"broker: not listening within {timeout_s:.0f} s")
