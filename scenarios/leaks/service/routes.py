"""Turns a request name into a route without values, tokens or identities, which may be written to a file."""

import re

from scenarios.leaks.detector import MASKED, LeakDetector

_ORIGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_TOKEN = re.compile(r"[0-9]+|[0-9a-fA-F-]{12,}|(?=[^{}]*[0-9])[A-Za-z0-9_-]{16,}")


def route_of(name: str, detector: LeakDetector) -> str:
    """The route of a request name. "/clips/9f86d081884c7d65?page=2" gives "/clips/{token}?page={}"."""
    path, question, query = _ORIGIN.sub("", name).partition("?")
    segments = [_segment(segment, detector) for segment in path.split("/")]
    route = "/".join(segments)
    if question:
        keys = (pair.partition("=")[0] for pair in query.split("&"))
        route += "?" + "&".join(f"{_segment(key, detector)}={{}}" for key in keys)
    return detector.masked(route)


def _segment(segment: str, detector: LeakDetector) -> str:
    if _TOKEN.fullmatch(segment):
        return "{token}"
    return MASKED if segment and detector.masked(segment) == MASKED else segment
