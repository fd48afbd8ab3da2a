import base64
import hashlib
import zlib
from datetime import date

import mmh3
import pytest

from gateway.identities import Household, Identities, Member, NationalId, Place, Secret
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

HOME = Household(
    household_id="H1",
    home=Place(street="87 Windermere Street"),
    members=(
        Member(
            person_id="P1", name="Rosalind Quintero", phones=("+15415550142",), emails=("thess.m+x@example.net",),
            user_ids=("quin_rosa71",), birth_date=date(1971, 9, 4),
            national_ids=(NationalId(country="FR", value="2 71 09 75 116 001 61"),),
        ),
    ),
    plates=("HJL 2207",),
    ip_addresses=("198.51.100.23", "2001:db8::17:3a"),
    mac_addresses=("70:b3:d5:1c:09:ee",),
    secrets=(Secret(kind="card", value="5500005555555559"), Secret(kind="ssn", value="987-65-4323")),
)  # fmt: skip
DETECTOR = LeakDetector(Identities(schema=2, households=(HOME,)))
BODY = Where(kind="response_body", name="r")


def found(data: str | bytes) -> set[str]:
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
def test_what_people_hash_of_a_value_is_the_value(value: str, field: str, algorithm: str) -> None:
    digest = hashlib.new(algorithm, value.encode())
    assert field in found(digest.hexdigest())
    assert field in found(b"\x81\x04" + digest.digest() + b"\x00\xff")
    assert field in found(f"id={base64.urlsafe_b64encode(digest.digest()).decode()}")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_the_digest_that_a_page_expects_of_a_script_is_read(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"+15415550142").digest()
    assert "members.phones" in found(f'integrity="{algorithm}-{base64.b64encode(digest).decode()}"')


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("HJL2207", "plates"), ("hjl-2207", "plates"), ("198.51.100.23", "ip_addresses"),
        ("3325256727", "ip_addresses"),
        (bytes((198, 51, 100, 23)), "ip_addresses"), ("2001:0db8:0000:0000:0000:0000:0017:003a", "ip_addresses"),
        ("70B3D51C09EE", "mac_addresses"), ("70-B3-D5-1C-09-EE", "mac_addresses"), ("70b3.d51c.09ee", "mac_addresses"),
        ("271097511600161", "members.national_ids.value"), ("quin_rosa71", "members.user_ids"),
        ("1971-09-04", "members.birth_date"),
        ("09/04/1971", "members.birth_date"), ("04.09.1971", "members.birth_date"),
        ("quintero, rosalind", "members.name"), ("QUINTERO ROSALIND".lower(), "members.name"),
        ("87 windermere st", "home.street"), ("87 Windermere St", "home.street"),
    ],
)  # fmt: skip
def test_hashes_of_plates_addresses_and_accounts(value: str | bytes, field: str) -> None:
    data = value if isinstance(value, bytes) else value.encode()
    for algorithm in ("md5", "sha256"):
        assert field in found(f"id={hashlib.new(algorithm, data).hexdigest()}")


def test_a_digest_is_read_in_base32_and_byte_by_byte() -> None:
    digest = hashlib.sha256(b"+15415550142").digest()
    assert "members.phones" in found(base64.b32encode(digest))
    assert "members.phones" in found(digest.hex(":"))
    assert "members.phones" in found(("clean words, " * 500).encode() + digest.hex(" ").upper().encode())


@pytest.mark.parametrize("around", ["clean words, ", "9f8e7d6c 0123abcd-ef01 c2VuZCBpdCBob21lIHNvb24gcGxlYXNl "])
def test_a_digest_in_a_long_text_is_read_in_every_form(around: str) -> None:
    digest = hashlib.sha256(b"+15415550142").digest()
    forms = [digest.hex(), "0x" + digest.hex().upper(), digest.hex()[:16], digest.hex(":"), digest.hex(" ")]
    forms += [base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    forms += [base64.b32encode(digest).decode(), str(zlib.crc32(b"+15415550142"))]
    for form in forms:
        assert "members.phones" in found(around * 300 + f" {form} " + around * 300), form


@pytest.mark.parametrize(
    "number",
    [
        0x100000000 + ~zlib.crc32(b"+15415550142"),  # JAMCRC
        0xA269EF87, 0x11A280AC, 0xEE5D7F53,  # CRC-32C, CRC-32/BZIP2, CRC-32/MPEG-2: by the package crcmod
    ],
)  # fmt: skip
def test_other_checksums_of_32_bits(number: int) -> None:
    assert "members.phones" in found(f"sum {number:08x}")


@pytest.mark.parametrize("algorithm", ["sha512_256", "sm3", "ripemd160", "sha3_224", "sha3_384", "sha512", "blake2b"])
def test_less_common_functions(algorithm: str) -> None:
    if algorithm not in hashlib.algorithms_available:
        pytest.skip("not in this OpenSSL")
    assert "members.phones" in found(hashlib.new(algorithm, b"+15415550142").hexdigest())


def test_hashes_of_hashes_and_short_ones() -> None:
    value = b"+15415550142"
    md5 = hashlib.md5(value).hexdigest()  # noqa: S324
    assert "members.phones" in found(hashlib.md5(md5.encode()).hexdigest())  # noqa: S324
    assert "members.phones" in found(hashlib.sha256(hashlib.sha256(value).digest()).hexdigest())
    assert "members.phones" in found(mmh3.hash_bytes(value).hex())
    assert "members.phones" in found(f"{mmh3.hash64(value, signed=False)[0]:016x}")
    assert "members.phones" in found(f"crc {zlib.crc32(value):08X}")
    assert "members.phones" in found(f'{{"h": {zlib.crc32(value)}}}')
    assert "members.phones" in found(f'{{"h": {mmh3.hash(value)}}}')


def test_random_bytes_are_no_hash() -> None:
    assert not found(hashlib.shake_256(b"seed").digest(40_000))


def test_values_that_share_the_prefix_of_a_hash_are_told_apart() -> None:
    """The SHA-256 of these two begins with the same 32 bits, by which a token is looked up."""
    alike = ("EARL00029874", "EARL00042369")
    both = tuple(Household(household_id=f"H{at}", customer_id=value) for at, value in enumerate(alike, 1))
    detector = LeakDetector(Identities(schema=2, households=both))
    for home, value in zip(("H1", "H2"), alike, strict=True):
        digest = hashlib.sha256(value.encode()).hexdigest()
        for token in (digest, digest[:12], digest.upper()):
            assert {each.household_id for each in detector.scan_bytes(f"id={token};".encode(), BODY)} == {home}
        raw = bytes(range(200, 256)) + bytes.fromhex(digest) + bytes(range(128, 200))
        assert {each.household_id for each in detector.scan_bytes(raw, BODY)} == {home}
    neither = hashlib.sha256(alike[0].encode()).hexdigest()[:8] + "0" * 56
    assert not list(detector.scan_bytes(f"id={neither};".encode(), BODY))
