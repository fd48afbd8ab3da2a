"""Builds the web application of the review tool."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from gateway.audit.log import ReadableAudit
from gateway.contract.model import Contract
from gateway.listen import NO_TELEMETRY
from gateway.review.api import api_router
from gateway.review.forms.labels import Labels
from gateway.review.people.accounts import AccountBook
from gateway.review.provider.settings import ProviderSettings
from gateway.review.security import SecurityMiddleware, add_error_handlers
from gateway.review.services.case_service import OfficerDoor
from gateway.review.services.customers import CustomerLookup
from gateway.review.services.signing import Network
from gateway.review.serving.metrics import CountedAudit, MeasuredApp, Metrics
from gateway.review.site import pages_router
from gateway.review.tool import ReviewTool
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
    if metrics:
        audit = CountedAudit(audit, metrics)
    tool = ReviewTool.over(
        store,
        contract,
        accounts,
        audit,
        vault=vault,
        officer_door=officer_door,
        secret_key=secret_key,
        clock=clock,
        proxies=proxies,
        secure=secure,
        labels=labels,
        provider=provider,
    )
    app = _bare_app(hosts, metrics, secure=secure)
    app.state.form_token = tool.auth.form_token
    # Not as included routers: FastAPI would build each route twice, and look for it twice at each request.
    for routes in (api_router(app, tool).routes, pages_router(tool).routes):
        app.router.routes.extend(routes)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


def _bare_app(hosts: Sequence[str], metrics: Metrics | None, *, secure: bool) -> FastAPI:
    """What stands around every route: limits, headers, error pages, figures."""
    # No description and no slash redirects: either would tell a stranger more than the front page does.
    app = FastAPI(
        title="Earlid review",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(SecurityMiddleware, secure=secure)
    if metrics:
        app.add_middleware(MeasuredApp, metrics=metrics)
    add_error_handlers(app)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok")

    return app
