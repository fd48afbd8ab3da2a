"""Positive controls: planted leaks of a made-up household, served over HTTP, which the detector must find.

They go the same way as the real responses. The code that plants shares no function with the code that finds. This
module uses `base64`, `gzip`, `json`, `html` and string formatting. The search uses `binascii`, `zlib`, regular
expressions and `urllib`.
"""

import base64
import gzip
import html
import json
import random
import struct
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.request import urlopen

import msgspec

from gateway.files import BadFile, reason_of
from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret

LABEL = "CONTROL"
INDEX = "/controls.json"

_STARTS = ("Bra", "Cor", "Dro", "Fen", "Gal", "Hul", "Jor", "Kel", "Mor", "Pel", "Quo", "Tre", "Vos", "Wex", "Zan")
_MIDDLES = ("ba", "delo", "fi", "gra", "hemi", "ku", "lo", "menda", "ri", "stu", "va")
_ENDS = ("bistra", "dwick", "fenna", "gramor", "kendil", "lothan", "mirra", "quista", "thorne", "vandle", "zelle")


class Plant(msgspec.Struct, frozen=True, kw_only=True):
    """One planted leak. Whoever fetches `path` must find `field` of the control household."""

    name: str
    path: str
    field: str


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `/controls.json`: whom to look for (as in identities.json) and where it is planted."""

    household: dict[str, Any]
    plants: tuple[Plant, ...]


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """What the control server answers with."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = {}
    field: str


def control_household(seed: int) -> Household:
    """A household that cannot exist. Its names are made up, its numbers fictitious, its home lies in the middle of an
    ocean.
    """
    rng = random.Random(f"control {seed}")
    given, family = _name(rng), _name(rng)
    return Household(
        household_id=LABEL,
        customer_id=f"CTL-{rng.getrandbits(48):012X}",
        devices=(Device(site_id=f"control-{rng.getrandbits(32):08x}", serial=f"G0CTL{rng.randrange(10**11):011d}"),),
        home=Place(
            street=f"{rng.randrange(1000, 10_000)} {_name(rng)} Street",
            latitude=round(-48.5 - rng.random() / 2, 6),
            longitude=round(-123.0 - rng.random() / 2, 6),
        ),
        members=(
            Member(
                person_id="CONTROL-1",
                name=f"{given} {family}",
                given_name=given,
                family_name=family,
                phones=(f"+1{rng.randrange(201, 990)}55501{rng.randrange(100):02d}",),
                emails=(f"{given}.{family}@example.org".lower(),),
            ),
        ),
        contacts=(Contact(name=f"{_name(rng)} {_name(rng)}"),),
        secrets=(Secret(kind="bank_account", value=f"{rng.randrange(10**11, 10**12)}"),),
    )


def with_control(identities: Identities, control: Household) -> Identities:
    """Identities and the control household, for a detector that is to find both."""
    return identities.model_copy(update={"households": (*identities.households, control)})


def plants(control: Household) -> dict[str, Planted]:
    """What is served, by name. There is one plant for each channel and encoding that the search must read."""
    person, home, device = control.members[0], control.home, control.devices[0]
    if home is None or person.name is None or device.serial is None:
        raise ValueError("a control household has a home, a name and a serial")
    phone, name, email = person.phones[0], person.name, person.emails[0]
    area, exchange, line = phone[2:5], phone[5:8], phone[8:]
    zipped = gzip.compress(json.dumps({"contact": control.contacts[0].name}).encode())
    place = {"lat": home.latitude, "lon": home.longitude}
    return {
        "exact": _page(name, "members.name"),
        "case_and_accents": _page(_disguised(name), "members.name"),
        "family_name_first": _page(", ".join(reversed(name.split())), "members.name"),
        "phone_e164": _page(phone, "members.phones"),
        "phone_national": _page(f"({area}) {exchange}-{line}", "members.phones"),
        "phone_dots": _page(f"{area}.{exchange}.{line}", "members.phones"),
        "phone_in_markup": _page(f"<b>{area}</b> <i>{exchange}</i> <i>{line}</i>", "members.phones"),
        "base64": _page(base64.b64encode(f"id={device.serial}".encode()).decode(), "devices.serial"),
        "base64_url_unpadded": _page(
            base64.urlsafe_b64encode(f"{{{email}}}".encode()).decode().rstrip("="), "members.emails"
        ),
        "hex": _page("".join(f"{byte:02x}" for byte in email.encode()), "members.emails"),
        "percent_in_header": _in_header("X-Note", "".join(f"%{b:02X}" for b in name.encode()), "members.name"),
        "location_header": _in_header("Content-Location", f"/clips/{device.site_id}.wav", "devices.site_id"),
        "html_entities": _page("".join(f"&#{ord(char)};" for char in name), "members.name"),
        "html_attribute": _page(f'<a title="{html.escape(control.customer_id or "")}">x</a>', "customer_id"),
        "json_escaped": _json('{"note": "' + "".join(f"\\u{ord(c):04x}" for c in name) + '"}', "members.name"),
        "json_in_json": _json(json.dumps({"note": json.dumps({"street": home.street})}), "home.street"),
        "coordinates": _json(json.dumps({"device": place}), "home.latitude"),
        "coordinates_swapped": _page(f"at {home.longitude:.4f}, {home.latitude:.4f}", "home.latitude"),
        "secret_with_spaces": _page(" ".join(_fours(control.secrets[0].value)), "secrets.value"),
        "gzip_body": Planted(body=zipped, content_type="application/octet-stream", field="contacts.name"),
        "four_deep": _page(base64.b64encode(_percent(zipped)).hex(), "contacts.name"),
        "wav_chunk": Planted(body=_wav(name.encode()), content_type="audio/wav", field="members.name"),
        "wav_trailer": Planted(
            body=_wav(b"") + f"..{phone}..".encode(), content_type="audio/wav", field="members.phones"
        ),
    }


class ControlServer:
    """Serves the plants on a free loopback port, in a thread, until the `with` block ends."""

    def __init__(self, control: Household) -> None:
        self.control = control
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(plants(control), control))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ControlServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def fetch_index(url: str) -> Index:
    """The plants of a control server. Raises BadFile if nobody answers there, or the answer is no list of controls."""
    try:
        with urlopen(f"{url}{INDEX}", timeout=10) as answer:  # noqa: S310 (an address the caller was given)
            return msgspec.json.decode(answer.read(), type=Index)
    except (OSError, ValueError) as error:
        raise BadFile(f"{url}{INDEX}: no list of controls ({reason_of(error)})") from None


def _handler_of(served: Mapping[str, Planted], control: Household) -> type[BaseHTTPRequestHandler]:
    index = Index(
        household=control.model_dump(mode="json", exclude_none=True),
        plants=tuple(Plant(name=name, path=f"/{name}", field=plant.field) for name, plant in served.items()),
    )
    pages = {f"/{name}": plant for name, plant in served.items()}
    pages[INDEX] = Planted(body=msgspec.json.encode(index), content_type="application/json", field="")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            if page is None:
                self.send_error(404)
                return
            self.send_response(200)
            for key, value in {"Content-Type": page.content_type, **page.headers}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
            """Logs nothing. The paths name plants, and stderr belongs to the run."""

    return Handler


def _page(text: str, field: str) -> Planted:
    return Planted(body=f"<p>Note: {text}</p>".encode(), field=field)


def _json(text: str, field: str) -> Planted:
    return Planted(body=text.encode(), content_type="application/json", field=field)


def _in_header(name: str, value: str, field: str) -> Planted:
    return Planted(body=b"ok", headers={name: value}, field=field)


def _name(rng: random.Random) -> str:
    return rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)


def _disguised(name: str) -> str:
    """The text in upper case, with a fullwidth first letter, accents as separate marks, a zero-width space and a wide
    one.
    """
    wide = chr(ord(name[0].upper()) + 0xFEE0)
    return f"{wide}{name[1:].upper()}".replace("A", "A\u0301").replace("E", "E\u200b\u0308").replace(" ", "\u2003")


def _fours(digits: str) -> Iterator[str]:
    return (digits[at : at + 4] for at in range(0, len(digits), 4))


def _percent(data: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in data).encode()


def _wav(note: bytes) -> bytes:
    """A tenth of a second of quiet noise, with `note` as a comment after the samples."""
    samples = random.Random(len(note)).randbytes(3200)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
    comment = b"INFO" + struct.pack("<4sI", b"ICMT", len(note)) + note + b"\0" * (len(note) % 2)
    chunks = b"WAVE" + form + struct.pack("<4sI", b"data", len(samples)) + samples
    if note:
        chunks += struct.pack("<4sI", b"LIST", len(comment)) + comment
    return struct.pack("<4sI", b"RIFF", len(chunks)) + chunks
