"""Names in other cases, in the other Chinese script and in Latin letters; accounts without their IBAN."""

import json
from typing import Any

import pytest

from gateway.identities import parse_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.chinese import other_script
from scenarios.leaks.needles.declensions import declined
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")
NAMES = [
    ("Людмила Кузнецова", "Людмила", "Кузнецова"), ("Алексей Раскольников", "Алексей", "Раскольников"),
    ("Мария Ковалевская", "Мария", "Ковалевская"), ("Luděk Havránek", "Luděk", "Havránek"),
    ("Agnieszka Wiśniewska", "Agnieszka", "Wiśniewska"), ("司马国华", "国华", "司马"), ("蕭麗雲", "麗雲", "蕭"),
]  # fmt: skip


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    homes: list[dict[str, Any]] = []
    for at, (name, given, family) in enumerate(NAMES):
        member = {"person_id": f"P{at}", "name": name, "given_name": given, "family_name": family}
        homes.append({"household_id": f"N{at}", "members": [member]})
    homes[0]["secrets"] = [{"kind": "bank_account", "value": "DE75512108001245126199"}]
    homes[1]["secrets"] = [{"kind": "bank_account", "value": "GB82WEST12345698765432"}]
    homes[5]["home"] = {"street": "广州市荔湾区龙津东路826号"}
    return LeakDetector(parse_identities(json.dumps({"schema": 2, "households": homes}).encode(), "ids.json"))


def _fields(detector: LeakDetector, text: str) -> set[str]:
    return {finding.field for finding in detector.scan_bytes(text.encode(), FILE)} - {"members.given_name"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Договор с Людмилой Кузнецовой", "Договор с Ларисой Кузьминой"),
        ("Кузнецову Людмилу не нашли", "Кузьмину Ларису не нашли"),
        ("звонок Алексею Раскольникову", "звонок Андрею Колесникову"), ("от Марии Ковалевской", "от Марины Конёвской"),
        ("Liudmila Kuznetsova", "Liliana Kuznetsov"), ("Maria Kovalevskaya", "Marina Kovalska"),
        ("dopis pro Luďka Havránka", "dopis pro Radka Havelky"),
        ("list do Agnieszki Wiśniewskiej", "list do Anny Wilk"),
        ("司馬國華先生", "司馬光先生"), ("寄给萧丽云", "寄给萧红"),
        ("廣州市荔灣區龍津東路826號", "廣州市荔灣區龍津西路528號"),
    ],
)  # fmt: skip
def test_a_name_is_found_in_its_other_forms_and_another_persons_is_not(
    detector: LeakDetector, text: str, other: str
) -> None:
    assert _fields(detector, text) & {"members.name", "home.street"}
    assert not _fields(detector, other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("BLZ 512 108 00, Kto. 1245126199", "BLZ 512 108 00, Kto. 1245126198"),
        ("512108001245126199", "512108001245126198"), ("sort code 12-34-56 account 98765432", "account 98765431"),
    ],
)  # fmt: skip
def test_an_account_is_found_without_its_iban(detector: LeakDetector, text: str, other: str) -> None:
    assert _fields(detector, text) == {"secrets.value"}
    assert not _fields(detector, other)


def test_other_names_have_no_further_form() -> None:
    assert not any(map(declined, ("Rosalind Quintero", "José García", "Кузнецова", "王伟", "")))
    assert other_script("佐々木 けんた") == other_script("Ada Lovelace") == set()
