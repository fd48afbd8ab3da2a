"""The built-in system under test: gateway and review tool, each started as its own process.

A target gives the harness four things: a broker for the fleet, a review tool for the reviewers, the join tags of
stored clips, and the files it wrote.
"""

import json
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pydantic
import sqlalchemy as sa

from gateway.files import BadFile, describe, write_private
from gateway.identities import Identities
from scenarios.model.ledger import Stored
from scenarios.model.targets.target_file import BROKERS, Builtin, load_target_file
from scenarios.run.broker import Broker, start_broker
from scenarios.run.processes import ProcessDied, Processes, finished
from simulator.links.tcp_proxy import READY

_SOCKET = "vault.sock"
_AT_REST = (
    "clips.db",
    "clips.db-wal",
    "vault.sealed",
    "vault-memory.sealed",
    "vault-audit.jsonl",
    "review-audit.jsonl",
)
_ENCRYPTED = frozenset({"clips.db", "clips.db-wal", "vault.sealed", "vault-memory.sealed"})  # with the vault's keys


Target = Builtin


def load_target(path: Path | None, *, broker: str | None = None, tls: bool = False, ca: Path | None = None) -> Target:
    """Read the target of a file, or take the built-in one. Command line options override the file.

    Raises:
        BadFile: the file is missing, or has an unknown key or a wrong value.
    """
    found = Target() if path is None else load_target_file(path)
    if not isinstance(found, Builtin):
        raise BadFile(f"{path}: kind: {found.kind}: is not driven by this command; `earlid judge` reads what it kept")
    if broker is not None and not re.fullmatch(BROKERS, broker):
        raise BadFile(f"--broker {broker}: auto, mosquitto, amqtt or mqtt://host:port (mqtts://) is wanted")
    said = {key: value for key, value in {"broker": broker, "tls": tls or None, "ca": ca}.items() if value is not None}
    try:
        return Target.model_validate({**found.model_dump(by_alias=True), **said})
    except pydantic.ValidationError as error:
        raise BadFile(describe("command line", error, Target)) from None


class Reviewer(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the review tool and what it signs in with. Safety people have a key to the vault, too."""

    username: str
    password: str
    totp_secret: str
    vault_key: str = ""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The built-in target, up. `auditor` is the harness's own reviewer; `at_rest` is what it writes to disk, and
    `encrypted` names those of these files that hold ciphertext.

    `devices_broker` is the broker as devices reach it. Where lines are to be bad, both sides reach it through a proxy;
    `lines` are the proxies' control ports by side."""

    broker: Broker
    review_url: str
    reviewers: tuple[Reviewer, ...]
    auditor: Reviewer
    store_url: str
    join_key: bytes
    at_rest: tuple[Path, ...]
    encrypted: frozenset[str]
    devices_broker: Broker
    lines: Mapping[str, int] = {}
    probes: tuple[Reviewer, ...] = ()


def start_builtin(
    processes: Processes,
    folder: Path,
    *,
    identities: Identities,
    contract: str,
    reviewers: int,
    asked: Target,
    port: int = 0,
    own_connections: bool = False,
    bad_lines: bool = False,
    probes: Sequence[tuple[str, Sequence[str]]] = (),
    officers: Sequence[str] = (),
    decisions: Path | None = None,
) -> Running:
    """Start broker, vault, gateway and review tool; everything they write lies in `folder` (private, mode 0700).

    With `own_connections` the private broker has a user for every device; `bad_lines` puts proxies before it.
    `probes` are names of further accounts by role, for the harness's own questions. `officers` are those of them who
    get a key to the vault, for break-glass cases. The gateway tells the scores behind its decisions to `decisions`, a
    named pipe.

    Raises:
        ProcessDied: one of them did not start.
    """
    keys = folder / "keys"  # apart from what they open
    keys.mkdir(mode=0o700)
    sealed = _sealed(folder, keys / "vault.key", identities)
    tokens = {role: secrets.token_urlsafe(32) for role in ("gateway", "review")}
    officers_keys = {name: secrets.token_urlsafe(32) for name in officers}
    write_private(folder / "credentials.json", json.dumps({**tokens, "officers": officers_keys}).encode())
    for role, token in tokens.items():
        write_private(folder / f"{role}.token", token.encode())
    join_key = secrets.token_bytes(32)
    write_private(folder / "join.key", join_key)
    store_url = f"sqlite:///{folder / 'clips.db'}"
    names = [f"reviewer{number}" for number in range(1, reviewers + 1)]
    accounts = _accounts(folder, [("reviewer", names), ("auditor", ["auditor"]), *probes])
    made = [msgspec.structs.replace(each, vault_key=officers_keys.get(each.username, "")) for each in accounts]

    sites = [device.site_id for home in identities.households for device in home.devices] if own_connections else []
    up = start_broker(
        processes, folder, kind=asked.broker, devices=dict.fromkeys(sites, ""), tls=asked.tls, ca=asked.ca
    )
    _start_vault(processes, folder, sealed, keys / "vault.key", contract)
    near, lines = _proxies(processes, up) if bad_lines else ({}, {})
    _start_gateway(processes, folder, near.get("gateway", up), store_url, contract, decisions)
    line = _start_review(processes, folder, store_url, contract, port)
    return Running(
        broker=up,
        review_url=line.removeprefix("review ready on ").rstrip("/"),
        reviewers=tuple(made[:reviewers]),
        auditor=made[reviewers],
        probes=tuple(made[reviewers + 1 :]),
        store_url=store_url,
        join_key=join_key,
        at_rest=tuple(folder / name for name in _AT_REST),
        encrypted=_ENCRYPTED,
        devices_broker=near.get("devices", up),
        lines=lines,
    )


def _proxies(processes: Processes, broker: Broker) -> tuple[dict[str, Broker], dict[str, int]]:
    """(the broker as each side reaches it, the control port of each side's line)."""
    parts = urlsplit(broker.url)
    near, lines = {}, {}
    for side in ("devices", "gateway"):
        command = [sys.executable, "-P", "-m", "simulator.links.tcp_proxy", str(parts.hostname), str(broker.port)]
        said = processes.start(f"line-{side}", command, ready=READY)
        port, control = said.removeprefix(READY).split()
        near[side] = msgspec.structs.replace(broker, url=f"{parts.scheme}://127.0.0.1:{port}")
        lines[side] = int(control)
    return near, lines


def seal_again(folder: Path, identities: Identities, *, refusing: frozenset[str]) -> None:
    """The vault's file anew, in which the homes named have not agreed to review. The vault reads it as it starts."""
    homes = tuple(
        home.model_copy(update={"consent": False}) if home.household_id in refusing else home
        for home in identities.households
    )
    _sealed(folder, folder / "keys" / "vault.key", identities.model_copy(update={"households": homes}))


def _start_vault(processes: Processes, folder: Path, sealed: Path, key: Path, contract: str) -> None:
    options: list[object] = ["--identities", sealed, "--key-file", key, "--contract", contract]
    options += ["--socket", folder / _SOCKET, "--credentials", folder / "credentials.json"]
    processes.start("vault", _gateway("vault", *options), ready="vault ready")


def _start_gateway(
    processes: Processes, folder: Path, broker: Broker, store_url: str, contract: str, decisions: Path | None
) -> None:
    options: list[object] = ["--broker", with_user(broker, "gateway"), "--store", store_url, "--contract", contract]
    options += ["--vault", folder / _SOCKET, "--vault-token", folder / "gateway.token"]
    options += ["--join-key", folder / "join.key", "--key-file", folder / "gateway.key"]
    options += ["--ca", broker.ca] if broker.ca else []
    options += ["--decisions", decisions] if decisions else []
    command = _gateway("gateway", *options)
    processes.start("gateway", command, ready="gateway ready", env=mqtt_env(broker, "gateway"))


def _start_review(processes: Processes, folder: Path, store_url: str, contract: str, port: int) -> str:
    """The line in which it says where it listens."""
    options: list[object] = ["--store", store_url, "--contract", contract, "--port", port]
    options += ["--accounts", folder / "accounts.json", "--audit", folder / "review-audit.jsonl"]
    options += ["--vault", folder / _SOCKET, "--vault-token", folder / "review.token"]
    return processes.start("review", _gateway("review", *options), ready="review ready on ")


def stored_clips(store_url: str) -> list[Stored]:
    """The join table, read as data (its columns: gateway/docs/storage-and-vault.md)."""
    engine = sa.create_engine(store_url)
    try:
        with engine.connect() as db:
            rows = db.execute(sa.text("SELECT tag, ref, spans_digest FROM joins"))
            return [Stored(tag=row.tag, ref=row.ref, spans_digest=row.spans_digest) for row in rows]
    finally:
        engine.dispose()


def stored_count(store_url: str) -> int:
    """How many clips the store holds, joined or not."""
    engine = sa.create_engine(store_url)
    try:
        with engine.connect() as db:
            return int(db.execute(sa.text("SELECT count(*) FROM clips")).scalar_one())
    finally:
        engine.dispose()


def with_user(broker: Broker, role: str) -> str:
    """The broker's URL with the role's user name, when the private broker has users."""
    return broker.url.replace("://", f"://{role}@", 1) if role in broker.passwords else broker.url


def mqtt_env(broker: Broker, role: str) -> Mapping[str, str]:
    """The role's password as an environment, where `ps` does not show it."""
    return {"EARLID_MQTT_PASSWORD": broker.passwords[role]} if role in broker.passwords else {}


def _sealed(folder: Path, key: Path, identities: Identities) -> Path:
    """The vault's file, encrypted; the plain one is gone."""
    plain, sealed = folder / "provisioning.json", folder / "vault.sealed"
    write_private(plain, identities.without_secrets().to_json())
    made = finished(_gateway("custody", "seal", plain, sealed, "--key-file", key))
    plain.unlink()
    if made.returncode:
        raise ProcessDied(f"custody: {made.stderr.decode(errors='replace').strip()[-200:]}")
    return sealed


def _accounts(folder: Path, names: Sequence[tuple[str, Sequence[str]]]) -> list[Reviewer]:
    """Accounts of several roles (role, names), in one accounts file; in the order given."""
    made, entries = [], []
    for role, some in names:
        path = folder / f"accounts-{role}.json"
        done = finished(_gateway("accounts", "--accounts", path, "--role", role, *some))
        if done.returncode:
            raise ProcessDied(f"accounts: {done.stderr.decode(errors='replace').strip()[-200:]}")
        made += [msgspec.json.decode(line, type=Reviewer) for line in done.stdout.splitlines()]
        entries += json.loads(path.read_bytes())
        path.unlink()
    write_private(folder / "accounts.json", json.dumps(entries).encode())
    return made


def _gateway(command: str, *options: object) -> list[str]:
    return [sys.executable, "-P", "-m", "gateway", command, *map(str, options)]
