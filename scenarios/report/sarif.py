"""Findings as SARIF 2.1.0 for code hosts and build servers. Every rule is declared, also those without findings.

An alert closes by itself when its fingerprint is gone. Evidence is masked, and no value is written.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from scenarios.report.meaning import MEANING, attack_of
from scenarios.report.shown.escaped import for_sarif, visible
from scenarios.verdict import Finding

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(
    findings: Iterable[Finding],
    *,
    accepted: Mapping[str, str] = MappingProxyType({}),
    searched: Mapping[str, Any] = MappingProxyType({}),
) -> bytes:
    """UTF-8 JSON. Fingerprints in `accepted` (from a baseline, with the reason) are shown as suppressed and never left
    out.

    `searched` is the result of `covered.as_data`. What was not opened becomes a notification of the run.
    """
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
                **_invocation(searched),
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(_visible(log)), indent=1) + b"\n"


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(each) for key, each in value.items()}
    return [_visible(each) for each in value] if isinstance(value, list | tuple) else value


def _invocation(searched: Mapping[str, Any]) -> dict[str, Any]:
    """What the tool could not do (SARIF 3.20)."""
    if not searched:
        return {}
    notes = [
        {
            "level": "note" if each["accepted"] else "warning",
            "message": {"text": for_sarif(f"not searched: {each['name']}: {each['why']} {each['detail']}".strip())},
            "descriptor": {"id": each["kind"]},
        }
        for each in searched["unread"]
    ]
    properties = {"needles": searched["needles"], "leftOut": searched["left_out"]}
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notes, "properties": properties}
    return {"invocations": [invocation]}


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
        "message": {"text": for_sarif(text)},
        "locations": [{"logicalLocations": [place]}],
        "partialFingerprints": {"earlid/v1": f"{finding.fingerprint}:{finding.household_id}"},
        "properties": {"security-severity": _SCORES[finding.severity], "reproduce": finding.reproduce},
    }
    if reason is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result
