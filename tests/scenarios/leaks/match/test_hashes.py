import base64
import hashlib
import zlib

import mmh3
import pytest

from gateway.identities import Household, Identities, Member, Place, Secret
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

HOME = Household(
    household_id="H1",
    home=Place(street="87 Windermere Street"),
    members=(
        Member(person_id="P1", name="Rosalind Quintero", phones=("+15415550142",), emails=("thess.m+x@example.net",)),
    ),
    secrets=(Secret(kind="card", value="5500005555555559"), Secret(kind="ssn", value="987-65-4323")),
)
DETECTOR = LeakDetector(Identities(schema=1, households=(HOME,)))
BODY = Where(kind="response_body", name="r")


def found(data):
    return {finding.field for finding in DETECTOR.scan_bytes(data if isinstance(data, bytes) else data.encode(), BODY)}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("87 Windermere Street", "home.street"),
        ("(541) 555-0142", "members.phones"),
        ("541-555-0142", "members.phones"),
        ("+1 541-555-0142", "members.phones"),
        ("5500 0055 5555 5559", "secrets.value"),
        ("5500-0055-5555-5559", "secrets.value"),
        ("987654323", "secrets.value"),
        ("thess.m@example.net", "members.emails"),
        ("thessm@example.net", "members.emails"),
        (base64.b64encode(b"thess.m+x@example.net").decode(), "members.emails"),
        (b"+15415550142".hex(), "members.phones"),
    ],
)
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_what_people_hash_of_a_value_is_the_value(value, field, algorithm):
    digest = hashlib.new(algorithm, value.encode())
    assert field in found(digest.hexdigest())
    assert field in found(b"\x81\x04" + digest.digest() + b"\x00\xff")
    assert field in found(f"id={base64.urlsafe_b64encode(digest.digest()).decode()}")


@pytest.mark.parametrize("algorithm", ["ripemd160", "sha3_224", "sha3_384", "sha512", "blake2b"])
def test_less_common_functions(algorithm):
    if algorithm not in hashlib.algorithms_available:
        pytest.skip("not in this OpenSSL")
    assert "members.phones" in found(hashlib.new(algorithm, b"+15415550142").hexdigest())


def test_hashes_of_hashes_and_short_ones():
    value = b"+15415550142"
    md5 = hashlib.md5(value).hexdigest()  # noqa: S324
    assert "members.phones" in found(hashlib.md5(md5.encode()).hexdigest())  # noqa: S324
    assert "members.phones" in found(hashlib.sha256(hashlib.sha256(value).digest()).hexdigest())
    assert "members.phones" in found(mmh3.hash_bytes(value).hex())
    assert "members.phones" in found(f"crc {zlib.crc32(value):08X}")
    assert "members.phones" in found(f'{{"h": {zlib.crc32(value)}}}')
    assert "members.phones" in found(f'{{"h": {mmh3.hash(value)}}}')


def test_random_bytes_are_no_hash():
    assert not found(hashlib.shake_256(b"seed").digest(40_000))
