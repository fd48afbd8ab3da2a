"""The pages of break-glass cases, for safety officers."""

from collections.abc import Callable
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from gateway.review.people.sign_in_state import Session
from gateway.review.services.case_service import CaseService
from gateway.review.services.faults import LookupUnavailable, NotThere
from gateway.vault.messages import CaseRefused, Reason

Key = Annotated[str, Form(min_length=16, max_length=256)]
# Typed over from another person's screen.
Number = Annotated[str, Form(pattern=r"^\s*[0-9a-f]{32}\s*$")]

REFUSED = "The vault refuses: not with this key, not now, or not this case."
UNAVAILABLE = "The vault does not answer at the moment."
UNKNOWN = "Nobody knows whose clip that is any more."


def add_cases(
    router: APIRouter, cases: CaseService, show: Callable[..., HTMLResponse], signed_in: Any, signed_form: Any
) -> None:
    """Case numbers and keys come by POST alone, so that none is in a URL, a history or a proxy's log."""

    def answer(request: Request, session: Session, asked: Callable[[], dict[str, Any]]) -> Response:
        shown: dict[str, Any] = {"opened": None, "done": "", "facts": None, "fault": "", "cases": None}
        shown["flagged"] = cases.flagged()
        try:
            return show(request, session, "cases.html", **(shown | asked()))
        except CaseRefused:
            return show(request, session, "cases.html", 403, **(shown | {"fault": REFUSED}))
        except LookupUnavailable:
            return show(request, session, "cases.html", 503, **(shown | {"fault": UNAVAILABLE}))
        except NotThere:
            return show(request, session, "cases.html", 404, **(shown | {"fault": UNKNOWN}))

    @router.get("/cases")
    def overview(request: Request, session: Session = signed_in) -> Response:
        return answer(request, session, dict)

    @router.post("/cases/list")
    def listed(request: Request, key: Key, session: Session = signed_form) -> Response:
        return answer(request, session, lambda: {"cases": cases.overview(session, key)})

    @router.post("/clips/{ref}/case")
    def ask(
        request: Request, ref: str, key: Key, session: Session = signed_form, reason: Annotated[str, Form()] = ""
    ) -> Response:
        chosen = next((each for each in get_args(Reason) if each == reason), None)
        if chosen is None:
            raise HTTPException(422)
        return answer(request, session, lambda: {"opened": cases.ask(session, key, ref, chosen)})

    @router.post("/cases/approval")
    def approve(request: Request, case: Number, key: Key, session: Session = signed_form) -> Response:
        def step() -> dict[str, Any]:
            cases.decide(session, key, case.strip(), approve=True)
            return {"done": "Approved. The officer who asked can open the case now."}

        return answer(request, session, step)

    @router.post("/cases/denial")
    def deny(request: Request, case: Number, key: Key, session: Session = signed_form) -> Response:
        def step() -> dict[str, Any]:
            cases.decide(session, key, case.strip(), approve=False)
            return {"done": "Denied. Nobody can open this case."}

        return answer(request, session, step)

    @router.post("/cases/close")
    def close(request: Request, case: Number, key: Key, session: Session = signed_form) -> Response:
        def step() -> dict[str, Any]:
            cases.close(session, key, case.strip())
            return {"done": "Closed. Nobody can open this case any more."}

        return answer(request, session, step)

    @router.post("/cases/open")
    def read(request: Request, case: Number, key: Key, session: Session = signed_form) -> Response:
        return answer(request, session, lambda: {"facts": cases.read(session, key, case.strip())})
