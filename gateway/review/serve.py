"""Serves the review tool on loopback, or over TLS: in one process, or in several behind one port."""

import hashlib
import hmac
import os
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gateway.audit.log import AuditFile
from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.keys import make_or_read_key, read_private
from gateway.listen import serve
from gateway.review.app import make_app
from gateway.review.forms.labels import Labels
from gateway.review.people.accounts import Accounts
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.settings import load_provider
from gateway.review.services.case_service import OfficerDoor
from gateway.review.services.customers import CustomerLookup
from gateway.review.serving.connections import Connections, bounded_http
from gateway.review.serving.metrics import Metrics, MetricsOfAll
from gateway.review.serving.place import Serving, check_address, listen, operators_port, ready_line
from gateway.review.serving.tls import tls_context
from gateway.review.serving.workers import end_with_parent, supervise
from gateway.review.tool import ReviewTool
from gateway.storage.store import Store


def serve_review(
    *,
    store: Store,
    contract: Contract,
    accounts: Path | None,
    audit: Path,
    vault: CustomerLookup | None = None,
    officer_door: OfficerDoor | None = None,
    port: int = 0,
    secret_key: bytes | None = None,
    serving: Serving | None = None,
    labels: Labels | None = None,
    provider: Path | None = None,
) -> None:
    """Serve until SIGTERM. Says "review ready on http://127.0.0.1:PORT" on stdout.

    `accounts` is a file of them; without it they are the database's own. A port that cannot be had is one line on
    stderr and exit code 2. `port` counts where `serving` is not given.

    Raises:
        BadFile: the accounts, the audit log, the provider or the certificate are wrong, nobody could sign in with a
            second factor, or the address is not loopback and there is no TLS.
    """
    how = serving or Serving(port=port)
    if provider and accounts:
        raise BadFile(f"{provider}: sign-in by a provider wants accounts in the database, without --accounts")
    asked = load_provider(provider, contract) if provider else None
    check_address(how)
    tls = tls_context(*how.tls) if how.tls else None
    key = make_or_read_key(store.database.accounts_key)
    known = _accounts_in(accounts, contract) if accounts else StoredAccounts(store.database.engine, key)
    metrics = Metrics()
    connections = Connections(how.bounds, how.proxies, metrics.connections.set)
    app = make_app(
        ReviewTool.over(
            store=store,
            contract=contract,
            accounts=known,
            audit=AuditFile(audit),
            vault=vault,
            officer_door=officer_door,
            secret_key=secret_key or hmac.digest(key, b"earlid forms", hashlib.sha256),
            proxies=how.proxies,
            secure=bool(tls) or how.behind_tls,
            metrics=metrics,
            labels=labels,
            provider=asked,
        ),
        hosts=how.hosts,
    )
    if how.worker_of is not None:
        end_with_parent()
        listener = socket.socket(fileno=how.worker_of)
        serve(app, listener, "worker ready", http=bounded_http(connections), tls=tls)
        return
    with operators_port(how, metrics, store):
        listener = listen(how)
        serve(app, listener, ready_line(how, listener), http=bounded_http(connections), tls=tls)


def serve_workers(*, store: Store, serving: Serving, command: Sequence[str], workers: int) -> int:
    """Serve with several processes of `command` until SIGTERM, as `serve_review` does with one; an exit code."""
    check_address(serving)
    with tempfile.TemporaryDirectory(prefix="earlid-review-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        metrics = MetricsOfAll(Path(folder))
        with operators_port(serving, metrics, store):
            listener = listen(serving)
            listener.set_inheritable(True)
            return supervise(command, workers, listener, ready_line(serving, listener), metrics.gone)


def _accounts_in(path: Path, contract: Contract) -> Accounts:
    read_private(path)  # it holds what second factors are made of
    known = Accounts(path)
    if contract.review.mfa and (lacking := known.without_totp()):
        raise BadFile(f"{path}: totp_secret: {contract.name} asks for a second factor; {len(lacking)} lack it")
    return known
