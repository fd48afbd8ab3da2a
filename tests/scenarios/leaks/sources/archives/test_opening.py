"""Archives and compressed streams: what they hold is found, what is cut, locked or hidden is found or noted."""

import bz2
import gzip
import io
import lzma
import random
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import cramjam
import pyarrow
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.leaks.sources.archives.streams import is_brotli
from scenarios.leaks.sources.reader.content import Content
from tests.scenarios.leaks.sources.conftest import FIELDS, TEXT

DATA = (f"line of a log {'x' * 40}\n" * 50 + TEXT).encode()
EXAMPLES = Path(__file__).parent.parent / "examples"


def zipped(method: int = zipfile.ZIP_DEFLATED, data: bytes = DATA, name: str = "a.txt") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr(name, data)
    return made.getvalue()


def tarred(data: bytes = DATA, mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("var/log/a.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def ar(data: bytes) -> bytes:
    return b"!<arch>\n" + b"a.txt/".ljust(16) + b"0".ljust(32) + str(len(data)).encode().ljust(10) + b"`\n" + data


MADE = {
    "gzip": gzip.compress,
    "bzip2": lambda data: bz2.compress(data, 1),
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": lambda data: zlib.compress(data, 9),
    "brotli": brotli.compress,
    "zstd": lambda data: pyarrow.compress(data, "zstd", asbytes=True),
    "lz4": lambda data: bytes(cramjam.lz4.compress(data)),
    "snappy": lambda data: bytes(cramjam.snappy.compress(data)),
    "tar": tarred,
    "ar": ar,
    "zip": lambda data: zipped(data=data),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_value_inside_is_found_and_a_clean_one_passes(seen: Callable[..., Any], kind: str) -> None:
    planted = seen(MADE[kind](DATA))
    assert planted.fields >= FIELDS
    assert planted.unread == []
    assert any(how.startswith(kind) for how in planted.how)
    clean = seen(MADE[kind](DATA.replace(TEXT.encode(), b"nothing\n")))
    assert (clean.fields, clean.unread) == (set(), [])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_by_every_method_of_the_standard_library(seen: Callable[..., Any], method: int) -> None:
    assert seen(zipped(method)).fields >= FIELDS


def test_seven_zip_of_another_program(seen: Callable[..., Any]) -> None:
    assert seen(EXAMPLES / "7z.7z").fields >= {"members.name", "members.emails"}


def test_an_encrypted_archive_is_noted_and_its_names_are_read(seen: Callable[..., Any]) -> None:
    assert seen(EXAMPLES / "zip_encrypted.zip").unread == [("zip", "encrypted")]


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "lz4", "zip", "tar"])
def test_what_is_cut_off_is_read_as_far_as_it_goes_and_noted(seen: Callable[..., Any], kind: str) -> None:
    noise = random.Random(kind).randbytes(120_000).hex().encode()
    whole = MADE[kind](DATA + noise)
    cut = seen(whole[: len(whole) * 9 // 10])
    assert cut.fields >= FIELDS
    assert "damaged" in {why for _, why in cut.unread}


def test_two_members_of_one_name_are_both_read(seen: Callable[..., Any]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", DATA)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", b"nothing")
    assert seen(made.getvalue()).fields >= FIELDS


def test_a_member_the_directory_does_not_list_is_read(seen: Callable[..., Any]) -> None:
    hidden, shown = zipped(name="hidden.txt"), zipped(data=b"nothing", name="shown.txt")
    local = hidden[: hidden.index(b"PK\x01\x02")]
    end = bytearray(shown)
    at = end.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", end, at + 16)[0]
    struct.pack_into("<I", end, at + 16, start + len(local))
    struct.pack_into("<I", end, end.index(b"PK\x01\x02") + 42, len(local))
    assert seen(local + bytes(end)).fields >= FIELDS


def test_one_inside_another(seen: Callable[..., Any]) -> None:
    nested = zipped(data=gzip.compress(tarred(bz2.compress(DATA))), name="x.tgz")
    assert {"zip gzip tar bzip2 exact"} <= seen(nested).how


def test_more_inside_one_another_than_the_bound_is_noted(seen: Callable[..., Any]) -> None:
    data = b"nothing"
    for _ in range(12):
        data = gzip.compress(data)
    assert "over bounds" in {why for _, why in seen(data).unread}


def test_a_long_stream_is_read_whole(seen: Callable[..., Any]) -> None:
    line = b"2026-11-28 INFO the lamp in the hall is on\n"
    assert seen(gzip.compress(line * 60_000 + TEXT.encode())).fields >= FIELDS


def test_empty_disks_in_an_archive_take_no_time(seen: Callable[..., Any]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(60):
            archive.writestr(f"disk{at}", bytes(4_000_000))
        archive.writestr("a.txt", DATA)
    found = seen(made.getvalue())
    assert (found.fields >= FIELDS, found.unread) == (True, [])


def test_a_missing_library_is_said(seen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios.leaks.sources import opened

    monkeypatch.setattr(opened, "find_spec", lambda module: None)
    found = seen(MADE["zstd"](DATA))
    assert found.unread == [("zstd", "missing extra")]
    assert "earlid[files]" in found.result.notes[0]


def test_every_reader_survives_damage(seen: Callable[..., Any]) -> None:
    rng = random.Random(3)
    for kind, make in MADE.items():
        whole = make(DATA)
        for _ in range(6):
            at = rng.randrange(len(whole))
            seen(whole[:at] + rng.randbytes(3) + whole[at + 3 :])
            seen(whole[:at])
        assert kind


def test_the_programs_zstd_and_lz4_are_read_too(seen: Callable[..., Any], tmp_path: Path) -> None:
    for program, suffix in (("zstd", "zst"), ("lz4", "lz4")):
        (tmp_path / "a").write_bytes(DATA)
        try:
            subprocess.run([program, "-q", "-f", tmp_path / "a", tmp_path / f"a.{suffix}"], check=True)
        except FileNotFoundError:
            pytest.skip(f"no program {program}")
        assert seen(tmp_path / f"a.{suffix}").fields >= FIELDS


def test_a_brotli_stream_that_was_cut_is_searched_and_said(seen: Callable[..., Any]) -> None:
    rng = random.Random(1)
    text = TEXT + "".join(f"line {rng.randrange(10**9)} of a log\n" for _ in range(200))
    found = seen(brotli.compress(text.encode())[:-40])
    assert "members.name" in found.fields
    assert found.unread != []


@given(st.text(min_size=12, max_size=300))
@example("Authors GNU list library by order GNU old Authors José Authors and")
def test_no_text_is_taken_for_brotli(text: str) -> None:
    assert not is_brotli(Content((text.encode(),)))


def _gzip_with(name: bytes = b"", comment: bytes = b"", extra: bytes = b"") -> bytes:
    """RFC 1952, 2.3: the file's name is the third optional field of a header, a comment the fourth."""
    flags = 4 * bool(extra) | 8 * bool(name) | 16 * bool(comment)
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6)
    head += (len(extra).to_bytes(2, "little") + extra) if extra else b""
    head += b"".join(text + b"\0" for text in (name, comment) if text)
    packed = zlib.compressobj(wbits=-15)
    return head + packed.compress(b"hi") + packed.flush() + struct.pack("<II", zlib.crc32(b"hi"), 2)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (_gzip_with(name=b"Tami Lutz.txt"), {"members.name"}), (_gzip_with(comment=TEXT.encode()), FIELDS),
        (_gzip_with(name=b"a", comment=TEXT.encode(), extra=b"xy" * 20), FIELDS),
        (_gzip_with(name=b"a", extra=b"Ap\x0f\0" + b"for Tami Lutz !"), {"members.name"}),
        (_gzip_with(name=b"Toni Lenz.txt", comment=b"somebody else"), set()),
    ],
)  # fmt: skip
def test_the_header_of_gzip_is_read(seen: Callable[[bytes], Any], data: bytes, fields: set[str]) -> None:
    found = seen(data)
    assert found.fields - {"members.given_name"} == fields
    assert not found.unread


PROGRAM = b"\x7fELF" + random.Random(3).randbytes(200).replace(b"7z", b"zz") * 10
SEVEN = (EXAMPLES / "7z.7z").read_bytes()


@pytest.mark.parametrize("program", [PROGRAM, b"MZ" + PROGRAM, b"#!/bin/sh\nexec tail\n"])
def test_an_archive_behind_a_program_is_opened(seen: Callable[[bytes], Any], program: bytes) -> None:
    assert seen(program + SEVEN).fields >= FIELDS


def test_a_file_system_behind_a_program_is_named(seen: Callable[[bytes], Any]) -> None:
    assert ("squashfs", "unknown container") in seen(PROGRAM + b"hsqs" + bytes(24) + b"\x04\0\0\0" + bytes(99)).unread


@pytest.mark.parametrize(
    "mark", [b"7z\xbc\xaf\x27\x1c", b"7z\xbc\xaf\x27\x1c\0\4", b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0", b"hsqs"]
)
def test_a_program_that_knows_archives_holds_none(seen: Callable[[bytes], Any], mark: bytes) -> None:
    assert not [kind for kind, _ in seen(PROGRAM + mark + PROGRAM).unread if kind != "unknown"]
