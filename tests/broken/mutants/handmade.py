"""Applications with one leak each, as people make them: the reported failures and the classics."""

import asyncio
import base64
import gzip
import hashlib
import html
import json
import logging
import random
import socket
import struct
import threading
import zlib
from collections.abc import Callable
from typing import Any

from amqtt.broker import Broker
from amqtt.client import MQTTClient

from gateway.identities import Household
from scenarios.leaks.sources.network.retained import retained

Answer = tuple[int, dict[str, str], bytes]
CLEAN = {"ref": "8f14e45fceea167a5a36dedd4bea2543", "transcript": "turn on the lights", "locality": "Ashland, Oregon"}


def app(answer: Callable[[str, dict[str, str]], Answer]) -> Callable[..., Any]:
    """An ASGI application that answers GET by `answer(path, headers)`."""

    async def application(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        query = scope["query_string"].decode()
        status, extra, body = answer(scope["path"] + (f"?{query}" if query else ""), headers)
        raw = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return application


def page(text: str, status: int = 200, **headers: str) -> tuple[Callable[..., Any], list[str]]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return app(lambda path, asked: (status, {"content-type": "text/html", **named}, f"<p>{text}</p>".encode())), ["/x"]


def data(body: object) -> tuple[Callable[..., Any], list[str]]:
    return app(lambda path, asked: (200, {"content-type": "application/json"}, json.dumps(body).encode())), ["/x"]


def octets(body: bytes, kind: str = "audio/wav") -> tuple[Callable[..., Any], list[str]]:
    return app(lambda path, asked: (200, {"content-type": kind}, body)), ["/x"]


def wav(*chunks: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    sound = random.Random(1).randbytes(4_000)
    every = ((b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)), *chunks, (b"data", sound))
    body = b"WAVE" + b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in every)
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


def session_mix_up(home: Household) -> tuple[Callable[..., Any], list[str]]:
    """A cache keyed without the session: the second reviewer gets the first one's customer."""
    kept: dict[str, str] = {}

    def answer(path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        kept.setdefault("page", f"<p>customer {home.customer_id}</p>")
        return 200, {"content-type": "text/html"}, kept["page"].encode()

    return app(answer), ["/first", "/second"]


def reflected(home: Household) -> tuple[Callable[..., Any], list[str]]:
    def answer(path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return 404, {"content-type": "text/html"}, f"<p>No page {html.escape(path)}</p>".encode()

    return app(answer), [f"/customers/{home.customer_id}"]


def streamed(home: Household) -> tuple[Callable[..., Any], list[str]]:
    serial = home.devices[0].serial
    body = f'data: {{"device": "{serial[:6]}\n\ndata: {serial[6:]}"}}\n\n'.encode()
    return octets(body, "text/event-stream")


def contact_check(home: Household, delay_s: float = 0.005) -> dict[str, Any]:
    """Match or no match look alike; how long it takes does not."""
    known = home.contacts[0].name.split()[0]

    async def application(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if known.encode() in scope["query_string"]:
            await asyncio.sleep(delay_s)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    return {"app": application, "timed": (f"/contact?heard={known}", "/contact?heard=Nobody")}


def left_on_a_broker(serial: str) -> list[tuple[str, bytes]]:
    """What a gateway that retains a device's context leaves behind."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    started, loop = threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        broker = Broker({"listeners": {"default": {"type": "tcp", "bind": address}}, "plugins": plugins})
        await broker.start()
        client = MQTTClient(config={"auto_reconnect": False})
        await client.connect(f"mqtt://{address}")
        await client.publish("earlid/kitchen/context", json.dumps({"serial": serial}).encode(), qos=1, retain=True)
        await client.disconnect()
        started.set()
        await ended.wait()
        await broker.shutdown()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        started.wait(20)
        parts, _ = retained(f"mqtt://{address}", masked=str, quiet_s=0.5)
        return [(part.kind, part.data) for part in parts]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()


def mutants(home: Household, other: Household) -> dict[str, Any]:
    """Name -> (application, paths)."""
    person, device, place, secret = home.members[0], home.devices[0], home.home, home.secrets[0]
    phone, serial, mail = person.phones[0], device.serial, person.emails[0]
    name, contact = person.name, home.contacts[0].name
    digest = hashlib.sha256(phone.encode()).hexdigest()
    sql = f"IntegrityError: duplicate key (customer) = ('{home.customer_id}')"
    artist = b"INFOIART" + struct.pack("<I", len(name)) + name.encode()
    md5 = hashlib.md5(home.customer_id.encode()).hexdigest()  # noqa: S324 (what the broken ones do)
    sha1 = hashlib.sha1(serial.encode()).hexdigest()  # noqa: S324
    state = base64.b64encode(zlib.compress(json.dumps({"c": contact}).encode())).decode()
    return {
        "S1 serial beside the clip": data({**CLEAN, "device": serial}),
        "S1 account number beside the clip": data({**CLEAN, "customer": home.customer_id}),
        "S2 coordinates stored and visible": data({**CLEAN, "lat": place.latitude, "lon": place.longitude}),
        "S2 coordinates in a map link": page(f'<a href="https://map.test/?q={place.latitude},{place.longitude}">map</a>'),
        "S2 coordinates rounded to four decimals": data({"at": [round(place.longitude, 4), round(place.latitude, 4)]}),
        "S2 a map tile of the house": page(f'<img src="/tiles/{_tile(place.latitude, place.longitude)}.png">'),
        "S4 customer look-up shows the address": data({"home": {"street": place.street}}),
        "S4 customer look-up shows contacts": page(f"<li>{contact}</li>"),
        "S5 the address book behind a blind match": data({"match": True, "candidates": [contact]}),
        "S6 phone with some digits obscured": page(f"({phone[2:5]}) {phone[5:8]}-**{phone[10:]}"),
        "S12 the name in an undistorted clip's tag": octets(wav((b"LIST", artist))),
        "S15 a spoken bank account in the transcript": page(f"my account is {' '.join(secret.value)} thank you"),
        "S15 spoken as words": page(" ".join(_WORDS[int(digit)] for digit in secret.value)),
        "off-by-one span": page(f"call [contact]{name[-1]} and {name}"),
        "last word of a name left over": page(f"text [person] {mail}"),
        "mask in the page, value in its source": page(f"<span title='{name}'>[person]</span>"),
        "mask in the page, value in a comment": page(f"[person]<!-- {name} -->"),
        "mask in the page, value in a script": page(f"<script>clip = {{'said': '{name}'}}</script>"),
        "error page echoes the row": page(sql, status=500),
        "404 echoes the path": reflected(home),
        "debug traceback": page(f"<pre>KeyError: {contact!r}\n  at lookup()</pre>", status=500),
        "ETag from the customer id": page("clip", etag=f'"{home.customer_id}-1"'),
        "ETag is a hash of the customer id": page("clip", etag=f'"{md5}"'),
        "file name in Content-Disposition": page("clip", content_disposition=f'attachment; filename="{serial}.wav"'),
        "redirect with the phone number": page("moved", status=302, location=f"/queue?cb={phone.replace('+', '%2B')}"),
        "cookie holds the e-mail": page("ok", set_cookie=f"who={base64.b64encode(mail.encode()).decode()}; HttpOnly"),
        "JWT with the subject's name": page("ok", authorization=f"Bearer {_jwt({'sub': name})}"),
        "server timing names the device": page("ok", server_timing=f'db;desc="{device.site_id}"'),
        "unsalted hash as a pseudonym": data({**CLEAN, "device": hashlib.sha256(serial.encode()).hexdigest()}),
        "truncated hash as a pseudonym": data({**CLEAN, "device": f"d-{sha1[:12]}"}),
        "hash of the national number": data({**CLEAN, "caller": hashlib.sha256(phone[2:].encode()).hexdigest()}),
        "CRC of the serial": data({**CLEAN, "device": f"{zlib.crc32(serial.encode()):08x}"}),
        "base64 id": data({**CLEAN, "device": base64.b64encode(serial.encode()).decode()}),
        "reversed id": data({**CLEAN, "device": serial[::-1]}),
        "hex id": data({**CLEAN, "device": serial.encode().hex()}),
        "stray audio chunk": octets(wav((b"JUNK", serial.encode()))),
        "bytes after the sound": octets(wav(after=mail.encode())),
        "compressed state in the page": page(f"<input value='{state}'>"),
        "gzip export": octets(gzip.compress(f"ref,owner\n1,{name}\n".encode()), "application/gzip"),
        "name split over two fields": data({"given_name": person.given_name, "family_name": person.family_name}),
        "phone split over three fields": data({"area": phone[2:5], "exchange": phone[5:8], "line": phone[8:]}),
        "serial split over streamed events": streamed(home),
        "name in upper case without accents": page(name.upper()),
        "family name first": page(", ".join(reversed(name.split()))),
        "abbreviated street": page(place.street.replace("Street", "St.")),
        "cache bleeds between sessions": session_mix_up(home),
        "sequential ids": page("".join(f'<a href="/clips/{1041 + at}">clip</a>' for at in range(12))),
        "sequential ids in an API": data([{"id": f"clip-{7 + at}"} for at in range(9)]),
        "metrics with device labels": octets(f'clips_total{{device="{device.site_id}"}} 4\n'.encode(), "text/plain"),
        "log line at /debug/log": octets(f"INFO kept clip of {mail}\n".encode(), "text/plain"),
        "open API example": data({"openapi": "3.1", "example": {"caller": phone}}),
        "JSON in JSON": data({"payload": json.dumps({"who": json.dumps({"name": name})})}),
        "a contact check that takes longer for a match": contact_check(home),
        "retained message with the serial": {"leaves": lambda: left_on_a_broker(serial)},
        "salt shown beside the hash": data({"salt": "", "hash": digest}),
    }  # fmt: skip


_WORDS = "zero one two three four five six seven eight nine".split()


def _jwt(claims: dict[str, str]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


def _tile(latitude: float, longitude: float, zoom: int = 18) -> str:
    import math

    turn = math.asinh(math.tan(math.radians(latitude)))
    return f"{zoom}/{int((longitude + 180) / 360 * 2**zoom)}/{int((1 - turn / math.pi) / 2 * 2**zoom)}"
