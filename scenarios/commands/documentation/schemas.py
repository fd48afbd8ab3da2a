"""JSON Schemas of every file a person or a program may read or write."""

from collections.abc import Callable
from typing import Any

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.model.scenario import Scenario
from scenarios.model.slo_file import SloFile
from scenarios.model.targets.target_file import target_schema
from scenarios.report.document import Report
from scenarios.report.load.recorded import Recorded
from scenarios.twin.run import TwinReport

_OF_THE_FILE: dict[str, Any] = {
    "extends": {"type": "string", "description": "a file beside this one, or a suite's scenario: smoke/2-strict"},
    "variables": {"type": "object", "description": "${name} in any text below stands for its value"},
    "matrix": {
        "type": "object",
        "additionalProperties": {"type": "array", "minItems": 1},
        "description": "a run for each combination: seed: [1, 2], fleet.households: [3, 30]",
    },
    "cells": {
        "type": "array",
        "items": {"type": "object", "required": ["when"], "properties": {"when": {"type": "object"}}},
        "description": "what is laid upon some cells: {when: {contract: strict}, expect: {verdict: pass}}",
    },
}


def scenario_schema() -> dict[str, Any]:
    """A scenario with what is made of the file before it is read."""
    made = Scenario.model_json_schema()
    made["properties"] = {**made["properties"], **_OF_THE_FILE}
    whole = made.pop("required")
    made["anyOf"] = [{"required": whole}, {"required": ["extends"]}]
    return made


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "scenario": scenario_schema,
    "contract": Contract.model_json_schema,
    "target": target_schema,
    "identities": Identities.model_json_schema,
    "report": lambda: msgspec.json.schema(Report),
    "slo": SloFile.model_json_schema,
    "load": lambda: msgspec.json.schema(Recorded),
    "twin": lambda: msgspec.json.schema(TwinReport),
}


def schema(what: str) -> dict[str, Any]:
    """Raises BadFile: no such file kind."""
    if what not in SCHEMAS:
        raise BadFile(f"schema {what}: allowed: {', '.join(SCHEMAS)}")
    return SCHEMAS[what]()
