"""The published schemas accept what the program reads and writes, and refuse what it refuses."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from gateway.contract.model import PRESETS
from gateway.files import BadFile
from scenarios.commands.documentation.schemas import SCHEMAS, schema
from scenarios.model.suite_files import SUITES
from scenarios.report.document import document
from scenarios.verdict import Outcome, Verdict
from simulator.world.households import make_identities
from tests.scenarios.world import finding, result

TARGETS = sorted((SUITES.parent / "targets").glob("*.yaml"))


def check(what: str, data: Any) -> None:
    # YAML knows tuples and dates no more than JSON does: through JSON, as a program would hand it over.
    jsonschema.validate(json.loads(json.dumps(data)), schema(what))


@pytest.mark.parametrize("what", SCHEMAS)
def test_every_schema_is_one(what: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(what))


@pytest.mark.parametrize(
    ("what", "path"),
    [
        *[("scenario", path) for path in sorted(SUITES.rglob("*.yaml"))],
        *[("contract", path) for path in sorted(PRESETS.glob("*.yaml"))],
        *[("target", path) for path in TARGETS],
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)
def test_what_is_shipped_is_valid(what: str, path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    check(what, data)
    with pytest.raises(jsonschema.ValidationError):
        check(what, {**data, "fleeet": 1})


def test_identities_and_a_report_are_valid(tmp_path: Path) -> None:
    check("identities", json.loads(make_identities(seed=3, households=2).to_json()))
    told = Verdict(check="leaks", outcome=Outcome.FAIL, examined=1, why="x", findings=(finding(),))
    check("report", json.loads(msgspec.json.encode(document(result((told,), out=tmp_path)))))


def test_an_unknown_schema_names_those_there_are() -> None:
    with pytest.raises(BadFile, match="allowed: scenario, contract, target, identities, report"):
        schema("reports")
