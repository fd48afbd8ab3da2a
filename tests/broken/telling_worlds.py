"""Gateways that tell on a household in ways no list of encodings knows: each a patch of the one behind a pipe.

A mutant is (field or side it must be found by, patch). A patch takes `replace(module, name, make)`, where `make` turns
what is there into what takes its place.
"""

import hashlib
import struct
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from gateway.flow import decider
from gateway.flow import in_process as pipe
from gateway.redact import pipeline
from gateway.storage.queue import assignments, statements
from gateway.storage.queue.publishing import Publishing
from gateway.storage.tables import waiting
from gateway.vault.known import Known
from gateway.wire import encode_wav

Replace = Callable[[Any, str, Callable[[Any], Any]], None]
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58_backwards(text: str) -> str:
    number, out = int.from_bytes(text.encode(), "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out += _ALPHABET[rest]
    return out


def pseudonym_by(encode: Callable[[str], str], field: str) -> Callable[[Replace], None]:
    """Ids `encode`d instead of a keyed pseudonym."""

    def made(identifier: Any) -> Any:
        def instead(value: str | None, operator: Any, **more: Any) -> str | None:
            mine = more["field"] == field and value is not None
            return encode(value) if mine and value else identifier(value, operator, **more)

        return instead

    return lambda replace: replace(pipeline, "identifier", made)


def with_facts(change: Callable[[Any, Any], Any]) -> Callable[[Replace], None]:
    """Every redacted clip is changed by what the vault knows of its household."""

    def made(redact: Any) -> Any:
        return lambda clip, *args, facts, **more: change(redact(clip, *args, facts=facts, **more), facts)

    return lambda replace: replace(decider, "redact", made)


def header(name: str, value: Callable[[Any], str]) -> Callable[[Replace], None]:
    """A header of every answer about a clip, made of its household's facts."""
    known: dict[str, Any] = {}

    def patch(replace: Replace) -> None:
        with_facts(lambda clip, facts: known.setdefault(clip.ref, (clip, facts))[0])(replace)

        def made(make_app: Any) -> Any:
            return lambda tool: _Telling(make_app(tool), name, lambda ref: value(known[ref][1]), known)

        replace(pipe, "make_app", made)

    return patch


class _Telling:
    def __init__(self, app: Any, name: str, value: Callable[[str], str], known: dict[str, Any]) -> None:
        self._app, self._name, self._value, self._known = app, name, value, known

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        ref = next((part for part in scope["path"].split("/") if part in self._known), None)

        async def telling(message: Any) -> None:
            if ref and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (self._name.encode(), self._value(ref).encode())]
            await send(message)

        await self._app(scope, receive, telling)


def watermark(clip: Any, facts: Any) -> Any:
    """The latitude in the lowest bits of the first samples: nobody hears it."""
    if clip.wav is None:
        return clip
    pcm = bytearray(clip.wav[44:])
    for at, bit in enumerate(f"{struct.unpack('>Q', struct.pack('>d', facts.latitude))[0]:064b}"):
        pcm[2 * at] = (pcm[2 * at] & 0xFE) | int(bit)
    return type(clip)(**{**_fields(clip), "wav": encode_wav(bytes(pcm))})


def address(clip: Any, facts: Any) -> Any:
    """A ref that is a hash without a key instead of a random one."""
    digest = hashlib.sha256(f"{facts.customer_id} {clip.duration_ms}".encode()).hexdigest()
    return type(clip)(**{**_fields(clip), "ref": digest[:22]})


def order(replace: Replace) -> None:
    """Clips are assigned in the order of serial numbers."""
    serials: dict[str, tuple[str, int]] = {}

    def noted(clip: Any, facts: Any) -> Any:
        serials[clip.ref] = facts.serial, clip.duration_ms
        return clip

    with_facts(noted)(replace)

    def published(publish: Any) -> Any:
        def instead(self: Any, db: sa.Connection, now: float) -> Any:
            count = publish(self, db, now)
            waits = sorted(db.execute(sa.select(waiting.c.ref)).scalars(), key=lambda ref: serials[ref])
            for turn, ref in enumerate(waits):
                db.execute(waiting.update().where(waiting.c.ref == ref).values(turn=turn))
            return count

        return instead

    def first(db: sa.Connection, reviewer: str, now: float) -> Any:
        its = {"its_who": reviewer, "its_now": now, "its_turn": 0}
        return db.execute(statements.FREE_FROM, its).scalar_one_or_none()

    replace(Publishing, "_published", published)
    replace(assignments, "_candidate", lambda _old: first)


def census(replace: Replace) -> None:
    """How many households there are, consent or not."""
    counts: list[int] = []

    def learned(learn: Any) -> Any:
        return lambda self, identities: (counts.append(len(identities.households)), learn(self, identities))[1]  # type: ignore[func-returns-value]

    replace(Known, "learn", learned)
    header("x-of", lambda _facts: str(counts[-1]))(replace)


def _fields(clip: Any) -> dict[str, Any]:
    return {name: getattr(clip, name) for name in clip.__struct_fields__}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()[:16]  # noqa: S324 (what the broken ones do)


TELLING: dict[str, tuple[str, Callable[[Replace], None]]] = {
    "serial in reversed base58": ("devices.serial", pseudonym_by(base58_backwards, "device")),
    "pseudonym without a key": ("devices.serial", pseudonym_by(_md5, "device")),
    "ETag from the customer id": ("customer_id", header("etag", lambda facts: f'"{_md5(facts.customer_id)}"')),
    "coordinates in the lowest bits of the sound": ("home.latitude", with_facts(watermark)),
    "address of a clip is a hash without a key": ("customer_id", with_facts(address)),
    "clips assigned in the order of serial numbers": ("relabelled", order),
    "length of an e-mail address": ("unequal", header("x-pad", lambda facts: "." * sum(map(len, facts.emails)))),
    "how many households there are": ("absent", census),
}
