"""Reads what a client of either proxy says of itself."""

from collections.abc import Iterable
from typing import Any

ABOUT = {"x-earlid-role": "role", "x-earlid-person": "person", "x-earlid-may-see": "may_see"}


def asked_by(headers: Iterable[tuple[str, str]], role: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What a client says of itself in X-Earlid-Role, -Person and -May-See, and the other headers."""
    context: dict[str, Any] = {"role": role}
    rest = []
    for name, value in headers:
        key = ABOUT.get(name.lower())
        if key is None:
            rest.append((name, value))
        else:
            context[key] = value.replace(",", " ").split() if key == "may_see" else value
    return context, rest
