"""Findings as SARIF 2.1.0, for code hosts and build servers: every rule is declared, also those nothing broke.

Alerts close by themselves when their fingerprint is gone. No value stands in it, only masked evidence.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from scenarios.report.meaning import MEANING, attack_of
from scenarios.verdict import Finding

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Iterable[Finding], *, accepted: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """UTF-8 JSON. `accepted` fingerprints (a baseline's, with the reason) are shown as suppressed, never left out."""
    rules = [_rule(field) for field in MEANING]
    index = {rule["id"]: at for at, rule in enumerate(rules)}
    results = []
    for finding in findings:
        if finding.field not in index:
            index[finding.field] = len(rules)
            rules.append(_rule(finding.field))
        results.append(_result(finding, index[finding.field], accepted.get(finding.fingerprint)))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Earlid", "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


def _rule(field: str) -> dict[str, Any]:
    attack = attack_of(field)
    return {
        "id": field,
        "name": "".join(part.title() for part in field.replace("_", ".").split(".")),
        "shortDescription": {"text": f"{field} identifies a household"},
        "fullDescription": {"text": MEANING.get(field, "Something that identifies a household.")},
        "properties": {"tags": ["privacy", attack.kind, *attack.linddun]},
    }


def _result(finding: Finding, rule: int, reason: str | None) -> dict[str, Any]:
    place: dict[str, Any] = {"fullyQualifiedName": finding.where.name, "kind": finding.where.kind}
    text = f"{finding.masked_evidence}; recognised as {' > '.join(finding.how)}; household {finding.household_id}"
    result: dict[str, Any] = {
        "ruleId": finding.field,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"logicalLocations": [place]}],
        "partialFingerprints": {"earlid/v1": f"{finding.fingerprint}:{finding.household_id}"},
        "properties": {"security-severity": _SCORES[finding.severity], "reproduce": finding.reproduce},
    }
    if reason is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result
