"""Builds the web application of the review tool."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from gateway.listen import NO_TELEMETRY
from gateway.review.api import api_router
from gateway.review.security import SecurityMiddleware, add_error_handlers
from gateway.review.serving.metrics import MeasuredApp, Metrics
from gateway.review.site import pages_router
from gateway.review.tool import ReviewTool


def make_app(tool: ReviewTool, *, hosts: Sequence[str] = ()) -> FastAPI:
    """The application of a tool. `hosts` are the names that it answers to; without them, any."""
    app = _bare_app(hosts, tool.metrics, secure=tool.signing.cookies.secure)
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
