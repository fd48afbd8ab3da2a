"""The harness's own visit to the review tool after the load. It fetches and searches every clip's facts and audio."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec
import pyotp

from gateway.files import reason_of
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.model.observations import Response, Served
from scenarios.run.processes import ProcessDied
from scenarios.run.target import Reviewer

_PAGES = 10_000


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Every clip under review as the tool serves it, the routes that its OpenAPI description names, and the answers of
    its sign-in and sign-out routes. A short load may end before a reviewer has used each of these."""

    served: Mapping[str, Served]
    routes: frozenset[str]
    doors: tuple[Response, ...]


def visit(url: str, reviewer: Reviewer, detector: LeakDetector) -> Visit:
    """Look at everything once, as the harness's own reviewer.

    Raises:
        ProcessDied: the review tool does not let the harness in, or does not answer.
    """
    try:
        with httpx.Client(base_url=url, timeout=20.0, trust_env=False) as http:
            doors = [_door(_sign_in(http, reviewer), detector)]
            served = {ref: _served(http, ref, detector) for ref in _queue(http)}
            routes = _routes(_json(http, "/api/openapi.json"))
            doors += [_door(answer, detector) for answer in _other_doors(http)]
            return Visit(served=served, routes=routes, doors=tuple(doors))
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise ProcessDied(f"review: the harness's own visit failed ({reason_of(error)})") from None


def _other_doors(http: httpx.Client) -> Iterator[httpx.Response]:
    """Sign-in and sign-out by form without a token, which are refused, and the sign-out of the API."""
    yield http.get("/login")
    yield http.post("/login", data={"username": "nobody", "password": "nothing", "code": "000000"})
    yield http.post("/logout")
    yield http.request("DELETE", "/api/session", headers={"X-Earlid": "harness"})


def _door(answer: httpx.Response, detector: LeakDetector) -> Response:
    request, searched = answer.request, detector.search(_haystack(answer))
    return Response(
        role="auditor",
        method=request.method,
        route=request.url.path,
        status=answer.status_code,
        bytes=len(answer.content),
        ms=answer.elapsed.total_seconds() * 1_000,
        findings=searched.findings,
        not_searched="; ".join(searched.notes) or None,
    )


def _sign_in(http: httpx.Client, reviewer: Reviewer) -> httpx.Response:
    code = pyotp.TOTP(reviewer.totp_secret).now()
    answer = http.post(
        "/api/session", json={"username": reviewer.username, "password": reviewer.password, "code": code}
    )
    answer.raise_for_status()
    return answer


def _queue(http: httpx.Client) -> list[str]:
    refs: list[str] = []
    for page in range(1, _PAGES):
        clips = _json(http, f"/api/audit/clips?page={page}")["clips"]
        fresh = [clip["ref"] for clip in clips if clip["ref"] not in refs]
        if not fresh:
            return refs
        refs += fresh
    return refs


def _served(http: httpx.Client, ref: str, detector: LeakDetector) -> Served:
    facts = http.get(f"/api/clips/{ref}")
    facts.raise_for_status()
    audio = http.get(f"/api/clips/{ref}/audio")
    searched = [detector.search(_haystack(answer)) for answer in (facts, audio)]
    clean = not any(each.findings or each.notes for each in searched)
    wav = audio.content if audio.status_code == httpx.codes.OK else None
    return Served(ref=ref, facts=facts.json(), wav=wav, clean=clean)


def _haystack(response: httpx.Response) -> Haystack:
    headers = [Part(kind="response_header", name=k, data=v.encode()) for k, v in response.headers.items()]
    return Haystack(parts=(*headers, Part(kind="response_body", name="audit visit", data=response.content)))


def _json(http: httpx.Client, route: str) -> Mapping[str, Any]:
    answer = http.get(route)
    answer.raise_for_status()
    found: Mapping[str, Any] = answer.json()
    return found


def _routes(description: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods)
