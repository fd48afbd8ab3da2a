"""A small review tool with known leaks: one per channel. `--clean` serves the same routes without them.

Says "ready on http://127.0.0.1:PORT" on stdout. What leaks is read from an identities file.
"""

import argparse
import base64
import json
import random
import struct
from pathlib import Path

from gateway.identities import Household, load_identities
from tests.broken.serving import Handler, serve


def pages(home: Household, *, clean: bool) -> dict[str, tuple[int, dict[str, str], bytes]]:
    """Path -> status, headers, body."""
    person, device = home.members[0], home.devices[0]
    name = "somebody" if clean else person.name
    serial = "none" if clean else device.serial
    place = {} if clean else {"lat": home.home.latitude, "lon": home.home.longitude}
    spare = b"" if clean else person.emails[0].encode()
    error = "" if clean else f"No row for customer {home.customer_id}"
    phone = "" if clean else base64.b64encode(f"cb={person.phones[0]}".encode()).decode()
    return {
        "/": (200, {}, b"<p>A page without anybody in it.</p>"),
        "/clips/1": (200, {}, f"<p title='{name}'>clip</p>".encode()),
        "/api/clips/1": (200, {}, json.dumps({"clip": 1, **place}).encode()),
        "/audio/1": (200, {"Content-Type": "audio/wav"}, wav(spare)),
        "/tagged": (200, {"ETag": f'"{serial}"'}, b"ok"),
        "/moved": (302, {"Location": "/?cb=" + phone}, b""),
        "/error": (500, {}, f"<h1>Oops</h1>{error}".encode()),
    }


def wav(spare: bytes) -> bytes:
    sound = random.Random(1).randbytes(8000)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
    junk = struct.pack("<4sI", b"JUNK", len(spare)) + spare + b"\0" * (len(spare) % 2)
    chunks = b"WAVE" + form + junk + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(chunks)) + chunks


def serve_pages(home: Household, *, clean: bool) -> None:
    known = pages(home, clean=clean)

    class Pages(Handler):
        def get(self) -> None:
            self.answer(*known.get(self.path.partition("?")[0], (404, {}, b"nothing here")))

    serve(Pages)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("identities", type=Path)
    parser.add_argument("--clean", action="store_true")
    given = parser.parse_args()
    serve_pages(load_identities(given.identities).households[0], clean=given.clean)
