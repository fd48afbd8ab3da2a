"""Device and customer ids: kept, dropped, or a keyed pseudonym of limited reach and life.

A pseudonym is HMAC-SHA-256 cut to 64 bits: without the key it leads nowhere, and across a rotation two pseudonyms
of one device share nothing. Within its scope and its days an attacker still links clips to each other; whoever
holds the key can follow an id through every rotation.
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
    """Whose clip it is, in the reaches a pseudonym may have. `household` is opaque already."""

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
    """What may be shown of `value`. `field` ("device", "customer") keeps pseudonyms of one value apart."""
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
    """The number of the rotation `now` lies in; always 0 when keys do not rotate."""
    return int(now.timestamp() // (_DAY_S * rotate_days)) if rotate_days else 0


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)
