"""What no reader knows: named when it hides something or is of no known kind, silent when it is text."""

import random
import struct
from collections.abc import Callable
from typing import Any

import pytest

from scenarios.leaks.sources.containers import unopened
from scenarios.leaks.sources.reader.content import Content

HIVE = b"regf" + struct.pack("<II", 1, 1) + bytes(500) + b"hbin" + bytes(4_000)
NUMBERS = struct.pack("<160q", *range(12_315_550_000, 12_315_550_160))
PLAIN = {
    "program": b"\x7fELF\x02\x01\x01" + bytes(60) + b"text",
    "class": b"\xca\xfe\xba\xbe\x00\x00\x00\x41" + bytes(40),
    "zone": b"TZif2" + bytes(60),
    "table": bytes([3, 126, 11, 29]) + struct.pack("<IHH", 2, 161, 90) + bytes(200),
    "zeros": bytes(5_000),
}
TEXTS = {
    "utf-8": "Grüße aus Köln\n".encode() * 20,
    "utf-16": "plain words\n".encode("utf-16") * 1,
    "latin-1": "une fenêtre ouverte à côté de la forêt\n".encode("latin-1") * 20,
    "colours": b"\x1b[31mred\x1b[0m line\r\n" * 40,
    "one odd byte": b"a long line of an ordinary log with words in it\n" * 20 + b"\x01",
}


ENVELOPED = b"\x30\x82\x01\xf7\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + NUMBERS


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (HIVE, "registry hive"),
        (NUMBERS, "unknown"),
        (b"wOF2" + NUMBERS, "woff"),
        (ENVELOPED, "enveloped data"),
        (b"U2FsdGVkX18AAQIDBAUGB5l3\n" * 3, "openssl"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n3962\n", "ansible vault"),
    ],
)
def test_said(seen: Callable[..., Any], data: bytes, kind: str) -> None:
    assert seen(data).unread == [(kind, "unknown container")]


@pytest.mark.parametrize("data", [*PLAIN.values(), *TEXTS.values()], ids=[*PLAIN, *TEXTS])
def test_silent(data: bytes) -> None:
    assert unopened(Content((data,)), strict=True) is None


def test_a_cursor_is_no_broken_log_of_kafka(seen: Callable[..., Any]) -> None:
    """The third word of an X cursor stands where Kafka says the version of a batch."""
    sizes = (24, 32, 48, 64, 96)
    listed = b"".join(struct.pack("<III", 0xFFFD0002, size, 76 + size) for size in sizes)
    cursor = b"Xcur" + struct.pack("<III", 16, 0x10000, len(sizes)) + listed + struct.pack("<9I", *range(9)) * 90
    assert cursor[16] == 2
    assert seen(cursor).unread == []


def test_noise_is_said_in_any_place() -> None:
    noise = random.Random(3).randbytes(4_000)
    assert unopened(Content((noise,))).kind == "unknown"
    assert unopened(Content((NUMBERS,))) is None
