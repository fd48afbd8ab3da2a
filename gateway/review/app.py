"""Builds the review tool from its parts and serves it on loopback, or over TLS."""

import hashlib
import hmac
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from gateway.audit.log import AuditFile, ReadableAudit
from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.keys import make_or_read_key, read_private
from gateway.listen import serve
from gateway.review.api import api_router
from gateway.review.checking.verification import Verification
from gateway.review.forms.labels import Labels
from gateway.review.forms.undo import Undo
from gateway.review.pages.router import pages_router
from gateway.review.people.accounts import AccountBook, Accounts
from gateway.review.people.auth import Auth
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.sign_in_state import SignInState
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.client import ProviderClient
from gateway.review.provider.settings import ProviderSettings, load_provider
from gateway.review.provider.sign_in import ProviderSignIn
from gateway.review.security import SecurityMiddleware, add_error_handlers
from gateway.review.services.access import ClipAccess
from gateway.review.services.case_service import CaseService, OfficerDoor
from gateway.review.services.customers import CustomerLookup, CustomerQuestions
from gateway.review.services.service import ReviewService
from gateway.review.services.signing import Network, Signing
from gateway.review.serving.connections import Connections, bounded_http
from gateway.review.serving.metrics import CountedAudit, MeasuredApp, Metrics, MetricsOfAll
from gateway.review.serving.place import Serving, check_address, listen, operators_port, ready_line
from gateway.review.serving.tls import tls_context
from gateway.review.serving.workers import end_with_parent, supervise
from gateway.storage.assignments import Assignments
from gateway.storage.queue_rules import rules_of
from gateway.storage.store import Store


def make_app(
    *,
    store: Store,
    contract: Contract,
    accounts: AccountBook,
    audit: ReadableAudit,
    vault: CustomerLookup | None = None,
    officer_door: OfficerDoor | None = None,
    secret_key: bytes | None = None,
    clock: Callable[[], float] = time.time,
    proxies: Sequence[Network] = (),
    hosts: Sequence[str] = (),
    secure: bool = False,
    metrics: Metrics | None = None,
    labels: Labels | None = None,
    provider: tuple[ProviderSettings, str] | None = None,
) -> FastAPI:
    """The review tool over one store under one contract.

    `vault` is asked only if the contract has a customer look-up or a contact check. `officer_door` makes a vault client
    from an officer's key and session, for break-glass cases. `secret_key` signs form tokens; by default it is new.
    `clock` gives wall time in seconds. `hosts` are the names that the tool answers to; without them, any. `proxies` are
    the networks whose `X-Forwarded-For` is believed. With `secure` people come over TLS alone. `metrics` counts events.
    `labels` are those of the project; without them, the built-in ones. `provider` is that of the organisation, and the
    secret of this tool with it; it wants accounts in the database.
    """
    offered = labels or Labels()
    if metrics:
        audit = CountedAudit(audit, metrics)
    secret = secret_key or secrets.token_bytes(32)
    state = SignInState(store.database.engine, secret, clock)
    auth = Auth(accounts, state, mfa=contract.review.mfa, audit=audit, clock=clock, key=secret)
    work = Assignments(store.database, rules_of(contract), clock)
    access = ClipAccess(store, work)
    desk = ReviewService(
        store=store,
        contract=contract,
        audit=audit,
        work=work,
        access=access,
        undo=Undo(secret, clock),
        clock=clock,
    )
    customers = CustomerQuestions(store, contract, audit, vault, access)
    signing = Signing(auth, audit, proxies, secure=secure)
    # No description and no slash redirects: either would tell a stranger more than the front page does.
    # No telemetry of the framework: it would send what was wrong in a form to wherever the environment says.
    app = FastAPI(
        title="Earlid review",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(SecurityMiddleware, secure=secure)
    if metrics:
        app.add_middleware(MeasuredApp, metrics=metrics)
    add_error_handlers(app)
    app.state.form_token = auth.form_token

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok")

    cases = CaseService(store=store, contract=contract, audit=audit, door=officer_door, throttle=state)
    passkeys = Passkeys(store.database.engine, secret, clock)
    stored = accounts if isinstance(accounts, StoredAccounts) else None
    # First and not as an included router, which would look for the route twice.
    app.router.routes.extend(api_router(app, desk, customers, auth, signing, contract, offered).routes)
    by = None
    if provider and stored:
        client = ProviderClient(*provider)
        by = ProviderSignIn(provider[0], client, auth, stored, store.database.engine, secret, clock)
    checking = Verification(store, audit)
    app.include_router(
        pages_router(desk, customers, cases, auth, signing, contract, audit, stored, checking, passkeys, offered, by)
    )
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


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
        store=store,
        contract=contract,
        accounts=known,
        audit=AuditFile(audit),
        vault=vault,
        officer_door=officer_door,
        secret_key=secret_key or hmac.digest(key, b"earlid forms", hashlib.sha256),
        proxies=how.proxies,
        hosts=how.hosts,
        secure=bool(tls) or how.behind_tls,
        metrics=metrics,
        labels=labels,
        provider=asked,
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
