"""The gateway's processes: `python -m gateway gateway|vault|review` (or `earlid gateway|vault|review`)."""

import io
import ipaddress
import json
import os
import secrets
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

import typer

from gateway.contract import Contract, Role, load_contract
from gateway.contract_command import app as contract_app
from gateway.custody import app as custody_app
from gateway.files import BadFile
from gateway.identities import load_provisioning
from gateway.vault_door import VaultDoor

if TYPE_CHECKING:  # each process imports only what it runs
    from gateway.ingest import Ingest
    from gateway.service import Service

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

app.add_typer(contract_app, name="contract")
app.add_typer(custody_app, name="custody")

ContractOption = Annotated[str, typer.Option(help="a preset (`earlid contract show`) or a .yaml file")]
StoreOption = Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store, e.g. sqlite:///clips.db")]
TokenOption = Annotated[Path | None, typer.Option(help="file with this client's own token for the vault (mode 0600)")]
_TICK_S = 0.02
_REPORT_S = 5.0
_TIDY_S = 3600.0  # lifetimes and retention count days


@app.command("gateway")
def gateway_command(
    broker: Annotated[
        str, typer.Option(help="mqtt://[user@]host[:port] or mqtts://...; password in EARLID_MQTT_PASSWORD")
    ],
    store: StoreOption,
    contract: ContractOption = "strict",
    identities: Annotated[Path | None, typer.Option(help="provisioning file; the gateway starts its own vault")] = None,
    vault: Annotated[Path | None, typer.Option(help="socket of a running vault, instead of --identities")] = None,
    vault_token: TokenOption = None,
    topic_root: Annotated[str, typer.Option(help="prefix of every topic: one per gateway on a shared broker")] = "",
    join_key: Annotated[
        Path | None, typer.Option(help="file with the harness's key: stores HMAC(key, sessionId)")
    ] = None,
    audit: Annotated[Path, typer.Option(help="the own vault's audit log")] = Path("vault-audit.jsonl"),
    ca: Annotated[Path | None, typer.Option(help="certificate that signs the broker's, for mqtts://")] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="key of pseudonyms and sessions, made if missing; without it a restart forgets both"),
    ] = None,
) -> None:
    """Listen to a fleet, keep what the contract admits, store what is left after redaction."""
    rules = load_contract(contract)
    _refuse_plaintext(broker, rules)
    if (identities is None) == (vault is None):
        raise BadFile("--identities FILE or --vault SOCKET: one of the two is wanted")
    if vault is not None and vault_token is None:
        raise BadFile("--vault-token FILE: wanted together with --vault")
    if identities is not None:
        load_provisioning(identities)  # refuse a wrong file before anything is started
    with _own_vault(identities, contract, audit) as own:
        door = own or VaultDoor(vault or Path(), _token(vault_token))
        _serve_gateway(broker, store, rules, door, topic_root, join_key, key_file, ca)


@app.command("vault")
def vault_command(
    identities: Annotated[Path, typer.Option(help="provisioning file without secrets, plain or sealed")],
    socket: Annotated[Path, typer.Option(help="Unix domain socket to answer on")],
    credentials: Annotated[Path, typer.Option(help="JSON file with the tokens {gateway, review} (mode 0600)")],
    contract: ContractOption = "strict",
    audit: Annotated[Path | None, typer.Option(help="the audit log; default: beside the socket")] = None,
    key_file: Annotated[Path | None, typer.Option(help="the key of a sealed file and of what is sealed")] = None,
) -> None:
    """Hold the identities in a process of their own."""
    from gateway.vault import serve_vault

    rules = load_contract(contract)
    key = _key(key_file) if key_file else None
    serve_vault(identities=identities, socket=socket, credentials=credentials, contract=rules, audit=audit, key=key)


@app.command("review")
def review_command(
    store: StoreOption,
    accounts: Annotated[Path, typer.Option(help="JSON or YAML file with the reviewers' accounts (`earlid accounts`)")],
    contract: ContractOption = "strict",
    port: Annotated[int, typer.Option(help="port on 127.0.0.1; 0 takes a free one", min=0, max=65535)] = 8080,
    vault: Annotated[Path | None, typer.Option(help="socket of a vault; only a customer lookup needs it")] = None,
    vault_token: TokenOption = None,
    audit: Annotated[Path, typer.Option(help="the audit log to write")] = Path("review-audit.jsonl"),
) -> None:
    """Serve the review tool."""
    from gateway.review.app import serve_review
    from gateway.store import Store

    rules = load_contract(contract)
    door = VaultDoor(vault, _token(vault_token)) if vault and vault_token else None
    if door is None and (rules.review.customer_lookup or rules.review.contact_check):
        raise BadFile(f"--vault SOCKET and --vault-token FILE: contract {rules.name} asks the vault")
    serve_review(store=Store(store), contract=rules, accounts=accounts, audit=audit, vault=door, port=port)


@app.command("accounts")
def accounts_command(
    usernames: Annotated[
        list[str], typer.Argument(help="names to make accounts for: lower case letters, digits, . _ -")
    ],
    accounts: Annotated[Path, typer.Option(help="the accounts file to write (mode 0600); must not exist yet")],
    role: Annotated[str, typer.Option(help="reviewer or lead")] = "reviewer",
) -> None:
    """Make an accounts file. Each password and TOTP secret is printed once, as a JSON line, and kept nowhere."""
    from gateway.review.accounts import accounts_json, make_account, new_totp_secret

    if role not in ("reviewer", "lead"):
        raise BadFile(f"--role {role}: allowed: reviewer, lead")
    made = []
    for username in usernames:
        password, totp_secret = secrets.token_urlsafe(18), new_totp_secret()
        made.append(make_account(username, cast("Role", role), password, totp_secret))
        _say(json.dumps({"username": username, "password": password, "totp_secret": totp_secret}), sys.stdout)
    try:
        handle = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadFile(f"{accounts}: {error.strerror}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(accounts_json(made))


@app.command("embeddings")
def embeddings_command(
    model: Annotated[str, typer.Option(help="the wake model, or a path to .onnx")] = "alexa",
) -> None:
    """Clips on stdin, the wake engine's scores and embeddings on stdout (.npz both): to fit and judge a verifier."""
    from gateway.embeddings import answer
    from gateway.gate.wake import OpenWakeWord

    question = io.BytesIO(sys.stdin.buffer.read())
    said = io.BytesIO()
    answer(OpenWakeWord(model), question, said)
    sys.stdout.buffer.write(said.getvalue())


def _serve_gateway(
    broker: str,
    store: str,
    rules: Contract,
    vault: VaultDoor,
    topic_root: str,
    join_key: Path | None,
    key_file: Path | None,
    ca: Path | None,
) -> None:
    from gateway.gate.verify import load_verifier
    from gateway.gate.wake import KNOWN_ANSWERS, load_detector
    from gateway.ingest import Ingest
    from gateway.redact.location import town_populations
    from gateway.retention import sweep
    from gateway.service import Parts, Service
    from gateway.store import Store
    from gateway.switches import Switches
    from gateway.wire import Topics

    if rules.gate.wake_model == KNOWN_ANSWERS and rules.kind == "protect":
        raise BadFile(f"gate.wake_model: {KNOWN_ANSWERS}: for tests; no contract of kind protect may have it")
    key = _key(key_file)
    switches = Switches(key_file.with_name(key_file.name + ".muted"), key) if key_file else Switches()
    keeper = Store(store)
    service = Service(
        Parts(
            contract=rules,
            detector=load_detector(rules.gate.wake_model),
            verifier=load_verifier() if "acoustic" in rules.gate.verify else None,
            vault=vault,
            store=keeper,
            population=town_populations() if rules.redact.location.show == "locality" else {},
            key=key,
            switches=switches,
            now=lambda: datetime.now(UTC),
            join_key=_read_key(join_key) if join_key else None,
            topic_root=topic_root,
        )
    )
    ingest = Ingest(broker, Topics(topic_root), ca=ca)
    _say("gateway ready", sys.stdout)
    try:
        _work(ingest, service, lambda: sweep(keeper, rules, datetime.now(UTC)))
    finally:
        ingest.close()
        keeper.close()


def _work(ingest: "Ingest", service: "Service", tidy: Callable[[], object]) -> None:
    from gateway.service import summary

    said, said_at, tidied_at = "", time.monotonic(), -_TIDY_S
    while True:
        if time.monotonic() - tidied_at > _TIDY_S:
            tidied_at = time.monotonic()
            tidy()
        for topic in ingest.shed():
            service.shed(topic)
        for topic, payload in ingest.messages(0.0 if service.unsettled else _TICK_S):
            for answer in service.handle(topic, payload):
                ingest.publish(*answer)
        for answer in service.settle():
            ingest.publish(*answer)
        if time.monotonic() - said_at > _REPORT_S:
            line, said_at = summary(service.counts), time.monotonic()
            if line != said:
                said = line
                _say(f"earlid gateway: {line}", sys.stderr)


@contextmanager
def _own_vault(identities: Path | None, contract: str, audit: Path) -> Iterator[VaultDoor | None]:
    """A vault process of the gateway's own on a socket in a private folder; its audit log stays."""
    if identities is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="earlid-vault-") as folder:
        socket, credentials = Path(folder, "vault.sock"), Path(folder, "credentials.json")
        tokens = {role: secrets.token_urlsafe(32) for role in ("gateway", "review")}
        credentials.touch(mode=0o600)
        credentials.write_text(json.dumps(tokens))
        options = ["--identities", str(identities), "--socket", str(socket), "--credentials", str(credentials)]
        command = [sys.executable, "-m", "gateway", "vault", *options, "--contract", contract, "--audit", str(audit)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            if process.stdout is None or not process.stdout.readline().startswith(b"vault ready"):
                raise BadFile("the vault did not start")
            yield VaultDoor(socket, tokens["gateway"])
        finally:
            process.terminate()
            process.wait(timeout=10)


def _refuse_plaintext(broker: str, rules: Contract) -> None:
    parts = urlsplit(broker)
    if parts.scheme != "mqtt" or rules.kind != "protect":
        return
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise BadFile(f"--broker {host}: contract {rules.name} takes audio over mqtts:// only, save on loopback")


def _token(path: Path | None) -> str:
    """One client's own token: the file of all of them is the vault's alone."""
    token = _read_key(path).decode("ascii", "replace").strip() if path else ""
    if path and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise BadFile(f"{path}: others may read it; chmod 600 it")
    return token


def _key(path: Path | None) -> bytes:
    if path is None:
        return secrets.token_bytes(32)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    if len(key) < 16:
        raise BadFile(f"{path}: a key of at least 16 bytes is wanted")
    return key


def _say(line: str, to: object) -> None:
    print(line, file=to, flush=True)  # type: ignore[call-overload]


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Exit 2 and one line for whatever a person has to mend; never a traceback, whose text may quote somebody."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        app(standalone_mode=True)
    except BadFile as error:
        _say(f"earlid: {error}", sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        _say(f"earlid: broke with {type(error).__name__} in {Path(at.filename).name}:{at.lineno}", sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
