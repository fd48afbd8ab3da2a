"""Puts the review tool together and serves it on loopback."""

import secrets
import sys
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
from gateway.keys import read_private
from gateway.listen import listen_loopback, serve
from gateway.review.accounts import Accounts
from gateway.review.api import api_router
from gateway.review.auth import Auth
from gateway.review.case_service import CaseService, OfficerDoor
from gateway.review.forms.undo import Undo
from gateway.review.pages import pages_router
from gateway.review.security import SecurityMiddleware, add_error_handlers
from gateway.review.service import CustomerLookup, ReviewService
from gateway.review.signing import Network, Signing
from gateway.storage.store import Store


def make_app(
    *,
    store: Store,
    contract: Contract,
    accounts: Accounts,
    audit: ReadableAudit,
    vault: CustomerLookup | None = None,
    officer_door: OfficerDoor | None = None,
    secret_key: bytes | None = None,
    clock: Callable[[], float] = time.time,
    proxies: Sequence[Network] = (),
    hosts: Sequence[str] = (),
) -> FastAPI:
    """The review tool over one store under one contract.

    `vault` is asked only when the contract has a customer look-up or a contact check; `officer_door` makes the vault's
    door for an officer's key typed in an officer's session, for break-glass cases; `secret_key` signs form tokens, by
    default a new one; `clock` gives wall time in seconds; `hosts` are the names it answers to (any without), `proxies`
    whose `X-Forwarded-For` is believed.
    """
    secret = secret_key or secrets.token_bytes(32)
    auth = Auth(accounts, mfa=contract.review.mfa, audit=audit, clock=clock, key=secret)
    desk = ReviewService(
        store=store, contract=contract, audit=audit, lookup=vault, undo=Undo(secret, clock), clock=clock
    )
    signing = Signing(auth, audit, proxies)
    # No description and no slash redirects: either would tell a stranger more than the front page does.
    app = FastAPI(title="Earlid review", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(SecurityMiddleware)
    add_error_handlers(app)
    app.state.form_token = auth.form_token

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok")

    cases = CaseService(store=store, contract=contract, audit=audit, door=officer_door, clock=clock)
    app.include_router(pages_router(desk, cases, auth, signing, contract, audit))
    app.include_router(api_router(app, desk, auth, signing, contract))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


def serve_review(
    *,
    store: Store,
    contract: Contract,
    accounts: Path,
    audit: Path,
    vault: CustomerLookup | None = None,
    officer_door: OfficerDoor | None = None,
    port: int = 0,
    secret_key: bytes | None = None,
    proxies: Sequence[Network] = (),
    hosts: Sequence[str] = ("127.0.0.1", "localhost"),
) -> None:
    """Serve on 127.0.0.1 until SIGTERM. Says "review ready on http://127.0.0.1:PORT" on stdout.

    Port 0 takes any free one; a port that cannot be had is one line on stderr and exit code 2.

    Raises:
        BadFile: the accounts or the audit log are wrong, or nobody could sign in with a second factor.
    """
    read_private(accounts)  # it holds what second factors are made of
    known = Accounts(accounts)
    if contract.review.mfa and (lacking := known.without_totp()):
        raise BadFile(f"{accounts}: totp_secret: {contract.name} asks for a second factor; {len(lacking)} lack it")
    app = make_app(
        store=store,
        contract=contract,
        accounts=known,
        audit=AuditFile(audit),
        vault=vault,
        officer_door=officer_door,
        secret_key=secret_key,
        proxies=proxies,
        hosts=hosts,
    )
    try:
        listener = listen_loopback(port)
    except OSError as error:
        sys.stderr.write(f"earlid review: port {port}: {error.strerror}; choose another, or 0 for any free one\n")
        raise SystemExit(2) from None
    serve(app, listener, f"review ready on http://127.0.0.1:{listener.getsockname()[1]}")
