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
