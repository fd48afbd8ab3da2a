"""Guards every request of the review tool: size limit, security headers, and errors without request content."""

import asyncio
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.audit.log import AuditBroken
from gateway.review.pages.render import page
from gateway.review.people.accounts import AccountsUnreadable
from gateway.review.people.auth import LoginRefused
from gateway.review.people.sign_in_state import TooManyTries
from gateway.review.services.faults import LoginWanted, LookupUnavailable, NotHeard, NotThere, TakenByAnother
from gateway.storage.queue.assignments import QuotaUsedUp
from gateway.vault.messages import TriesUsedUp

MAX_BODY_BYTES = 32 * 1024
BODY_S = 10.0
# A year, as ASVS 3.4.1 asks. Browsers take it over TLS only, and never for an address of digits.
HSTS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

SENTENCES = {
    400: "That request cannot be understood.",
    401: "Sign in first.",
    403: "That is not allowed.",
    404: "There is nothing here.",
    405: "That is not done here.",
    408: "That took too long.",
    409: "Not yet, or not any more: a clip is judged once it was heard, by who has it.",
    413: "That is too large.",
    415: "JSON is wanted.",
    422: "Something in the form is missing or wrong.",
    429: "Too many tries. Wait and try again.",
    503: "That is not available at the moment.",
}
_FAILED = "Something went wrong on our side."


class SecurityMiddleware:
    """ASGI middleware: adds HEADERS to every response, cuts bodies off at MAX_BODY_BYTES and after `body_s` seconds.

    With `secure` people come over TLS, and their browsers are told never to come without it.
    """

    def __init__(self, app: ASGIApp, *, secure: bool = False, body_s: float = BODY_S) -> None:
        self._app, self._body_s = app, body_s
        ours = HEADERS | (HSTS if secure else {})
        self._headers = [(name.encode(), value.encode()) for name, value in ours.items()]
        self._names = {name for name, _ in self._headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken, is_whole = 0, False
        until = asyncio.get_running_loop().time() + self._body_s

        async def limited() -> Message:
            nonlocal taken, is_whole
            try:
                async with asyncio.timeout_at(None if is_whole else until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            is_whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                theirs = [each for each in message["headers"] if each[0] not in self._names]
                message["headers"] = theirs + self._headers
            await send(message)

        await self._app(scope, limited, with_headers)


def add_error_handlers(app: FastAPI) -> None:
    """One answer for each status, whatever the request was: a page, or `{"error": ...}` below /api."""

    async def on_error(request: Request, error: Exception) -> Response:
        return _answer(request, _status_of(error), error)

    for kind in (
        HTTPException,
        RequestValidationError,
        LoginWanted,
        LoginRefused,
        TooManyTries,
        NotThere,
        NotHeard,
        TakenByAnother,
        QuotaUsedUp,
        AuditBroken,
        OSError,
        LookupUnavailable,
        TriesUsedUp,
        AccountsUnreadable,
        Exception,
    ):
        app.add_exception_handler(kind, on_error)


def _status_of(error: Exception) -> int:
    match error:
        case HTTPException():
            return error.status_code
        case RequestValidationError():
            return 422
        case LoginWanted() | LoginRefused():
            return 401
        case TooManyTries() | TriesUsedUp() | QuotaUsedUp():
            return 429
        case NotHeard() | TakenByAnother():
            return 409
        case AuditBroken() | OSError():  # what cannot be logged does not happen
            _tell_operator(error)
            return 503
        case NotThere():
            return 404
        case LookupUnavailable() | AccountsUnreadable():
            return 503
        case _:
            _tell_operator(error)
            return 500


def _answer(request: Request, status: int, error: Exception) -> Response:
    # HEADERS here too: an unexpected error is answered outside the SecurityMiddleware.
    headers = dict(HEADERS)
    if isinstance(error, TooManyTries):
        headers["retry-after"] = str(error.retry_after_s)
    if status == 405:
        headers["allow"] = ", ".join(_methods_of(request))
    if status == 408:
        headers["connection"] = "close"
    sentence = SENTENCES.get(status, _FAILED)
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence}, status, headers)
    if isinstance(error, LoginWanted):
        return RedirectResponse("/login", 303)
    return page("error.html", status, headers, sentence=sentence)


def _methods_of(request: Request) -> list[str]:
    """Every method of this path, as RFC 9110 asks of a 405, and not only those of the first matching route."""
    app: FastAPI = request.app
    asked = request.scope
    same = [each for each in app.routes if isinstance(each, Route) and each.matches(asked)[0] is not Match.NONE]
    return sorted({method for each in same for method in each.methods or ()})


def _tell_operator(error: Exception) -> None:
    """Print kind and place of an error. Its text is not printed, because it may quote the request."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(f"review: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}\n")
