"""Taking a withdrawal back: the clip's only key, sealed for whoever withdrew it, for a minute.

The key lies in nobody's memory and on no disk; the answer to the withdrawal is the one place that has it.
"""

import hashlib
import hmac
import time
from collections.abc import Callable

import msgspec

from gateway.storage.clip_keys import opened, sealed

UNDO_S = 60.0
_PURPOSE = "undo"


class _Held(msgspec.Struct, frozen=True):
    ref: str
    key: bytes
    by: str
    until: float


class Undo:
    """`secret` is the tool's own; `clock` gives wall time in seconds."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key, self._clock = hmac.digest(secret, b"earlid undo", hashlib.sha256), clock

    def token(self, ref: str, key: bytes, by: str) -> str:
        held = _Held(ref=ref, key=key, by=by, until=self._clock() + UNDO_S)
        return sealed(self._key, msgspec.msgpack.encode(held), _PURPOSE).hex()

    def read(self, token: str, by: str) -> tuple[str, bytes] | None:
        """(clip, key); None for anything but one's own, in time."""
        try:
            text = opened(self._key, bytes.fromhex(token), _PURPOSE)
        except ValueError:
            return None
        held = msgspec.msgpack.decode(text, type=_Held) if text else None
        if held is None or held.by != by or self._clock() > held.until:
            return None
        return held.ref, held.key
