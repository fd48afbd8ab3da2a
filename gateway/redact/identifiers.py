"""Device and customer ids: kept, dropped, or replaced by a keyed pseudonym with a scope and a lifetime.

A pseudonym is an HMAC-SHA-256 cut to 64 bits. Without the key it cannot be traced back. Two pseudonyms of one device
from different rotations have nothing in common. An attacker can still link clips within one scope and rotation. The
holder of the key can follow an id through every rotation.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Literal

import msgspec

from gateway.contract.model import Pseudonyms

_HEX = 16  # 64 bits
_DAY_S = 86_400


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The session and household of a clip, for pseudonym scopes. `household` is an opaque key."""

    session: str
    household: str


def identifier(
    value: str | None,
    operator: Literal["keep", "pseudonym", "drop"],
    *,
    field: str,
    rules: Pseudonyms,
    subject: Subject,
    key: bytes,
    now: datetime,
) -> str | None:
    """What may be shown of `value`, or None. `field` ("device", "customer") keeps their pseudonyms different."""
    if value is None or operator == "drop":
        return None
    if operator == "keep":
        return value
    if rules.scope == "clip":
        return secrets.token_hex(_HEX // 2)
    reach = {"session": subject.session, "device": value, "household": subject.household}[rules.scope]
    epoch = period(now, rules.rotate_days)
    of_period = _hmac(key, f"pseudonyms\0{epoch}".encode())
    return _hmac(of_period, f"{field}\0{rules.scope}\0{reach}".encode("utf-8", "surrogatepass")).hex()[:_HEX]


def period(now: datetime, rotate_days: int | None) -> int:
    """The number of the rotation at `now`. It is 0 if pseudonyms do not rotate."""
    return int(now.timestamp() // (_DAY_S * rotate_days)) if rotate_days else 0


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)
