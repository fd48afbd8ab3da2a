"""A private broker for one run. It is Mosquitto if its binary is found, and the embedded amqtt otherwise."""

import base64
import hashlib
import os
import re
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from gateway.files import write_private
from scenarios.run.brokers.certificates import make_certificate
from scenarios.run.brokers.rights import rights_of
from scenarios.run.processes import ProcessDied, Processes

Kind = Literal["mosquitto", "amqtt", "external"]
_LARGEST = 128 * 1024  # bytes of a message, twice a frame's: how many wait for a gateway is bounded, not their size
_WHOLE = 4 * 1024 * 1024  # where an utterance may come as one message
_START_TRIES = 3
_EVERYTHING = "topic readwrite #\ntopic readwrite $aws/#\n"
_USER = r"[^:/+#\x00-\x20\x7f-\x9f]{1,64}"  # what Mosquitto's files can hold as a user's name
_MOSQUITTO_PATHS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/opt/mosquitto/sbin")

ROLES = ("gateway", "fleet", "assistant", "operator")
# Who may do what on the private Mosquitto, below a root. `fleet` speaks for every simulated device over one
# connection; a device with a user of its own may do the same for itself alone.
_ACL: Mapping[str, str] = {
    "gateway": """\
topic read {root}hermes/#
topic read {root}earlid/#
topic write {root}earlid/+/receipt
topic write {root}earlid/gateway/watermark/reached/+
topic write {root}earlid/gateway/counts/told/+
topic write {root}earlid/gateway/status/told/+
""",
    "fleet": """\
topic write {root}hermes/#
topic write {root}earlid/+/session/start
topic write {root}earlid/+/session/end
topic write {root}earlid/+/button
topic write {root}earlid/+/mute
topic write {root}earlid/+/context
topic write {root}earlid/gateway/watermark/ask/+
topic read {root}earlid/+/receipt
topic read {root}earlid/gateway/watermark/reached/+
""",
    "assistant": """\
topic write {root}earlid/assistant/transcript
topic write {root}hermes/asr/stopListening
topic write {root}earlid/gateway/watermark/ask/+
topic read {root}earlid/gateway/watermark/reached/+
""",
    "operator": """\
topic write {root}earlid/gateway/counts/ask/+
topic read {root}earlid/gateway/counts/told/+
topic write {root}earlid/gateway/status/ask/+
topic read {root}earlid/gateway/status/told/+
""",
    "device": """\
topic write {root}hermes/audioServer/{site}/audioFrame
topic write {root}hermes/audioServer/{site}/+/audioSessionFrame
topic write {root}earlid/{site}/session/start
topic write {root}earlid/{site}/session/end
topic write {root}earlid/{site}/button
topic write {root}earlid/{site}/mute
topic write {root}earlid/{site}/context
topic read {root}earlid/{site}/receipt
""",
}


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker listens, and the password of each user. `isolates` says whether it has an access control list.

    Users are the roles (`gateway-<root>` and others below a topic root) and the named devices, by site id. `ca` is the
    certificate to trust if the broker speaks TLS.
    """

    kind: Kind
    url: str
    passwords: Mapping[str, str]
    isolates: bool
    ca: Path | None = None

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (8883 if self.url.startswith("mqtts") else 1883)


def find_mosquitto() -> str | None:
    """The path of the binary. EARLID_MOSQUITTO names another one; "none" means that there is none."""
    wanted = os.environ.get("EARLID_MOSQUITTO")
    if wanted is not None:
        return None if wanted == "none" else wanted
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(_MOSQUITTO_PATHS))


def start_broker(
    processes: Processes,
    folder: Path,
    *,
    kind: str = "auto",
    roots: Sequence[str] = ("",),
    devices: Mapping[str, str] | None = None,
    tls: bool = False,
    ca: Path | None = None,
    everything: Sequence[str] = (),
) -> Broker:
    """Start a private broker on a free loopback port; `kind` is auto, mosquitto, amqtt or a URL of one that runs.

    Each gateway has its topic root of `roots`, and `devices` (site id -> root) have users of their own; on Mosquitto
    `tls` makes the listener TLS alone, with a certificate of this run's own; `ca` is trusted for a URL's.
    With `everything` those users alone are known, and may send and hear whatever they like: somebody's own topics.

    Raises:
        ProcessDied: it did not start, or what was asked for is not to be had.
    """
    if "://" in kind:
        return Broker(kind="external", url=kind, passwords={}, isolates=False, ca=ca)
    mosquitto = find_mosquitto() if kind in ("auto", "mosquitto") else None
    if kind == "mosquitto" and mosquitto is None:
        raise ProcessDied("broker: no mosquitto binary found; install it, or take --broker amqtt")
    if tls and mosquitto is None:
        raise ProcessDied("broker: TLS needs Mosquitto, and no binary was found", exit_code=2)
    allowed = dict.fromkeys(everything, _EVERYTHING) if everything else users(roots, devices or {})
    for attempt in range(_START_TRIES):
        port = free_port()
        try:
            if mosquitto is not None:
                return _start_mosquitto(processes, folder, mosquitto, port, allowed, tls=tls)
            return _start_amqtt(processes, folder, port, allowed)
        except ProcessDied:  # another run may have taken the port in between
            processes.stop("broker")
            if attempt == _START_TRIES - 1:
                raise
    raise AssertionError


def users(roots: Sequence[str], devices: Mapping[str, str]) -> dict[str, str]:
    """Every user of the private Mosquitto and what the ACL lets them do.

    Raises:
        ValueError: a device has a role's name, or a root nobody listens below.
    """
    made = {}
    for root in roots:
        for role in ROLES:
            made[f"{role}-{root}" if root else role] = _ACL[role].format(root=f"{root}/" if root else "")
    for site, root in devices.items():
        if site in made or not re.fullmatch(_USER, site) or root not in roots:
            raise ValueError("devices: a site id that is no role's name, and one of the roots, are wanted")
        made[site] = _ACL["device"].format(root=f"{root}/" if root else "", site=site)
    return made


def _start_mosquitto(
    processes: Processes, folder: Path, binary: str, port: int, allowed: Mapping[str, str], *, tls: bool
) -> Broker:
    passwords = {user: secrets.token_urlsafe(24) for user in allowed}
    write_private(
        folder / "broker.passwords", ("".join(f"{user}:{_hashed(word)}\n" for user, word in passwords.items())).encode()
    )
    write_private(
        folder / "broker.acl", ("\n".join(f"user {user}\n{rules}" for user, rules in allowed.items())).encode()
    )
    certificate, key = make_certificate(folder) if tls else (None, None)
    lines = [
        f"listener {port} 127.0.0.1",
        *([f"certfile {certificate}", f"keyfile {key}", "tls_version tlsv1.2"] if tls else []),
        "allow_anonymous false",
        f"password_file {folder / 'broker.passwords'}",
        f"acl_file {folder / 'broker.acl'}",
        "persistence false",
        "max_queued_messages 100000",
        "queue_qos0_messages true",  # a mute switch said without acknowledgement while the gateway is away
        "max_inflight_messages 1000",
        f"message_size_limit {_WHOLE if _EVERYTHING in allowed.values() else _LARGEST}",
        "log_type error",
        "log_type warning",
        f"user {_user()}",
    ]
    write_private(folder / "broker.conf", ("\n".join(lines) + "\n").encode())
    processes.start("broker", [binary, "-c", str(folder / "broker.conf")])
    _await_port(processes, port)
    url = f"{'mqtts' if tls else 'mqtt'}://127.0.0.1:{port}"
    return Broker(kind="mosquitto", url=url, passwords=passwords, isolates=True, ca=certificate)


def _start_amqtt(processes: Processes, folder: Path, port: int, allowed: Mapping[str, str]) -> Broker:
    """Start amqtt with the same users and rights. No claim about isolation rests on them."""
    passwords = {user: secrets.token_urlsafe(24) for user in allowed}
    rights = {user: rights_of(rules, passwords[user]) for user, rules in allowed.items()}
    file = folder / "broker.rights"
    write_private(file, msgspec.json.encode(rights))
    command = [sys.executable, "-P", "-m", "scenarios.run.brokers.embedded", str(port), str(file)]
    processes.start("broker", command, ready="broker ready")
    return Broker(kind="amqtt", url=f"mqtt://127.0.0.1:{port}", passwords=passwords, isolates=False)


def _hashed(password: str) -> str:
    """A password as Mosquitto's password file holds it: PBKDF2 with SHA-512."""
    salt, rounds = secrets.token_bytes(12), 1_000
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _user() -> str:
    """The user that Mosquitto becomes when root starts it. This user must be able to read the run's private folder."""
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def await_broker(processes: Processes, broker: Broker) -> None:
    """Wait until a broker that was started again listens. Raises ProcessDied if it does not."""
    _await_port(processes, broker.port)


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
