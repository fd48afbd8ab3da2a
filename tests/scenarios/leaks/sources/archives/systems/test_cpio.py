"""Packages, cabinets and images of discs, written by the systems' own programs: what they hold is found."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.leaks.sources.conftest import FIELDS

EXAMPLES = Path(__file__).parents[2] / "examples"
MADE = ("people-newc.cpio", "people-odc.cpio", "people-bin.cpio", "people-gzdio.rpm", "people-zstdio.rpm", "people.cab",
        "people.lz", "people.iso.gz")  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_files_in_it_are_found_and_nothing_is_left_unread(seen: Callable[..., Any], name: str) -> None:
    told = seen(EXAMPLES / name)
    assert told.fields >= FIELDS
    assert not told.unread


@pytest.mark.parametrize("name", MADE[:-1])
def test_what_is_cut_off_is_said_and_what_is_there_is_read(seen: Callable[..., Any], name: str) -> None:
    data = (EXAMPLES / name).read_bytes()
    told = seen(data[: len(data) * 2 // 3])
    assert told.unread or told.fields >= FIELDS


def test_an_initial_file_system_of_several_archives_is_read_to_its_end(seen: Callable[..., Any]) -> None:
    first = (EXAMPLES / "people-newc.cpio").read_bytes().replace(b"Tami Lutz", b"Nobody   ").replace(b"tami", b"none")
    second = gzip.compress((EXAMPLES / "people-newc.cpio").read_bytes())
    assert seen(first.ljust(8192, b"\0") + second).fields >= FIELDS


def test_members_of_lzip_one_after_the_other_are_read(seen: Callable[..., Any]) -> None:
    data = (EXAMPLES / "people.lz").read_bytes()
    told = seen(data + data)
    assert told.fields >= FIELDS
    assert not told.unread


def test_a_method_that_is_not_read_is_named(seen: Callable[..., Any]) -> None:
    data = bytearray((EXAMPLES / "people.cab").read_bytes())
    data[42] = 3  # LZX
    assert ("cab", "unknown container") in seen(bytes(data)).unread


@pytest.mark.parametrize(("at", "value"), [(25, 9), (8, 1), (9, 0)])
def test_what_only_begins_like_a_cabinet_is_not_read_as_an_empty_one(
    seen: Callable[..., Any], at: int, value: int
) -> None:
    data = bytearray(b"MSCF" + bytes(4) + (36).to_bytes(4, "little") + bytes(24))
    data[25] = 1
    assert not seen(bytes(data)).unread  # empty, and whole
    data[8:10] = bytes(2)
    data[at] = value
    assert ("cab", "damaged") in seen(bytes(data)).unread


def test_files_of_a_cabinet_that_lie_in_another_one_are_named(seen: Callable[..., Any]) -> None:
    data = bytearray((EXAMPLES / "people.cab").read_bytes())
    first = int.from_bytes(data[16:20], "little")
    data[first + 8 : first + 10] = b"\xfd\xff"  # continued from the cabinet before
    assert ("cab", "damaged") in seen(bytes(data)).unread
