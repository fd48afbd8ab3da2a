"""What schema 2 of identities.json adds, in the forms people and programs write it."""

import json
from typing import Any

import pytest

from gateway.identities import Identities, parse_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.needles import needles_of
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")
HOUSEHOLD = {
    "household_id": "H07",
    "locale": "de-DE",
    "home": {"street": "Lerchenweg 12", "city": "Bremen"},
    "homes": [{"street": "Birkenallee 7", "city": "Husum", "latitude": 54.476612, "longitude": 9.051189}],
    "plates": ["HB-QX 471"],
    "ip_addresses": ["203.0.113.77", "2001:db8:4a::9f", "192.168.1.20"],
    "mac_addresses": ["f4:5c:89:1b:2e:d7"],
    "other": [
        {"label": "loyalty card", "value": "LC-99482-QP"},
        {"label": "boat", "value": "Quietly Onwards"},
        {"label": "pin", "value": "1234"},
    ],
    "members": [
        {
            "person_id": "P1",
            "birth_date": "1984-03-09",
            "national_ids": [
                {"country": "BR", "kind": "cpf", "value": "390.533.447-05"},
                {"country": "DE", "kind": "idnr", "value": "36574261809"},
            ],
            "user_ids": ["quitti84", "quittschreiber"],
            "voice_ids": ["vp-7f3a91c2e4"],
        }
    ],
}


def identities(home: dict[str, Any] = HOUSEHOLD, schema: int = 2) -> Identities:
    return parse_identities(json.dumps({"schema": schema, "households": [home]}).encode(), "ids.json")


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    return LeakDetector(identities())


def fields(detector: LeakDetector, text: str) -> set[str]:
    return {finding.field for finding in detector.scan_bytes(text.encode(), FILE)}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Birkenallee 7, 25813 Husum", "homes.street"), ("54.476612, 9.051189", "homes.latitude"),
        ("HB-QX 471", "plates"), ("plate=HBQX471", "plates"), ("hb qx 471", "plates"),
        ("from 203.0.113.77:443", "ip_addresses"), ("77.113.0.203.in-addr.arpa", "ip_addresses"),
        ("203-0-113-77.dsl.example.net", "ip_addresses"), ("ip=3405803853", "ip_addresses"),
        ("[2001:db8:4a::9f]", "ip_addresses"), ("2001:0db8:004a:0000:0000:0000:0000:009f", "ip_addresses"),
        ("2001:db8:4a:0:0:0:0:9f", "ip_addresses"),
        ("F4-5C-89-1B-2E-D7", "mac_addresses"), ("f45c.891b.2ed7", "mac_addresses"), ("F45C891B2ED7", "mac_addresses"),
        ("born 1984-03-09", "members.birth_date"), ("09.03.1984", "members.birth_date"),
        ("3/9/1984", "members.birth_date"),
        ("9. März 1984", "members.birth_date"), ("March 9th, 1984", "members.birth_date"),
        ("9 de marzo de 1984", "members.birth_date"), ("19840309", "members.birth_date"),
        ("CPF 390.533.447-05", "members.national_ids.value"), ("39053344705", "members.national_ids.value"),
        ("390 533 447 05", "members.national_ids.value"), ("36 574 261 809", "members.national_ids.value"),
        ("login quitti84", "members.user_ids"), ("@quittschreiber", "members.user_ids"),
        ("profile vp_7F3A91C2E4", "members.voice_ids"), ("lc 99482 qp", "other.value"),
        ("the boat Quietly Onwards", "other.value"),
    ],
)  # fmt: skip
def test_a_value_is_found_as_people_write_it(detector: LeakDetector, text: str, field: str) -> None:
    assert field in fields(detector, text)


@pytest.mark.parametrize(
    "text", ["192.168.1.20", "203.0.113.7", "1.203.0.113.778", "HBQX4710", "1984-03-19", "f4:5c:89:1b:2e", "pin 1234"]
)
def test_what_others_share_or_what_is_another_value_is_not(detector: LeakDetector, text: str) -> None:
    assert not fields(detector, text)


def test_what_is_too_common_is_counted() -> None:
    assert needles_of(identities()).left_out == {"ip_addresses": 1, "other.value": 1, "home.city": 2}


def test_a_birth_date_tells_little_by_itself_and_a_national_id_much(detector: LeakDetector) -> None:
    severities = {f.field: f.severity for f in detector.scan_bytes(b"9 March 1984, CPF 390.533.447-05", FILE)}
    assert severities == {"members.birth_date": "low", "members.national_ids.value": "critical"}
