"""Pages for auditors: the audit log with its proof, and the number of clips of each person."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from gateway.audit.entry import Entry
from gateway.review.people.sign_in_state import Session
from gateway.review.services.service import ReviewService

_MOST_LINES = 200

Wanted = Annotated[str, Query(max_length=64)]


class AuditReader(Protocol):
    """The part of the log that the pages read."""

    def lines(self) -> Iterator[Entry]: ...

    def head(self) -> str: ...

    def record(self, actor: str, action: Any, result: Any) -> None: ...


def add_oversight(
    router: APIRouter, desk: ReviewService, log: AuditReader, show: Callable[..., HTMLResponse], signed_in: Any
) -> None:
    @router.get("/audit")
    def audit(
        request: Request, session: Session = signed_in, actor: Wanted = "", action: Wanted = "", clip: Wanted = ""
    ) -> Response:
        log.record(session.username, "log_read", "ok")
        asked = {"actor": actor, "action": action, "clip": clip}
        fits = (
            line for line in log.lines() if all(getattr(line, key) == value for key, value in asked.items() if value)
        )
        newest = reversed(deque(fits, maxlen=_MOST_LINES))
        return show(request, session, "audit.html", lines=list(newest), head=log.head(), asked=asked)

    @router.get("/workload")
    def workload(request: Request, session: Session = signed_in) -> Response:
        return show(request, session, "workload.html", rows=desk.workload())
