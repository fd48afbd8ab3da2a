"""Tells what a scan found: tables for people, JSON and SARIF for programs."""

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from scenarios.commands.scanning.asked import LEVELS, Asked, is_asked_for
from scenarios.leaks.sources.tally import ScanResult
from scenarios.report.finding_row import finding_row
from scenarios.report.sarif import sarif
from scenarios.report.shown.covered import as_data, block
from scenarios.report.shown.escaped import for_terminal, visible
from scenarios.report.shown.labels import Labels
from scenarios.report.shown.terminal import terminal
from scenarios.verdict import Finding, Outcome


class ScanOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One scan after baseline and filters; `filtered` counts findings that were asked not to be reported."""

    result: ScanResult
    new: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...]
    notes: tuple[str, ...]
    filtered: int
    outcome: Outcome


def tell_at_once(finding: Finding, asked: Asked) -> None:
    """A line for what a followed file was found to hold, before the report at its end."""
    if is_asked_for(finding, asked):
        line = f"{finding.severity} {finding.field} in {finding.where.name}: {finding.masked_evidence}"
        Console(stderr=True, highlight=False, soft_wrap=True).print(for_terminal(line))


def _row(finding: Finding, labels: Labels) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(finding_row(labels.on(finding)))
    value = labels.of("value", f"{finding.mark} {finding.field}")
    return {**_visible(row), "value": value}


def document(done: ScanOutcome, labels: Labels, asked: Asked) -> dict[str, object]:
    result = done.result
    return {
        "outcome": done.outcome.value,
        "files": result.files,
        "parts": result.parts,
        "bytes": result.bytes,
        **_visible(as_data(result.needles, result.left_out, result.unread, (*asked.accept_unread, "ignored"))),
        "notes": [visible(note) for note in (*result.notes, *done.notes)],
        "accepted": len(done.accepted),
        "filtered": done.filtered,
        "findings": [_row(finding, labels) for finding in done.new],
    }


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(each) for key, each in value.items()}
    return [_visible(each) for each in value] if isinstance(value, list) else value


def sarif_of(done: ScanOutcome, labels: Labels, asked: Asked) -> bytes:
    result = done.result
    searched = as_data(result.needles, result.left_out, result.unread, (*asked.accept_unread, "ignored"))
    accepted = {finding.fingerprint: reason for finding, reason in done.accepted}
    shown = [labels.on(finding) for finding in (*done.new, *(finding for finding, _ in done.accepted))]
    return sarif(shown, accepted=accepted, searched=searched)


def tell(done: ScanOutcome, labels: Labels, asked: Asked) -> None:
    console = terminal()
    result = done.result
    if done.new:
        console.print((_by_value if asked.by == "value" else _by_finding)(done.new, labels))
    for line in block(result.needles, result.left_out, result.unread, (*asked.accept_unread, "ignored")):
        console.print(for_terminal(line))
    if done.accepted:
        console.print(for_terminal(f"{len(done.accepted)} findings accepted by the baseline"))
    for note in done.notes:
        console.print(for_terminal(f"baseline: {note}"))
    if done.filtered:
        console.print(for_terminal(f"{done.filtered} findings not reported (--field, --ignore, --min-severity)"))
    if done.new and not asked.labels:
        console.print(for_terminal("homes and persons have random names in this report; --labels FILE resolves them"))
    found = f"{len(done.new)} findings in {result.files} files or responses and {result.parts} parts of them"
    console.print(for_terminal(f"{found}, {result.bytes:,} bytes: {done.outcome.value}"))


def _by_finding(findings: Sequence[Finding], labels: Labels) -> Table:
    table = _table("severity", "household", "field", "where", "recognised as", "evidence")
    for finding in findings:
        where = finding.where.name + (f" +{finding.where.offset}" if finding.where.offset is not None else "")
        shown = labels.on(finding)
        cells = (finding.severity, shown.household_id, finding.field, where, " > ".join(finding.how))
        table.add_row(*map(for_terminal, (*cells, finding.masked_evidence)))
    return table


def _table(*names: str) -> Table:
    """Nothing is cut off: a place that cannot be read to its end cannot be gone to."""
    table = Table(pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _by_value(findings: Sequence[Finding], labels: Labels) -> Table:
    """One row a value, the worst first."""
    table = _table("severity", "household", "field", "value", "findings", "places", "first at")
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(labels.of("value", f"{finding.mark} {finding.field}"), []).append(finding)
    ordered = sorted(groups.items(), key=lambda each: (-max(LEVELS.index(f.severity) for f in each[1]), -len(each[1])))
    for value, found in ordered:
        worst = max(found, key=lambda finding: LEVELS.index(finding.severity))
        places = len({finding.where.name for finding in found})
        home = labels.on(worst).household_id
        cells = (worst.severity, home, worst.field, value, str(len(found)), str(places), found[0].where.name)
        table.add_row(*map(for_terminal, cells))
    return table
