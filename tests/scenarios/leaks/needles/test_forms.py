"""Every written, hashed, masked and spoken form of an identity, planted by other libraries than the detector's."""

import codecs
import hashlib
import hmac
import json
import math
import uuid
import zlib

import pygeohash
import pytest

from gateway.identities import Contact, Device, Household, Identities, Member, Place
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.forms import in_compact, in_words
from scenarios.leaks.needles.needles import needles_of
from scenarios.verdict import Where

BODY = Where(kind="response_body", name="GET /x")
HOME = Household(
    household_id="H07",
    customer_id="A2X9PLMZK48QRT",
    devices=(Device(site_id="kitchen-7f3a91", serial="G0CTL88231907"),),
    home=Place(street="4471 Quillfeather Lane", latitude=42.194576, longitude=-122.709477),
    members=(
        Member(
            person_id="P1", name="Rosalind Quint", given_name="Rosalind", family_name="Quint", phones=("+15415550142",)
        ),
    ),
    contacts=(Contact(name="Ottoline Brackwater", phones=("+15035550199",), emails=("o.brackwater@example.org",)),),
)
OTHER = Household(
    household_id="H08", members=(Member(person_id="P2", name="Tarquin Vandelay", phones=("+15415550777",)),)
)
DETECTOR = LeakDetector(Identities(schema=1, households=(HOME, OTHER)), hash_keys=(b"test key",))
SERIAL, PHONE, MAIL = "G0CTL88231907", "+15415550142", "o.brackwater@example.org"

NORTH = math.radians(42.194576)
TILE = (
    f"/tiles/17/{int((180 - 122.709477) / 360 * 2**17)}/"
    f"{int((1 - math.log(math.tan(NORTH) + 1 / math.cos(NORTH)) / math.pi) / 2 * 2**17)}.png"
)


def found(text: str | bytes) -> set[tuple[str, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    return {(finding.household_id, finding.field) for finding in DETECTOR.scan_bytes(data, BODY)}


@pytest.mark.parametrize(
    "algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"]
)
@pytest.mark.parametrize(("value", "field"), [(SERIAL, "devices.serial"), (PHONE, "members.phones")])
def test_an_unsalted_hash_is_the_value(algorithm: str, value: str, field: str) -> None:
    digest = hashlib.new(algorithm, value.encode())
    for shown in (digest.hexdigest(), digest.hexdigest().upper(), digest.hexdigest()[:16], digest.hexdigest()[:12]):
        assert ("H07", field) in found(f'{{"id": "{shown}"}}')
    if digest.digest_size in (16, 20, 32):
        assert ("H07", field) in found(codecs.encode(digest.digest(), "base64"))


def test_other_fingerprints_of_a_value() -> None:
    assert ("H07", "contacts.emails") in found(hashlib.md5(MAIL.lower().encode()).hexdigest())  # noqa: S324
    assert ("H07", "members.phones") in found(hashlib.sha256(b"5415550142").hexdigest())
    assert ("H07", "customer_id") in found(str(uuid.uuid5(uuid.NAMESPACE_DNS, "A2X9PLMZK48QRT")))
    assert ("H07", "devices.serial") in found(f"{zlib.crc32(SERIAL.encode()):08x}")
    assert ("H07", "devices.serial") in found(hmac.digest(b"test key", SERIAL.encode(), "sha256").hex())
    assert ("H07", "devices.serial") in found("d-" + hashlib.sha256(SERIAL.encode()).hexdigest()[:12])


def test_a_salted_hash_and_any_other_are_nothing() -> None:
    assert not found(hashlib.sha256(b"salt" + SERIAL.encode()).hexdigest())
    assert not found(" ".join(hashlib.sha256(bytes([at])).hexdigest() for at in range(200)))


@pytest.mark.parametrize("shown", ["(541) 555-**42", "541-5**-0142", "+1 541 555 xx42", "541555##42", "•••-555-0142"])
def test_a_partly_masked_number_names_who_is_left(shown: str) -> None:
    found_in = DETECTOR.scan_bytes(f"call {shown} back".encode(), BODY)
    assert [(f.household_id, f.how[-1]) for f in found_in] == [("H07", "partly masked")]
    assert "1 household is consistent" in found_in[0].masked_evidence


def test_what_fits_both_says_two_and_what_fits_many_says_nothing() -> None:
    evidence = [f.masked_evidence for f in DETECTOR.scan_bytes(b"541555****", BODY)]
    assert evidence == ["6 digits show: 2 households are consistent with them"] * 2
    assert not found("***-***-0142")
    assert not found("(541) ***-****")


@pytest.mark.parametrize(
    "text",
    [
        "five four one five five five zero one four two",
        "call five four one, triple five, oh one four two please",
        "five forty one five fifty five oh one forty two",
        "one five four one double five five oh one four two",
    ],
)
def test_a_spoken_number(text: str) -> None:
    assert ("H07", "members.phones") in found(text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("R-O-S-A-L-I-N-D Q-U-I-N-T", "members.name"),
        ("romeo oscar sierra alfa lima india november delta quebec uniform india november tango", "members.name"),
        ("golf zero charlie tango lima double eight two three one nine zero seven", "devices.serial"),
        ("G 0 C T L 8 8 2 3 1 9 0 7", "devices.serial"),
        ("RosalindQuint", "members.name"),
        ("tniuQ dnilasoR", "members.name"),
        ("Ebfnyvaq Dhvag", "members.name"),
        ("2410555145", "members.phones"),
        ("Rоsаlind Quіnt", "members.name"),  # Cyrillic letters
        ("Rοsalind Quint", "members.name"),  # Greek ones
    ],
)
def test_spelled_turned_and_disguised(text: str, field: str) -> None:
    assert ("H07", field) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "42°11'40.5\"N 122°42'34.1\"W",
        "42° 11.6746' N, 122° 42.5686' W",
        "N 42° 11′ 40.5″ W 122° 42′ 34.1″",
        '{"latitudeE7": 421945760, "longitudeE7": -1227094770}',
        "42,194576 / -122,709477",
        '{"type": "Point", "coordinates": [-122.709477, 42.194576]}',
        "POINT (-122.709477 42.194576)",
        f"geo/{pygeohash.encode(42.194576, -122.709477, precision=8)}.png",
        f"at {pygeohash.encode(42.194576, -122.709477, precision=7).upper()}",
        TILE,
    ],
)
def test_a_home_in_many_notations(text: str) -> None:
    assert ("H07", "home.latitude") in found(text)


def test_values_split_over_fields_and_events() -> None:
    assert ("H07", "members.name") in found(json.dumps({"given": "Rosalind", "family": "Quint"}))
    assert ("H07", "members.phones") in found(json.dumps({"area": "541", "exchange": "555", "line": "0142"}))
    assert ("H07", "devices.serial") in found('data: {"s": "G0CTL88\n\ndata: 231907"}\n\n')


def test_an_exact_value_says_where_it_stands() -> None:
    (finding,) = DETECTOR.scan_bytes(b"serial: G0CTL88231907", BODY)
    assert finding.where.offset == 8


def test_every_key_that_is_searched_for_has_its_needles_and_no_other_has() -> None:
    needles = needles_of(Identities(schema=1, households=(HOME, OTHER))).needles
    for keys, family in ((in_words(needles), "words"), (in_compact(needles), "id")):
        listed = list(keys)
        assert len(listed) == len(set(listed)) == len(keys)
        assert all(keys[key] for key in listed)
        sure = (needle for needle in needles if needle.family == family and not needle.possible)
        plain = {needle.key for needle in sure if len(needle.key.replace(" ", "")) > 8}
        turned = {codecs.encode(key, "rot13") for key in plain} | {key[::-1] for key in plain}
        wanted = {f" {key} " for key in turned} if family == "words" else turned
        assert wanted <= set(listed)
        assert {how for key in wanted for _, how in keys[key]} >= {"reversed", "rot13"}
    assert "nobody " not in in_words(needles)
