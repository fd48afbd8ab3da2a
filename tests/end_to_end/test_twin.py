"""`earlid twin` as a user calls it; over a real broker, and with a gateway that tells, among the long tests."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.runs import earlid, finished
from tests.end_to_end.test_broken_copies import broken_copy

PASS, FAIL, BAD_INPUT = 0, 1, 2


def test_a_field_no_twin_can_swap_is_said_in_one_line(tmp_path: Path) -> None:
    code, _, said = finished(earlid("twin", "--field", "home.colour", "--out", tmp_path))
    assert code == BAD_INPUT, said
    assert said.count("\n") == 1
    assert "home.colour" in said
    assert "devices.serial" in said


@pytest.mark.soak
def test_worlds_on_a_real_broker_look_alike(mosquitto: str, tmp_path: Path, tag: str) -> None:
    assert mosquitto
    run = earlid("twin", "--broker", "mosquitto", "--out", tmp_path, env={"EARLID_TEST_RUN": tag})
    code, _, said = finished(run, timeout_s=900)
    assert code == PASS, said
    report = json.loads((tmp_path / "strict" / "twin.json").read_text())
    assert [side["outcome"] for side in report["sides"]] == ["pass"] * 5
    assert report["clips"] > 3
    assert report["not_asked"] == []


@pytest.mark.soak
@pytest.mark.parametrize("where", [[], ["--broker", "auto"]], ids=["pipe", "broker"])
def test_a_pseudonym_without_a_key_is_named_by_its_field(where: list[str], tmp_path: Path, tag: str) -> None:
    copy = broken_copy(
        tmp_path,
        "gateway/redact/identifiers.py",
        "    epoch = period(now, rules.rotate_days)",
        "    return hashlib.sha3_224(value[::-1].encode()).hexdigest()[:_HEX]",
    )
    fields = ["--field", "devices.serial", "--field", "members.emails"]
    run = earlid("twin", *where, *fields, "--out", tmp_path / "out", root=copy, env={"EARLID_TEST_RUN": tag})
    code, _, said = finished(run, timeout_s=900)
    assert code == FAIL, said
    report = json.loads((tmp_path / "out" / "strict" / "twin.json").read_text())
    assert report["leaking"] == ["devices.serial"]
