"""The provisioning file: read strictly, values never quoted, secrets refused by a gateway."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.identities import load_identities, load_provisioning, parse_identities


def home(**more: Any) -> dict[str, Any]:
    return {"household_id": "H01", "devices": [{"site_id": "kitchen"}], **more}


def text(*homes: dict[str, Any]) -> bytes:
    return json.dumps({"schema": 1, "households": list(homes)}).encode()


def test_missing_fields_are_allowed_and_a_file_round_trips() -> None:
    identities = parse_identities(text(home(home={"city": "Ashland", "latitude": 42.19})), "ids.json")
    assert parse_identities(identities.to_json(), "again.json") == identities


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"adress": 1}, r"households\.0\.adress: unknown key"),
        ({"home": {"lat": 1}}, r"households\.0\.home\.lat: unknown key; did you mean state\?|lat: unknown key"),
        ({"members": [{"person_id": "P1", "phones": ["541-555-0100"]}]}, r"phones\.0: does not look like"),
        ({"home": {"latitude": 91}}, "at most 90"),
        ({"devices": [{"site_id": "assistant"}]}, "reserved"),
        ({"devices": [{"site_id": "a/b"}]}, "does not look like"),
        ({"devices": [{"site_id": "a"}, {"site_id": "a"}]}, "the same site_id stands twice"),
        ({"secrets": [{"kind": "pin", "value": "0000"}]}, "allowed: bank_account"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(more: dict[str, Any], why: str) -> None:
    with pytest.raises(BadFile, match=why) as raised:
        parse_identities(text({**home(), **more}), "ids.json")
    assert "541-555-0100" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_gateway_refuses_secrets(tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    path.write_bytes(text(home(secrets=[{"kind": "card", "value": "4111111111111111"}])))
    assert load_identities(path).households[0].secrets
    with pytest.raises(BadFile, match=r"households\.0\.secrets: a gateway may not be given secrets") as raised:
        load_provisioning(path)
    assert "4111" not in str(raised.value)
    path.write_bytes(load_identities(path).without_secrets().to_json())
    assert load_provisioning(path).households[0].secrets == ()


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        load_identities(tmp_path / "gone.json")


NEWER = {"plates": ["HB-QX 471"], "homes": [{"city": "Husum"}], "mac_addresses": ["f45c.891b.2ed7"], "locale": "de-DE"}


def test_schema_2_reads_more_and_round_trips() -> None:
    member = {"person_id": "P1", "birth_date": "1984-03-09", "national_ids": [{"country": "BR", "value": "1"}]}
    document = {"schema": 2, "households": [home(**NEWER, members=[member])]}
    identities = parse_identities(json.dumps(document).encode(), "ids.json")
    assert parse_identities(identities.to_json(), "again.json") == identities
    assert b"national_ids" not in identities.without_secrets().to_json().replace(b'"national_ids": []', b"")


@pytest.mark.parametrize("key", [*NEWER, "members.0.birth_date"])
def test_schema_1_has_no_newer_keys(key: str) -> None:
    more = {key: NEWER[key]} if key in NEWER else {"members": [{"person_id": "P1", "birth_date": "1984-03-09"}]}
    with pytest.raises(BadFile, match=rf'households\.0\.{key}: needs "schema": 2'):
        parse_identities(text(home(**more)), "ids.json")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"plate": ["x"]}, r"households\.0\.plate: unknown key; did you mean plates\?"),
        ({"mac_addresses": ["f4:5c"]}, r"mac_addresses\.0: does not look like"),
        ({"ip_addresses": ["300.1.1.1"]}, "an IPv4 or IPv6 address is wanted"),
        ({"locale": "german"}, "locale: does not look like"),
        ({"members": [{"person_id": "P", "birth_date": "9.3.1984"}]}, "birth_date: a date such as"),
    ],
)
def test_a_wrong_value_of_schema_2_is_named(more: dict[str, Any], why: str) -> None:
    with pytest.raises(BadFile, match=why):
        parse_identities(json.dumps({"schema": 2, "households": [home(**more)]}).encode(), "ids.json")


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("other", {"other": [{"label": "boat", "value": "Quietly Onwards"}]}),
        ("members.national_ids", {"members": [{"person_id": "P", "national_ids": [{"country": "BR", "value": "1"}]}]}),
    ],
)
def test_a_gateway_may_not_be_given_numbers_of_a_state(tmp_path: Path, key: str, more: dict[str, Any]) -> None:
    path = tmp_path / "ids.json"
    path.write_text(json.dumps({"schema": 2, "households": [home(**more)]}))
    with pytest.raises(BadFile, match=rf"households\.0\.{key}: a gateway may not be given secrets"):
        load_provisioning(path)


PLACED = """\
{
  "schema": 1,
  "households": [
    {"household_id": "H01", "adress": "4 Elm St", "devices": [{"site_id": "a/b"}]},
    {"customer_id": "C\u00e9 } , [",
     "members": [{"person_id": "P1", "phones": ["+15415550100", "541-555-0100"]}]}
  ]
}
"""


def test_every_fault_is_told_at_once_with_its_place() -> None:
    with pytest.raises(BadFile) as raised:
        parse_identities(PLACED.encode(), "ids.json")
    lines = str(raised.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "ids.json:4:29:",
        "ids.json:4:64:",
        "ids.json:5:5:",
        "ids.json:6:65:",
    ]
    assert [line.split(" ")[1] for line in lines] == [
        "households.0.adress:",
        "households.0.devices.0.site_id:",
        "households.1.household_id:",
        "households.1.members.0.phones.1:",
    ]
    assert "Elm" not in str(raised.value)
    assert "0100" not in str(raised.value)


def test_text_that_is_no_json_has_its_place() -> None:
    with pytest.raises(BadFile, match=r"^ids\.json:2:\d+: not JSON: "):
        parse_identities(b'{"schema": 1,\n"households": [}', "ids.json")


def test_a_flood_of_faults_is_cut_off() -> None:
    with pytest.raises(BadFile) as raised:
        parse_identities(text(*({"oops": 1} for _ in range(100))), "ids.json")
    lines = str(raised.value).splitlines()
    assert len(lines) == 51
    assert lines[-1].endswith("more faults")
