"""Small inputs of kinds people reported of such tools; `cases/` holds them, all people and places are invented.

`earlid scan --json` as a user runs it. Neighbours of each kind, over other people, stand in `test_neighbours.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scenarios.cli import app

CASES = Path(__file__).parent / "cases"
INDEX = json.loads((CASES / "scan" / "index.json").read_text())
INTERNATIONAL = [
    ("T01", "home.street"), ("T03", "home.street"), ("T03", "members.name"), ("T04", "members.name"),
    ("T06", "home.street"), ("T06", "members.name"), ("T07", "members.name"), ("T15", "home.street"),
    ("T15", "members.name"),
]  # fmt: skip


def scanned(identities: Path, target: Path, tmp_path: Path) -> tuple[Result, list[Any], set[Any]]:
    """The run, its findings, and (household, field) of each by the labels of the file."""
    labels = tmp_path / "labels.json"
    command = ["scan", "--identities", str(identities), "--labels", str(labels), "--json", str(target)]
    result = CliRunner().invoke(app, command)
    findings = json.loads(result.stdout)["findings"]
    names = json.loads(labels.read_text()) if findings else {}
    return result, findings, {(names[finding["household_id"]], finding["field"]) for finding in findings}


@pytest.mark.parametrize("case", INDEX, ids=[case["name"] for case in INDEX])
def test_a_case_gives_what_stands_in_it(case: dict[str, Any], tmp_path: Path) -> None:
    result, findings, _ = scanned(CASES / "ids.json", CASES / "scan" / case["file"], tmp_path)
    assert set(case["expected"]) <= {finding["field"] for finding in findings}
    assert result.exit_code == (1 if case["expected"] else 0)


def test_names_and_streets_of_many_countries_are_found(tmp_path: Path) -> None:
    _, _, found = scanned(CASES / "intl" / "ids.json", CASES / "intl" / "jp" / "crm.json", tmp_path)
    assert found >= set(INTERNATIONAL)


def test_a_spoken_street_is_found(tmp_path: Path) -> None:
    _, _, found = scanned(CASES / "spoken-missed" / "ids.json", CASES / "spoken-missed" / "transcript.txt", tmp_path)
    assert ("H02", "home.street") in found


def test_raw_sound_is_no_name(tmp_path: Path) -> None:
    _, findings, _ = scanned(CASES / "false-alarm" / "ids.json", CASES / "false-alarm" / "plain-pcm.wav", tmp_path)
    assert not findings
