"""The gateway's processes: `python -m gateway gateway|vault|review` (or `earlid gateway|vault|review`)."""

import io
import os
import signal
import sys
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.accounts import app as accounts_app
from gateway.commands.audit import app as audit_app
from gateway.commands.contract import app as contract_app
from gateway.commands.custody import app as custody_app
from gateway.commands.gold import gold_command
from gateway.commands.options import address, networks, refuse_plaintext, tls_files, token
from gateway.commands.projects import app as projects_app
from gateway.contract.model import load_contract
from gateway.ending import exit_at
from gateway.files import BadFile, reason_of, state_folder
from gateway.identities import load_provisioning
from gateway.keys import make_or_read_key
from gateway.vault.client import VaultClient
from gateway.vault.own_process import own_vault, owned

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

app.add_typer(accounts_app, name="accounts")
app.add_typer(audit_app, name="audit")
app.add_typer(contract_app, name="contract")
app.add_typer(custody_app, name="custody")
app.add_typer(projects_app, name="projects")

app.command("gold")(gold_command)

ContractOption = Annotated[str, typer.Option(help="a preset (`earlid contract show`) or a .yaml file")]
StoreOption = Annotated[str, typer.Option(help="SQLAlchemy URL of the clip store, e.g. sqlite:///clips.db")]
TokenOption = Annotated[Path | None, typer.Option(help="file with this client's own token for the vault (mode 0600)")]


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
    audit: Annotated[
        Path | None, typer.Option(help="the own vault's audit log; else audit.jsonl in $XDG_STATE_HOME/earlid")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="certificate that signs the broker's, for mqtts://")] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="key of pseudonyms and sessions, made if missing; without it a restart forgets both"),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(help="the scores of each decision, to a named pipe that a harness reads"),
    ] = None,
) -> None:
    """Listen to a fleet, keep what the contract admits, store what is left after redaction."""
    rules = load_contract(contract)
    refuse_plaintext(broker, rules)
    if (identities is None) == (vault is None):
        raise BadFile("--identities FILE or --vault SOCKET: one of the two is wanted")
    if vault is not None and vault_token is None:
        raise BadFile("--vault-token FILE: wanted together with --vault")
    if decisions is not None and join_key is None:
        raise BadFile("--join-key FILE: wanted together with --decisions")
    from gateway.flow.process import serve_gateway

    if identities is not None:
        load_provisioning(identities)  # refuse a wrong file before anything is started
    with (
        own_vault(identities, contract, audit or state_folder() / "audit.jsonl", key_file)
        if identities is not None
        else nullcontext(VaultClient(vault or Path(), token(vault_token)))
    ) as door:
        serve_gateway(
            broker,
            store,
            rules,
            door,
            topic_root=topic_root,
            join_key=join_key,
            key_file=key_file,
            ca=ca,
            decisions=decisions,
        )


@app.command("vault")
def vault_command(
    identities: Annotated[Path, typer.Option(help="provisioning file without secrets, plain or sealed")],
    socket: Annotated[Path, typer.Option(help="Unix domain socket to answer on")],
    credentials: Annotated[Path, typer.Option(help="JSON file with the tokens {gateway, review} (mode 0600)")],
    contract: ContractOption = "strict",
    audit: Annotated[Path | None, typer.Option(help="the audit log; default: beside the socket")] = None,
    key_file: Annotated[Path | None, typer.Option(help="the key of a sealed file and of what is sealed")] = None,
    memory: Annotated[
        Path | None, typer.Option(help="sealed tries and cases; default: vault-memory.sealed beside the audit log")
    ] = None,
    is_owned: Annotated[
        bool, typer.Option("--owned", hidden=True, help="end with standard input, and take the socket's folder along")
    ] = False,
) -> None:
    """Hold the identities in a process of their own."""
    with owned(socket, credentials) if is_owned else nullcontext():
        from gateway.vault.app import serve_vault

        rules = load_contract(contract)
        key = make_or_read_key(key_file) if key_file else None
        serve_vault(
            identities=identities,
            socket=socket,
            credentials=credentials,
            contract=rules,
            audit=audit,
            key=key,
            memory=memory,
        )


@app.command("review")
def review_command(
    store: StoreOption,
    accounts: Annotated[
        Path | None, typer.Option(help="JSON or YAML file with accounts; without it, those in the database")
    ] = None,
    contract: ContractOption = "strict",
    port: Annotated[int, typer.Option(help="port on 127.0.0.1; 0 takes a free one", min=0, max=65535)] = 8080,
    vault: Annotated[Path | None, typer.Option(help="socket of a vault; only a customer lookup needs it")] = None,
    vault_token: TokenOption = None,
    audit: Annotated[Path, typer.Option(help="the audit log to write")] = Path("review-audit.jsonl"),
    host: Annotated[
        list[str] | None, typer.Option(help="a name it answers to beside localhost; may be repeated")
    ] = None,
    proxy: Annotated[
        list[str] | None, typer.Option(help="network of a proxy whose X-Forwarded-For is believed; may be repeated")
    ] = None,
    bind: Annotated[str, typer.Option(help="address to listen on; any but loopback wants TLS")] = "127.0.0.1",
    tls_cert: Annotated[Path | None, typer.Option(help="certificate and its chain, PEM: the tool speaks TLS")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="the certificate's key, PEM (mode 0600)")] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="a proxy before it speaks TLS: cookies are sent over TLS alone")
    ] = False,
    metrics_port: Annotated[
        int | None, typer.Option(help="port on 127.0.0.1 for /metrics, /healthz, /readyz; 0 any", min=0, max=65535)
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="YAML file of the project's intents and sounds")] = None,
    provider: Annotated[
        Path | None, typer.Option(help="YAML file of your organisation's sign-in (OpenID Connect)")
    ] = None,
    workers: Annotated[int, typer.Option(help="processes behind the one address", min=1, max=64)] = 1,
    worker_of: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve the review tool."""
    from gateway.review.forms.labels import load_labels
    from gateway.review.serve import serve_review, serve_workers
    from gateway.review.serving.place import Serving
    from gateway.storage.store import Store

    rules, offered = load_contract(contract), load_labels(labels) if labels else None
    door = VaultClient(vault, token(vault_token)) if vault and vault_token else None
    if door is None and (rules.review.customer_lookup or rules.review.contact_check):
        raise BadFile(f"--vault SOCKET and --vault-token FILE: contract {rules.name} asks the vault")
    officer_door = (lambda key, officer: VaultClient(vault, key, acting_for=officer)) if vault else None
    serving = Serving(
        address=address(bind),
        port=port,
        tls=tls_files(tls_cert, tls_key),
        behind_tls=behind_tls,
        metrics_port=metrics_port,
        worker_of=worker_of,
        hosts=("127.0.0.1", "localhost", *(host or ())),
        proxies=networks(proxy or []),
    )
    if workers > 1 and worker_of is None:
        # Each is this very command, with the socket's number behind it.
        command = [sys.executable, "-P", "-m", "gateway", *sys.argv[1:], "--worker-of"]
        raise typer.Exit(serve_workers(store=Store(store), serving=serving, command=command, workers=workers))
    serve_review(
        store=Store(store),
        contract=rules,
        accounts=accounts,
        audit=audit,
        vault=door,
        officer_door=officer_door,
        serving=serving,
        labels=offered,
        provider=provider,
    )


@app.command("status")
def status_command(
    broker: Annotated[str, typer.Option(help="as for `gateway`, with the operator's user; password likewise")],
    site: Annotated[str | None, typer.Option(help="one site; every one without it")] = None,
    topic_root: Annotated[str, typer.Option(help="the gateway's")] = "",
    ca: Annotated[Path | None, typer.Option(help="certificate that signs the broker's, for mqtts://")] = None,
    timeout: Annotated[float, typer.Option(help="seconds to wait for the gateway")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Why does nothing happen? What a running gateway saw of each site last."""
    from gateway.commands import status

    found = status.ask_status(broker, topic_root=topic_root, ca=ca, site=site, timeout_s=timeout)
    for line in [status.as_json(found)] if as_json else status.as_lines(found):
        _say(line, sys.stdout)


@app.command("pipe")
def pipe_command(
    accounts: Annotated[Path, typer.Option(help="accounts file of the review tool")],
    contract: ContractOption = "strict",
    join_key: Annotated[Path | None, typer.Option(help="file with the harness's key, as for `gateway`")] = None,
) -> None:
    """The whole gateway in one process, spoken to by lines of JSON: for tools that set up many small worlds."""
    from gateway.flow.in_process import InProcessGateway, serve_pipe

    serve_pipe(InProcessGateway(load_contract(contract), accounts=accounts, join_key=join_key), sys.stdin.buffer)


@app.command("embeddings")
def embeddings_command(
    model: Annotated[str, typer.Option(help="the wake model, or a path to .onnx")] = "alexa",
    every: Annotated[
        float | None, typer.Option(help="not a clip's best, but every word found at this wake threshold", min=0, max=1)
    ] = None,
) -> None:
    """Clips on stdin, the wake engine's scores and embeddings on stdout (.npz both): to fit and judge a verifier."""
    from gateway.commands.embeddings import answer
    from gateway.gate.wake import OpenWakeWord

    question = io.BytesIO(sys.stdin.buffer.read())
    said = io.BytesIO()
    answer(OpenWakeWord(model), question, said, every=every)
    sys.stdout.buffer.write(said.getvalue())


def _say(line: str, to: object) -> None:
    print(line, file=to, flush=True)  # type: ignore[call-overload]


def main() -> None:
    """Exit 2 and one line for whatever a person has to mend, a full disk too; 3 for a fault of our own. Never a
    traceback, whose text may quote somebody."""
    exit_at(signal.SIGTERM, code=0)
    os.umask(0o077)  # whatever is written here is its owner's alone
    # Set before numpy is there: its threads would wait, busily, for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        app(standalone_mode=True, prog_name="earlid")
    except BadFile as error:
        _say(f"earlid: {error}", sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        _say(f"earlid: {error.filename or 'the disk or the network'}: {reason_of(error)}", sys.stderr)
        sys.exit(2)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        _say(f"earlid: a fault of Earlid's own ({Path(at.filename).name}:{at.lineno})", sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    main()
