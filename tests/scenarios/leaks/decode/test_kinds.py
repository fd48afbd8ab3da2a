"""One value in every encoding that is read, each written by a library or by formatting, in surroundings of its own."""

import base64
import binascii
import bz2
import codecs
import json
import lzma
import quopri
import struct
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import lz4.frame
import pytest
import zstandard

from scenarios.leaks.decode.layers import Limits, decode

PLAIN = "Rosalind Quintero, 87 Elm Street"
WIDE = "Zoë Björnström"
B36 = "0123456789abcdefghijklmnopqrstuvwxyz"
B62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
B45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def numeral(symbols: str) -> Callable[..., Any]:
    def written(data: bytes) -> bytes:
        number, out = int.from_bytes(data, "big"), ""
        while number:
            number, digit = divmod(number, len(symbols))
            out = symbols[digit] + out
        return out.encode()

    return written


def z85(data: bytes) -> bytes:
    data += b" " * (-len(data) % 4)
    return "".join(
        _digits(int.from_bytes(data[at : at + 4], "big"), Z85, 5)[::-1] for at in range(0, len(data), 4)
    ).encode()


def _digits(number: int, symbols: str, size: int) -> str:
    return "".join(symbols[number // len(symbols) ** at % len(symbols)] for at in range(size))


def base45(data: bytes) -> bytes:
    pairs = [data[at : at + 2] for at in range(0, len(data), 2)]
    return "".join(_digits(int.from_bytes(pair, "big"), B45, len(pair) + 1) for pair in pairs).encode()


def uuencoded(data: bytes) -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return b"begin 644 note.txt\n" + b"".join(lines) + b" \nend\n"


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def small_window(data: bytes) -> bytes:
    stream = zlib.compressobj(6, zlib.DEFLATED, 10)
    return stream.compress(data) + stream.flush()


def keyed(key: int) -> Callable[..., Any]:
    return lambda data: bytes(code ^ key for code in data)


def cbor(data: bytes) -> bytes:
    size = bytes([0x60 + len(data)]) if len(data) < 24 else b"\x78" + bytes([len(data)])
    return b"\xa1\x64name" + size + data


TEXT: dict[str, Callable[[bytes], bytes]] = {
    "percent": lambda data: "".join(f"%{byte:02X}" for byte in data).encode(),
    "percent u": lambda data: "".join(f"%u{ord(char):04x}" for char in data.decode()).encode(),
    "U+": lambda data: " ".join(f"U+{ord(char):04X}" for char in data.decode()).encode(),
    "x in braces": lambda data: "".join(f"\\x{{{ord(char):x}}}" for char in data.decode()).encode(),
    "octal": lambda data: "".join(f"\\{byte:03o}" for byte in data).encode(),
    "octal of what is not ASCII": lambda data: "".join(chr(b) if b < 128 else f"\\{b:03o}" for b in data).encode(),
    "repr of bytes": lambda data: repr(data).encode(),
    "entities": lambda data: "".join(f"&#{ord(char)};" for char in data.decode()).encode(),
    "Buffer": lambda data: json.dumps({"type": "Buffer", "data": list(data)}).encode(),
    "signed bytes": lambda data: str([byte - 256 if byte > 127 else byte for byte in data]).encode(),
    "char codes": lambda data: f"String.fromCharCode({','.join(str(ord(c)) for c in data.decode())})".encode(),
    "bits": lambda data: " ".join(f"{byte:08b}" for byte in data).encode(),
    "quoted-printable": quopri.encodestring,
    "uuencode": uuencoded,
    "mojibake": lambda data: data.decode("latin-1").encode(),
    "base32 lower case": lambda data: base64.b32encode(data).lower(),
    "base36": numeral(B36),
    "base62": numeral(B62),
    "z85": z85,
    "base45": base45,
    "xor in hex": lambda data: keyed(0x5A)(data).hex().encode(),
    "reversed": lambda data: data.decode()[::-1].encode(),
    "rot13": lambda data: codecs.encode(data.decode(), "rot13").encode(),
    "cloudflare": lambda data: b'<a data-cfemail="2e' + keyed(0x2E)(data).hex().encode() + b'">[email]</a>',
}
BINARY = {
    "zlib": zlib.compress,
    "zlib, small window": small_window,
    "bzip2": lambda data: bz2.compress(data, 3),
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
}


def read(data: bytes, value: str) -> bool:
    return any(value in layer.text for layer in decode(data, Limits()).layers)


@pytest.mark.parametrize("around", [(b"", b""), (b'note "', b'" of clip 3\n')])
@pytest.mark.parametrize("name", TEXT)
def test_each_is_read(name: str, around: tuple[bytes, bytes]) -> None:
    value = PLAIN if name in ("xor in hex", "base36", "base45", "z85") else WIDE
    assert read(around[0] + TEXT[name](value.encode()) + around[1], value)


@pytest.mark.parametrize(
    "around", [(b"", b""), (b"--77\r\nContent-Type: x\r\n\r\n", b"\r\n--77--"), (bytes(range(200)), b"")]
)
@pytest.mark.parametrize("name", BINARY)
def test_each_compression_is_opened_anywhere(name: str, around: tuple[bytes, bytes]) -> None:
    assert read(around[0] + BINARY[name](PLAIN.encode()) + around[1], PLAIN)


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp037", "utf-7", "cp1252"]
)
def test_each_charset_is_read(charset: str) -> None:
    value = "Rosalind Quintero Street" if charset == "cp037" else WIDE
    assert read(value.encode(charset), value)
    assert charset in ("utf-7", "cp1252") or read(base64.b64encode(value.encode(charset)), value)


def test_one_wrong_byte_leaves_the_rest_as_it_is() -> None:
    assert read(b"caf\xe9; " + WIDE.encode(), WIDE)
    assert read(b"\xff\xfe\xfd " * 3 + WIDE.encode() + b" caf\xe9", "café")


def test_strings_behind_their_length_are_read_apart() -> None:
    texts = [layer.text.split("\n") for layer in decode(cbor(b"Rosalind Quintero"), Limits()).layers]
    assert any("Rosalind Quintero" in lines for lines in texts)
    texts = [
        layer.text.split("\n") for layer in decode(b"\x0a\x02\x83" + bytes([33]) + b"y" * 33 + b"\x01", Limits()).layers
    ]
    assert any("y" * 33 in lines for lines in texts)


def test_short_values_are_opened_raw() -> None:
    for value in (b"5500005555555559", b"541-555-0142", b"Rosalind Quintero"):
        for packed in (deflated(value), brotli.compress(value)):
            assert read(packed, value.decode())
            assert read(b'{"a": "' + base64.b64encode(packed) + b'"}', value.decode())


def test_a_zip_member_that_is_only_stored_is_read_apart() -> None:
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 5, 5, 4, 0)
    texts = [layer.text for layer in decode(head + b"nameQuintPK\x01\x02", Limits()).layers]
    assert "Quint" in texts


def test_inline_tags_and_colours_leave_nothing_and_others_a_space() -> None:
    for text in ("Rosa<wbr>lind Quin<b>tero</b>, 87 Elm Street", "\x1b[35mRosalind Quintero\x1b[0m, 87 Elm Street"):
        assert read(text.encode(), PLAIN)
    assert any(
        "Rosalind Quintero" in " ".join(layer.text.split())
        for layer in decode(b"<td>Rosalind</td><td>Quintero</td>", Limits()).layers
    )


def test_what_only_looks_deep_is_not_said_to_be() -> None:
    data = b'{"id": "7f3a", "note": ""{\\"who\\": \\"%36%30%48%55%45%30%30%35%38%31%31%39%36%30%33\\"}"", "n": 3}'
    assert decode(data, Limits()).cut is None


@pytest.mark.parametrize("text", ["김민수 010-2345-6789 서울", "山田太郎 03-1234-5678"])
@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_wide_text_of_asia_among_latin_signs_is_read(text: str, charset: str) -> None:
    written = json.dumps({"fullName": text, "phone": "x"}, ensure_ascii=False)
    assert read(written.encode(charset), text)
    assert read(base64.b64encode(written.encode(charset)), text)


@pytest.mark.parametrize("encode", [base64.b64encode, lambda data: data.hex().encode()])
def test_a_string_behind_its_length_ends_there(encode: Callable[[bytes], bytes]) -> None:
    """Java, DER and others write the sign of the next value right behind it; it looks like a letter."""
    values = ["Rosalind Quintero", "thessaly.m@example.net", "87 Elm Street, Rear House Behind The Mill"]
    each = (b"t\x00" + bytes([len(value)]) + value.encode() for value in values)
    written = b"\xac\xed\x00\x05" + b"".join(each) + b"xp"
    layers = decode(b"session=" + encode(written) + b";", Limits()).layers
    lines = {line for layer in layers for line in layer.text.splitlines()}
    assert set(values) <= lines


def test_wide_bytes_over_lines_of_a_registry_are_one_text() -> None:
    data = PLAIN.encode("utf-16-le")
    rows = [",".join(f"{code:02x}" for code in data[at : at + 20]) for at in range(0, len(data), 20)]
    assert read(('"who"=hex(2):' + ",\\\r\n  ".join(rows) + "\r\n").encode(), PLAIN)


def test_a_drawing_s_inline_marks_part_no_word() -> None:
    assert read(b"<Text>Rosal<cp IX='1'/>ind Quin<pp IX='0'/>tero, 8<tp IX='0'/>7 Elm Street</Text>", PLAIN)
