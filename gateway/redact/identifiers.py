"""Device and customer ids: kept, dropped, or a keyed pseudonym.

A pseudonym is HMAC-SHA-256 of the id, cut to 64 bits: without the key it leads nowhere, but clips of one device
stay linkable to each other for as long as the key lives.
"""

import hashlib
import hmac
from typing import Literal


def identifier(
    value: str | None, operator: Literal["keep", "pseudonym", "drop"], *, scope: str, key: bytes
) -> str | None:
    """`scope` ("device", "customer") keeps pseudonyms of one value under two fields apart."""
    if value is None or operator == "drop":
        return None
    if operator == "keep":
        return value
    return hmac.new(key, f"{scope}\0{value}".encode(), hashlib.sha256).hexdigest()[:16]
