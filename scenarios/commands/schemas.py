"""JSON Schemas of every file a person or a program may read or write."""

from collections.abc import Callable
from typing import Any

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.model.scenario import Scenario
from scenarios.report.document import Report
from scenarios.run.target import Target
from scenarios.twin.run import TwinReport

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "scenario": Scenario.model_json_schema,
    "contract": Contract.model_json_schema,
    "target": Target.model_json_schema,
    "identities": Identities.model_json_schema,
    "report": lambda: msgspec.json.schema(Report),
    "twin": lambda: msgspec.json.schema(TwinReport),
}


def schema(what: str) -> dict[str, Any]:
    """Raises BadFile: no such file kind."""
    if what not in SCHEMAS:
        raise BadFile(f"schema {what}: allowed: {', '.join(SCHEMAS)}")
    return SCHEMAS[what]()
