"""Digests of many values at once are those of one value at a time, and those that other libraries make."""

import hashlib
import uuid

import mmh3
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.leaks.match.digests import COMMON, OTHERS, heads

ALL = (*COMMON, *OTHERS)
BY_NAME = {algorithm.name: algorithm for algorithm in ALL}


def test_the_beginnings_are_those_of_the_digests_in_more_than_one_block() -> None:
    values = [b"+1541555%d" % at for at in range(20_000)]
    table = np.empty((len(ALL), len(values)), np.uint64)
    heads(ALL, values, table)
    for row, algorithm in enumerate(ALL):
        for at in (0, 1, 8_191, 8_192, 16_384, len(values) - 1):
            assert int(table[row, at]) == int.from_bytes(algorithm.digest(values[at])[:8], "big"), algorithm.name


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
    heads(ALL, [], guarded[:, :0])
    assert (guarded == 7).all()
