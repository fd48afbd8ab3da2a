"""Bytes -> the same bytes in one encoding, by the standard library, the format's own, or by writing symbols out.

Imports nothing of what takes them off. Text encodings give ASCII (or UTF-8), packings give any bytes.
"""

import base64
import binascii
import bz2
import codecs
import gzip
import io
import json
import lzma
import quopri
import zipfile
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import quote_from_bytes

import brotli
import lz4.frame
import zstandard

Encode = Callable[[bytes], bytes]
_DIGITS, _UPPER, _LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_Z85 = _DIGITS + _LOWER + _UPPER + ".-:+=^!/*?&<>()[]{}@%$#"
_B45 = _DIGITS + _UPPER + " $%*+-./:"


def _each(form: str) -> Encode:
    return lambda data: "".join(form.format(byte) for byte in data).encode()


def _chars(form: str, between: str = "") -> Encode:
    return lambda data: between.join(form.format(ord(char)) for char in data.decode("latin-1")).encode()


def _numeral(symbols: str) -> Encode:
    def written(data: bytes) -> bytes:
        number, out = int.from_bytes(data, "big"), ""
        while number:
            number, digit = divmod(number, len(symbols))
            out = symbols[digit] + out
        return out.encode()

    return written


def _groups(symbols: str, size: int, *, least_first: bool) -> Encode:
    def written(data: bytes) -> bytes:
        out = ""
        for at in range(0, len(data), size):
            group = data[at : at + size]
            number, digits = int.from_bytes(group, "big"), ""
            for _ in range(len(group) + 1):
                number, digit = divmod(number, len(symbols))
                digits += symbols[digit]
            out += digits if least_first else digits[::-1]
        return out.encode()

    return written


def _z85(data: bytes) -> bytes:
    return _groups(_Z85, 4, least_first=False)(data + b" " * (-len(data) % 4))


def _deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def _zip(method: int) -> Encode:
    def packed(data: bytes) -> bytes:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", method) as file:
            file.writestr("notes.txt", data)
        return archive.getvalue()

    return packed


def _uu(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 notes.txt\n" + b"".join(lines) + b"`\nend\n"


def _jwt(data: bytes) -> bytes:
    parts = (b'{"alg":"HS256","typ":"JWT"}', json.dumps({"sub": data.decode("latin-1")}).encode(), b"s" * 32)
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


TEXT: Mapping[str, Encode] = {
    "percent": _each("%{:02X}"),
    "percent where needed": lambda data: quote_from_bytes(data, safe="").encode(),
    "percent u": _chars("%u{:04x}"),
    "base64": base64.b64encode,
    "base64 url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64 in lines": lambda data: base64.encodebytes((data + b"\n") * 3),
    "base32": base64.b32encode,
    "base32 lower case": lambda data: base64.b32encode(data).lower().rstrip(b"="),
    "base36": _numeral(_DIGITS + _LOWER),
    "base45": _groups(_B45, 2, least_first=True),
    "base58": _numeral("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    "base62": _numeral(_DIGITS + _UPPER + _LOWER),
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
    "z85": _z85,
    "hex": lambda data: data.hex().encode(),
    "hex upper case": lambda data: data.hex().upper().encode(),
    "hex with colons": lambda data: data.hex(":").encode(),
    "entities": _chars("&#{};"),
    "hex entities": _chars("&#x{:x};"),
    "u escapes": _chars("\\u{:04x}"),
    "x escapes": _each("\\x{:02x}"),
    "braced escapes": _chars("\\x{{{:x}}}"),
    "octal": _each("\\{:03o}"),
    "U+": _chars("U+{:04X}", " "),
    "array of bytes": lambda data: json.dumps({"type": "Buffer", "data": list(data)}).encode(),
    "bits": lambda data: " ".join(f"{byte:08b}" for byte in data).encode(),
    "quoted-printable": lambda data: "".join(f"={byte:02X}" for byte in data).encode(),
    "quoted-printable where needed": lambda data: quopri.encodestring(data, quotetabs=True),
    "uuencode": _uu,
    "repr of bytes": lambda data: repr(data).encode(),
    "JSON": lambda data: json.dumps({"v": data.decode("latin-1")}).encode(),
    "JSON in JSON": lambda data: json.dumps(json.dumps({"v": data.decode("latin-1")})).encode(),
    "jwt": _jwt,
    "reversed": lambda data: data.decode("latin-1")[::-1].encode("latin-1"),
    "rot13": lambda data: codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1"),
    "key 0x5a in hex": lambda data: bytes(byte ^ 0x5A for byte in data).hex().encode(),
}
PACKED: Mapping[str, Encode] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "deflate": _deflate,
    "brotli": brotli.compress,
    "bzip2": lambda data: bz2.compress(data, 3),
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "lz4": lambda data: bytes(lz4.frame.compress(data)),
    "zip": _zip(zipfile.ZIP_DEFLATED),
    "zip, stored": _zip(zipfile.ZIP_STORED),
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16"),
    "utf-16 big-endian": lambda data: data.decode("latin-1").encode("utf-16-be"),
    "utf-32": lambda data: data.decode("latin-1").encode("utf-32"),
}
ENCODERS: Mapping[str, Encode] = {**TEXT, **PACKED}
# What loses or cannot carry what another gives: they take text alone.
TEXT_ONLY = frozenset(
    {"rot13", "reversed", "percent u", "U+", "key 0x5a in hex", "utf-16", "utf-16 big-endian", "utf-32"}
)
