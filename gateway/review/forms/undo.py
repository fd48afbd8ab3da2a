"""Undoes a withdrawal: for a minute, the person who withdrew a clip holds the clip's only key, sealed.

The server keeps the key neither in memory nor on a disk. Only the answer to the withdrawal holds it.
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
        """(clip, key). None if the word is another person's or too old."""
        try:
            text = opened(self._key, bytes.fromhex(token), _PURPOSE)
        except ValueError:
            return None
        held = msgspec.msgpack.decode(text, type=_Held) if text else None
        if held is None or held.by != by or self._clock() > held.until:
            return None
        return held.ref, held.key
