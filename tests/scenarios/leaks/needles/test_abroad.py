"""Names, streets and numbers as people of many countries write them, each beside another person's in the same form."""

import hashlib
import json
from typing import Any

import pytest

from gateway.identities import parse_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")
STREETS = [
    ("DE", "Wendenstraße 414"), ("FR", "27 bis rue des Écoles"), ("ES", "Calle de Alcalá 123"),
    ("TR", "Bağdat Caddesi 312"), ("RU", "улица Малая Бронная 19"), ("JP", "江戸堀1丁目18番21号"),
    ("IN", "14/2 Third Cross Gandhi Nagar"),
]  # fmt: skip
NAMES = [
    ("Jörg Hünefeldt", "Jörg", "Hünefeldt"), ("Zélie Châtaignier-Roux", "Zélie", "Châtaignier-Roux"),
    ("Николай Воробьянинов", "Николай", "Воробьянинов"), ("欧阳晓雯", "晓雯", "欧阳"),
    ("Екатерина Лебедева", "Екатерина", "Лебедева"), ("Marguerite Osterhaus", "Marguerite", "Osterhaus"),
]  # fmt: skip


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    homes: list[dict[str, Any]] = [
        {"household_id": f"S{at}", "home": {"street": street, "country": country}}
        for at, (country, street) in enumerate(STREETS)
    ]
    for at, (name, given, family) in enumerate(NAMES):
        member = {"person_id": f"P{at}", "name": name, "given_name": given, "family_name": family}
        homes.append({"household_id": f"N{at}", "members": [member]})
    homes[0] |= {
        "ip_addresses": ["203.0.113.77"],
        "mac_addresses": ["3c:5a:b4:17:e9:02"],
        "secrets": [{"kind": "card", "value": "4916338506082832"}],
        "members": [{"person_id": "Q", "emails": ["marguerite.osterhaus@example.org"]}],
    }
    return LeakDetector(parse_identities(json.dumps({"schema": 2, "households": homes}).encode(), "ids.json"))


def _fields(detector: LeakDetector, text: str) -> set[str]:
    return {finding.field for finding in detector.scan_bytes(text.encode(), FILE)} - {"members.given_name"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("wendenstrasse414", "lurmannstrasse286"), ("Wendenstr. Nr. 414", "Lürmannstr. Nr. 286"),
        ("Wendenstra?e 414", "L?rmannstra?e 286"), ("27B, R. des Ecoles", "81T, av. du Général"),
        ("27 ter rue des Écoles", None), ("C/ Alcalá, nº 123", "C/ Goya, nº 78"), ("Calle Alcalá 123", "Calle Goya 78"),
        ("Bağdat Cad. No: 312", "Atatürk Blv. No: 87"), ("ул. Малая Бронная, д. 19", "ул. Большая Ордынка, д. 43"),
        ("ул. Малая Бронная, дом 19", "ул. Малая Бронная, дом 91"),
        ("江戸堀一丁目十八番二十一号", "江戸堀三丁目二十七番五号"),
        ("江戸堀1の18の21", "江戸堀3の27の5"),
        ("No. 14/2, 3rd Cross, Gandhi Nagar", "No. 27/9, 2nd Main, Shanti Colony"),
    ],
)  # fmt: skip
def test_a_street_is_found_as_its_country_writes_it(detector: LeakDetector, text: str, other: str | None) -> None:
    assert ("home.street" in _fields(detector, text)) == (other is not None)
    assert not _fields(detector, other or "")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("J?rg H?nefeldt", "K?the Br?mmelkamp"), ("J\ufffdrg H\ufffdnefeldt", "K\ufffdthe Br\ufffdmmelkamp"),
        ("J??rg H??nefeldt", "J??rg H??llerfeldt"), ("Jrg Hnefeldt", "Kthe Brmmelkamp"),
        ("Z. CHATAIGNIER ROUX", "T. CHATAIGNIER VIDAL"), ("Châtaignier-Roux, Z.", "Bréchignac-Vidal, Z."),
        ("Nikolay Vorob'yaninov", "Nikolay Dobrolyubov"), ("Yekaterina Lebedeva", "Yekaterina Dobrolyubova"),
        ("Воробьянинов Н.", "Добролюбов Н."), ("Ouyang Xiaowen", "Sima Yutong"), ("Xiaowen OuYang", "Yutong SiMa"),
        ("class MargueriteOsterhausTest {}", "class BernadetteKirchwaldTest {}"),
        ("getOsterhausMarguerite2()", "getOsterhausBernadette2()"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_its_language_writes_it(detector: LeakDetector, text: str, other: str) -> None:
    assert "members.name" in _fields(detector, text)
    assert not _fields(detector, other)


@pytest.mark.parametrize(
    ("text", "other", "field"),
    [
        ("addr=0xCB00714D", "addr=0xC6336429", "ip_addresses"),
        ("::ffff:cb00:714d", "::ffff:c633:6429", "ip_addresses"),
        ("203.000.113.077", "198.051.100.041", "ip_addresses"),
        ("fe80::3e5a:b4ff:fe17:e902", "fe80::a293:51ff:fe6c:2df8", "mac_addresses"),
        ('{"mac": 66360266189058}', '{"mac": 176553541348856}', "mac_addresses"),
        ("491633XXXXXX2832", "453275XXXXXX4064", "secrets.value"),
        ("4916 33** **** 2832", "4532 75** **** 4064", "secrets.value"),
    ],
)  # fmt: skip
def test_a_number_is_found_as_programs_write_it(detector: LeakDetector, text: str, other: str, field: str) -> None:
    assert _fields(detector, text) == {field}
    assert not _fields(detector, other)


@pytest.mark.parametrize("form", ["mailto:{}", "{}\n"])
@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_what_tools_hash_around_an_address_is_known(detector: LeakDetector, form: str, name: str) -> None:
    """FOAF hashes the mailto address; `echo` writes the end of a line."""
    for address, found in (
        ("marguerite.osterhaus@example.org", {"members.emails"}),
        ("b.kirchwald@example.net", set()),
    ):
        digest = hashlib.new(name, form.format(address).encode()).hexdigest()
        assert _fields(detector, digest) == found
