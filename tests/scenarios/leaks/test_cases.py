"""Small inputs of kinds people reported of such tools; `cases/` holds them, all people and places are invented.

`earlid scan --json` as a user runs it. Neighbours of each kind, over other people, stand in `test_neighbours.py`.
"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app

CASES = Path(__file__).parent / "cases"
INDEX = json.loads((CASES / "scan" / "index.json").read_text())
INTERNATIONAL = [
    ("T01", "home.street"), ("T03", "home.street"), ("T03", "members.name"), ("T04", "members.name"),
    ("T06", "home.street"), ("T06", "members.name"), ("T07", "members.name"), ("T15", "home.street"),
    ("T15", "members.name"),
]  # fmt: skip

# Kinds that are not read yet: taken off this list one by one.
NOT_YET = frozenset(
    "utf16-umlaut-name utf16-phone-nb-hyphens highlight-inside-word highlight-inside-coordinates "
    "highlight-inside-street ansi-name ansi-street ansi-coordinates "
    "mojibake "
    "cloudflare-email".split()
)


def _case(case):
    marks = [pytest.mark.xfail(reason="not read yet", strict=False)] if case["name"] in NOT_YET else []
    return pytest.param(case, id=case["name"], marks=marks)


def scanned(identities, target):
    result = CliRunner().invoke(app, ["scan", "--identities", str(identities), "--json", str(target)])
    return result, json.loads(result.stdout)["findings"]


@pytest.mark.parametrize("case", [_case(case) for case in INDEX])
def test_a_case_gives_what_stands_in_it(case):
    result, findings = scanned(CASES / "ids.json", CASES / "scan" / case["file"])
    assert set(case["expected"]) <= {finding["field"] for finding in findings}
    assert result.exit_code == (1 if case["expected"] else 0)


def test_names_and_streets_of_many_countries_are_found():
    _, findings = scanned(CASES / "intl" / "ids.json", CASES / "intl" / "jp" / "crm.json")
    assert {(finding["household_id"], finding["field"]) for finding in findings} >= set(INTERNATIONAL)


def test_a_spoken_street_is_found():
    _, findings = scanned(CASES / "spoken-missed" / "ids.json", CASES / "spoken-missed" / "transcript.txt")
    assert ("H02", "home.street") in {(finding["household_id"], finding["field"]) for finding in findings}


def test_raw_sound_is_no_name():
    result, findings = scanned(CASES / "false-alarm" / "ids.json", CASES / "false-alarm" / "plain-pcm.wav")
    assert not findings
    assert result.exit_code == 0
