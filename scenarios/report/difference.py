"""Two report.json files -> what is new, what is gone, what stayed: by fingerprint, never by value."""

from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.report.document import Report
from scenarios.report.finding_row import FindingRow


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Findings by fingerprint and how many households had them; `verdicts` before and after."""

    verdicts: tuple[str, str]
    appeared: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    checks: tuple[str, ...]


def load_report(path: Path) -> Report:
    """Raises BadFile: not there, or no report of this version."""
    file = path / "report.json" if path.is_dir() else path
    try:
        return msgspec.json.decode(file.read_bytes(), type=Report)
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror or 'cannot be read'}") from None
    except msgspec.DecodeError as error:
        raise BadFile(f"{file}: no report of this version ({str(error)[:120]})") from None


def difference(before: Report, after: Report) -> Difference:
    """Rows say field, place and decoding chain; counts are households."""
    old, new = _grouped(before), _grouped(after)
    changed = [
        f"{_named(new[key][0])}: {len(_homes(old[key]))} households before, {len(_homes(new[key]))} now"
        for key in new
        if key in old and len(_homes(old[key])) != len(_homes(new[key]))
    ]
    outcomes = {check.name: check.outcome for check in before.checks}
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
    )


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
