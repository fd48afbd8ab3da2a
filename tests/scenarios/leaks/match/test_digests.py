"""Digests of many values at once are those of one value at a time, and those that other libraries make."""

import hashlib
import os
import signal
import uuid

import mmh3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.match.digests import COMMON, OTHERS, Wanted, heads, room_for

ALL = (*COMMON, *OTHERS)
BY_NAME = {algorithm.name: algorithm for algorithm in ALL}


@pytest.mark.parametrize("jobs", [1, 2, 3, 40])
def test_the_beginnings_are_those_of_the_digests_however_many_processes_make_them(jobs: int) -> None:
    values = [b"+1541555%d" % at for at in range(20_000)]
    table = room_for(len(ALL) * len(values), jobs=jobs).reshape(len(ALL), len(values))
    heads([Wanted(ALL, values, table)], jobs=jobs)
    for row, algorithm in enumerate(ALL):
        for at in (0, 1, 2_047, 2_048, 8_191, 8_192, 16_384, len(values) - 1):
            assert int(table[row, at]) == int.from_bytes(algorithm.digest(values[at])[:8], "big"), algorithm.name


@pytest.mark.parametrize("breaks", ["no fork", "killed"])
def test_what_a_process_did_not_do_is_done_here(monkeypatch: pytest.MonkeyPatch, breaks: str) -> None:
    fork, here = os.fork, os.getpid()

    def broken() -> int:
        if breaks == "no fork":
            raise BlockingIOError
        child = fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return child

    monkeypatch.setattr(os, "fork", broken)
    values = [b"%d" % at for at in range(5_000)]
    table = room_for(len(values), jobs=2).reshape(1, -1)
    heads([Wanted(COMMON[:1], values, table)], jobs=2)
    assert os.getpid() == here
    assert [int(each) for each in table[0]] == [
        int.from_bytes(hashlib.md5(value).digest()[:8], "big")  # noqa: S324
        for value in values
    ]


def test_it_says_how_far_it_is() -> None:
    values = [b"%d" % at for at in range(10_000)]
    said: list[float] = []
    heads([Wanted(COMMON, values, np.empty((len(COMMON), len(values)), np.uint64))], said=said.append)
    assert said == sorted(said)
    assert len(said) == 5
    assert said[-1] == 1


@given(st.binary(max_size=200))
def test_they_are_what_other_libraries_make(value: bytes) -> None:
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
        assert BY_NAME[name].digest(value) == hashlib.new(name, value).digest()
    inner = hashlib.sha1(value).hexdigest().encode()  # noqa: S324
    assert BY_NAME["md5 of sha1"].digest(value) == hashlib.md5(inner).digest()  # noqa: S324
    assert mmh3.hash_bytes(value) in [each.digest(value) for each in OTHERS if each.name == "murmur3"]


def test_a_uuid_of_a_name_is_that_of_the_standard_library() -> None:
    made = {each.digest(b"ada@example.net") for each in OTHERS if each.name in ("uuid3", "uuid5")}
    spaces = (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)
    assert made == {way(space, "ada@example.net").bytes for way in (uuid.uuid3, uuid.uuid5) for space in spaces}


def test_nothing_is_hashed_of_no_values() -> None:
    guarded = np.full((len(ALL), 1), 7, np.uint64)
    heads([Wanted(ALL, [], guarded[:, :0])], jobs=2)
    assert (guarded == 7).all()
