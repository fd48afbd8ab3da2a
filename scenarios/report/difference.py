"""Compares two report.json files by fingerprint: what is new, what is gone, what stayed. Values are never compared."""

from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.report.document import Load, Report
from scenarios.report.finding_row import FindingRow

_RATIO, _LEAST_MS, _LEAST_SHARE = 1.5, 20.0, 0.01  # a change of less is taken for chance


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Findings by fingerprint with the number of households, and `verdicts` before and after.

    `slower` and `faster` are figures of the load that changed by more than chance explains.
    """

    verdicts: tuple[str, str]
    appeared: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    checks: tuple[str, ...]
    slower: tuple[str, ...] = ()
    faster: tuple[str, ...] = ()


def load_report(path: Path) -> Report:
    """Raises BadFile: the file is missing, or it is no report of this version."""
    file = path / "report.json" if path.is_dir() else path
    try:
        return msgspec.json.decode(file.read_bytes(), type=Report)
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror or 'cannot be read'}") from None
    except msgspec.DecodeError as error:
        raise BadFile(f"{file}: no report of this version ({str(error)[:120]})") from None


def difference(before: Report, after: Report) -> Difference:
    """Rows give field, place and decoding chain. Counts are numbers of households."""
    old, new = _grouped(before), _grouped(after)
    changed = [
        f"{_named(new[key][0])}: {len(_homes(old[key]))} households before, {len(_homes(new[key]))} now"
        for key in new
        if key in old and len(_homes(old[key])) != len(_homes(new[key]))
    ]
    outcomes = {check.name: check.outcome for check in before.checks}
    slower, faster = _of_load(before.load, after.load)
    return Difference(
        verdicts=(before.verdict, after.verdict),
        appeared=tuple(_named(rows[0]) for key, rows in new.items() if key not in old),
        gone=tuple(_named(rows[0]) for key, rows in old.items() if key not in new),
        changed=tuple(changed),
        unchanged=sum(key in old for key in new) - len(changed),
        checks=tuple(
            f"{check.name}: {outcomes.get(check.name, 'not run')} before, {check.outcome} now"
            for check in after.checks
            if outcomes.get(check.name) != check.outcome
        ),
        slower=tuple(slower),
        faster=tuple(faster),
    )


def _of_load(before: Load | None, after: Load | None) -> tuple[list[str], list[str]]:
    """Latency and rate that changed by half and by 20 ms, or the share of failures by one percent."""
    slower: list[str] = []
    faster: list[str] = []
    if before is None or after is None:
        return ["load: no longer judged"] if before is not None else [], []
    for name in ("p50_ms", "p95_ms", "p99_ms", "rps"):
        old, new = float(getattr(before, name)), float(getattr(after, name))
        least = _LEAST_MS if name.endswith("_ms") else 0.0
        if max(old, new) > _RATIO * min(old, new) and abs(new - old) > least:
            worse = new < old if name == "rps" else new > old
            (slower if worse else faster).append(f"load {name}: {old:g} before, {new:g} now")
    shares = [load.failures / load.requests if load.requests else 0.0 for load in (before, after)]
    if abs(shares[1] - shares[0]) > _LEAST_SHARE:
        row = f"load failed: {shares[0]:.1%} before, {shares[1]:.1%} now"
        (slower if shares[1] > shares[0] else faster).append(row)
    return slower, faster


def _grouped(report: Report) -> dict[str, list[FindingRow]]:
    grouped: dict[str, list[FindingRow]] = {}
    for check in report.checks:
        for row in check.findings:
            grouped.setdefault(row.fingerprint, []).append(row)
    return grouped


def _homes(rows: list[FindingRow]) -> set[str]:
    return {row.household_id for row in rows}


def _named(row: FindingRow) -> str:
    return f"{row.fingerprint} {row.field} in {row.where.kind} of {row.where.name} as {' > '.join(row.how)}"
