"""Plants leaks: every field, in every encoding, in every channel. Imports nothing of what finds them.

Where the detector has a reader of its own (base32, base85, zip headers, quoted-printable, brotli's framing) the
standard library or the format's own library writes here; where the detector uses a library, string formatting does.
"""

import base64
import bz2
import codecs
import gzip
import html
import io
import json
import lzma
import quopri
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import brotli
import msgspec

from gateway.identities import Household
from scenarios.leaks.scorecard.placed import notations

_HOME = "home.latitude"
Encode = Callable[[bytes], bytes]
Write = Callable[[bytes], bytes]


class Plant(msgspec.Struct, frozen=True, kw_only=True):
    """One planted leak: `field` of the household in `data`, which travels as a part of kind `kind`."""

    channel: str
    kind: str
    encoding: str
    field: str
    data: bytes


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value stands. `binary` channels carry any bytes, the others only printable ASCII."""

    kind: str
    write: Write
    binary: bool = False


def values(home: Household) -> Mapping[str, str]:
    """Field -> the text that gives it away."""
    place, person, device = home.home, home.members[0], home.devices[0]
    if place is None:
        raise ValueError("a planted household has a home")
    return {
        "members.name": person.name or "",
        "members.phones": person.phones[0],
        "members.emails": person.emails[0],
        "customer_id": home.customer_id or "",
        "devices.serial": device.serial or "",
        "devices.site_id": device.site_id,
        "home.street": place.street or "",
        "home.latitude": f"{place.latitude}, {place.longitude}",
        "contacts.name": home.contacts[0].name or "",
        "secrets.value": home.secrets[0].value,
    }


def _zip(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("export/notes.txt", data)
    return archive.getvalue()


def _deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def _jwt(data: bytes) -> bytes:
    parts = (b'{"alg":"HS256","typ":"JWT"}', json.dumps({"sub": data.decode("latin-1")}).encode(), data[::-1] * 2)
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def _base58(data: bytes) -> bytes:
    """Digits from the last to the first, as Bitcoin's addresses are written."""
    symbols, number = bytearray(), int.from_bytes(data, "big")
    while number:
        number, digit = divmod(number, 58)
        symbols.append(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit])
    return bytes(reversed(symbols))


def _each(form: str) -> Encode:
    return lambda data: "".join(form.format(byte) for byte in data).encode()


def _broken_lines(data: bytes) -> bytes:
    """Quoted-printable with a soft break every five bytes."""
    return b"=\n".join(quopri.encodestring(data[at : at + 5]) for at in range(0, len(data), 5))


def _rot13(data: bytes) -> bytes:
    return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")


TEXT_ENCODINGS: Mapping[str, Encode] = {
    "plain": bytes,
    "upper case": bytes.upper,
    "percent": _each("%{:02X}"),
    "percent twice": _each("%25{:02x}"),
    "base64": base64.b64encode,
    "base64 url unpadded": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64 offset 1": lambda data: base64.b64encode(b" " + data),
    "base64 offset 2": lambda data: base64.b64encode(b"x " + data),
    "base64 glued to a word": lambda data: b"id" + base64.b64encode(data),
    "base32": base64.b32encode,
    "base58": lambda data: _base58(data),
    "base85": base64.b85encode,
    "ascii85": lambda data: base64.a85encode(data, adobe=True),
    "hex": lambda data: data.hex().encode(),
    "hex with colons": lambda data: data.hex(":").encode(),
    "html decimal": _each("&#{};"),
    "html hex": _each("&#x{:x};"),
    "\\u escapes": _each("\\u{:04x}"),
    "\\x escapes": _each("\\x{:02x}"),
    "quoted-printable": _broken_lines,
    "jwt": _jwt,
    "json in json": lambda data: json.dumps(json.dumps({"v": data.decode("latin-1")})).encode(),
    "reversed": lambda data: data[::-1],
    "rot13": _rot13,
    "base64 reversed": lambda data: base64.b64encode(data)[::-1],
    "base64 rot13": lambda data: _rot13(base64.b64encode(data)),
}  # fmt: skip
BINARY_ENCODINGS: Mapping[str, Encode] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "deflate": _deflate,
    "brotli": brotli.compress,
    "zip": _zip,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16"),
    "utf-16 big-endian": lambda data: data.decode("latin-1").encode("utf-16-be"),
}


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WAVE" + b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


_FORM = (b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
_SOUND = (b"data", random.Random(7).randbytes(3_200))

CHANNELS: Mapping[str, Channel] = {
    "status line": Channel(kind="status_line", write=lambda v: b"200 " + v),
    "ETag": Channel(kind="response_header", write=lambda v: b'etag: "' + v + b'"'),
    "Location": Channel(kind="response_header", write=lambda v: b"location: /clips?next=" + v),
    "Set-Cookie": Channel(kind="response_header", write=lambda v: b"set-cookie: s=" + v + b"; HttpOnly"),
    "Content-Disposition": Channel(
        kind="response_header", write=lambda v: b'content-disposition: attachment; filename="' + v + b'.wav"'
    ),
    "URL": Channel(kind="url", write=lambda v: b"http://review.test/clips/" + v + b"?page=2"),
    "HTML text": Channel(kind="response_body", write=lambda v: b"<p>Clip of <b>" + v + b"</b></p>"),
    "HTML attribute": Channel(kind="response_body", write=lambda v: b"<p data-owner='" + v + b"'>clip</p>"),
    "HTML comment": Channel(kind="response_body", write=lambda v: b"<p>clip</p><!-- " + v + b" -->"),
    "script": Channel(kind="response_body", write=lambda v: b"<script>var owner = '" + v + b"';</script>"),
    "JSON value": Channel(kind="response_body", write=lambda v: b'{"clip": 1, "note": "' + v + b'"}'),
    "JSON key": Channel(kind="response_body", write=lambda v: b'{"' + v + b'": {"clips": 3}}'),
    "CSV export": Channel(kind="response_body", write=lambda v: b"ref,owner\n81,\t" + v + b"\t\n"),
    "error page": Channel(kind="response_body", write=lambda v: b"<h1>500</h1><pre>KeyError: '" + v + b"'</pre>"),
    "server-sent event": Channel(kind="response_body", write=lambda v: b"event: clip\ndata: " + v + b"\n\n"),
    "log line": Channel(kind="file", write=lambda v: b"10:00:01 INFO kept clip for " + v + b" in 3 ms\n"),
    "metric label": Channel(kind="file", write=lambda v: b'clips_total{owner="' + v + b'"} 3\n'),
    "file name": Channel(kind="file_name", write=lambda v: b"exports/" + v + b".wav"),
    "octets": Channel(kind="response_body", write=bytes, binary=True),
    "WAV comment": Channel(
        kind="response_body",
        write=lambda v: _riff(_FORM, _SOUND, (b"LIST", b"INFOICMT" + struct.pack("<I", len(v)) + v)),
        binary=True,
    ),
    "WAV spare chunk": Channel(
        kind="response_body", write=lambda v: _riff(_FORM, (b"JUNK", v), _SOUND), binary=True
    ),
    "WAV trailing bytes": Channel(kind="response_body", write=lambda v: _riff(_FORM, _SOUND) + v, binary=True),
}  # fmt: skip


def every_cell(home: Household) -> list[Plant]:
    """Channel x encoding x field, once each. Text channels carry compressed values as base64."""
    known = values(home)
    plants = []
    for channel in CHANNELS:
        for encoding in (*TEXT_ENCODINGS, *BINARY_ENCODINGS):
            plants += [
                plant(channel, (encoding,), field, value)
                for field, value in known.items()
                if _sensible(channel, encoding, field)
            ]
    return plants


def every_notation(home: Household) -> list[Plant]:
    """The home in each notation, in each channel that is no markup of its own."""
    place = home.home
    if place is None or place.latitude is None or place.longitude is None:
        return []
    written = notations(place.latitude, place.longitude)
    channels = ("JSON value", "HTML text", "URL", "CSV export", "log line", "WAV comment", "octets")
    made = []
    for name, text in written.items():
        for channel in channels:
            data = text.encode() if channel != "JSON value" else text.replace('"', '\\"').encode()
            where = CHANNELS[channel]
            made.append(
                Plant(channel=channel, kind=where.kind, encoding=f"place: {name}", field=_HOME, data=where.write(data))
            )
    return made


def random_chains(home: Household, rng: random.Random, count: int, depth: int) -> list[Plant]:
    """Chains of two and more encodings, to `depth` decoding steps, in random order and place: no list to tune to."""
    known = values(home)
    names = [*(name for name in TEXT_ENCODINGS if _chains(name)), *_COMPRESSED]
    made = []
    for _ in range(count):
        chain = [rng.choice(names)]
        for name in rng.choices(names, k=rng.randint(1, depth - 2)):
            if sum(map(_steps, chain)) + _steps(name) < depth:  # one is left for the channel's own base64
                chain.append(name)
        field = rng.choice(sorted(known))
        made.append(plant(rng.choice(sorted(CHANNELS)), tuple(chain), field, known[field]))
    return made


_COMPRESSED = ("gzip", "zlib", "zip", "brotli", "deflate", "bzip2", "xz")


def _steps(name: str) -> int:
    """A token's claims are base64 of JSON, which escapes what it holds."""
    return 2 if name == "jwt" else 1


def plant(channel: str, chain: tuple[str, ...], field: str, value: str) -> Plant:
    """The chain is applied from the inside out; what a channel cannot carry goes through base64 at the end."""
    place, data = CHANNELS[channel], value.encode()
    for encoding in chain:
        data = (TEXT_ENCODINGS.get(encoding) or BINARY_ENCODINGS[encoding])(data)
    name = " > ".join(reversed(chain))
    if not place.binary and chain[-1] in BINARY_ENCODINGS:
        data, name = base64.b64encode(data), f"base64 > {name}"
    elif not place.binary and chain[-1] in ("ascii85", "base85") and "HTML" in channel:
        data = html.escape(data.decode()).encode()
    return Plant(channel=channel, kind=place.kind, encoding=name, field=field, data=place.write(data))


def _sensible(channel: str, encoding: str, field: str) -> bool:
    """A header holds no line breaks, quotes inside quotes need an escape of their own; a coordinate written
    backwards is listed as untested."""
    if encoding == "reversed" and field == "home.latitude":
        return False
    return not (encoding in ("json in json", "quoted-printable") and not CHANNELS[channel].binary)


def _chains(name: str) -> bool:
    return name in {
        "percent", "base64", "base64 url unpadded", "base32", "base85", "ascii85", "hex", "hex with colons",
        "html decimal", "html hex", "\\u escapes", "\\x escapes", "jwt",
    }  # fmt: skip
