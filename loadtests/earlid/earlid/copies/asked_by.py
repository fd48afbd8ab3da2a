"""Reads what a client of either proxy says of itself, and what it asks for."""

from collections.abc import Iterable
from typing import Any

ABOUT = {"x-earlid-role": "role", "x-earlid-person": "person", "x-earlid-may-see": "may_see"}
_READABLE = ("gzip", "x-gzip", "deflate", "br", "identity")  # what can be taken off here
_MOST_NAMES = 5_000


def asked_by(headers: Iterable[tuple[str, str]], role: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What a client says of itself in X-Earlid-Role, -Person and -May-See, and the headers for the site.

    Of the encodings that it takes, the site is asked for those that can be read here.
    """
    context: dict[str, Any] = {"role": role}
    rest = []
    for name, value in headers:
        key = ABOUT.get(name.lower())
        if key is not None:
            context[key] = value.replace(",", " ").split() if key == "may_see" else value
        else:
            rest.append((name, readable(value) if name.lower() == "accept-encoding" else value))
    return context, rest


def readable(accepted: str) -> str:
    """An Accept-Encoding without what cannot be read here. "gzip, zstd;q=0.9" gives "gzip"; "*" gives "gzip"."""
    asked = [one.strip() for one in accepted.split(",")]
    names = [one.partition(";")[0].strip().lower() for one in asked]
    kept = [one for one, name in zip(asked, names, strict=True) if name in _READABLE]
    if any(name == "*" and "q=0" not in one.replace(" ", "") for one, name in zip(asked, names, strict=True)):
        kept.append("gzip")
    return ", ".join(dict.fromkeys(kept)) or "identity"


class Names:
    """Names of requests that are kept apart in the figures: so many, and one for all others."""

    def __init__(self) -> None:
        self._kept: set[str] = set()

    def of(self, target: str) -> str:
        """The name of a path or address: without its query."""
        name = target.partition("?")[0]
        if name not in self._kept and len(self._kept) >= _MOST_NAMES:
            return "other paths"
        self._kept.add(name)
        return name
