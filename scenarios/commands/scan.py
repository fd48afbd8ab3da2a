"""`earlid scan`: the detector by itself, over files, folders and sites; says what it found and what it left out."""

import difflib
import os
import secrets
import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from gateway.files import BadFile
from scenarios.leaks.sources.scan import scan_targets
from scenarios.leaks.sources.tally import ScanResult
from scenarios.model.validated import nearest
from scenarios.report.baseline import Baseline, exact, load_baseline, split_exactly
from scenarios.report.finding_row import finding_row
from scenarios.report.sarif import sarif
from scenarios.report.shown.covered import as_data, block, leaves_open
from scenarios.report.shown.escaped import for_terminal, visible
from scenarios.report.shown.labels import Labels, private
from scenarios.report.shown.terminal import terminal
from scenarios.verdict import Finding, Outcome, Severity

LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")
_ACCEPTED_FOR = timedelta(days=90)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked of one scan.

    `fields` are the fields reported (all when empty; `members.` stands for all that begin so), `ignore` fields or
    patterns of paths that are not; `min_severity` the least that is reported and `fail_at` the least that fails;
    `accept_unread` kinds or reasons that may stay unread; `by` groups the table by finding or by value.
    """

    as_json: bool = False
    baseline: Path | None = None
    write_baseline: Path | None = None
    reason: str = ""
    key: Path | None = None
    labels: Path | None = None
    sarif_to: Path | None = None
    fields: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    accept_unread: tuple[str, ...] = ()
    min_severity: Severity = "low"
    fail_at: Severity = "low"
    by: str = "finding"
    jobs: int = 0
    follow: bool = False


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One scan after baseline and filters; `filtered` counts findings that were asked not to be reported."""

    result: ScanResult
    new: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...]
    notes: tuple[str, ...]
    filtered: int
    outcome: Outcome


def scan(identities: Path, targets: Sequence[str], asked: Asked) -> Outcome:
    """Fail when something was found; unknown when something was not searched to the end, or nothing was.

    Findings a baseline accepts are told, not counted; the SARIF file gets all of them.

    Raises:
        BadFile: the identities file, the baseline or the key is wrong, or a target is not there.
    """
    _check_places(asked, targets)
    known = load_baseline(asked.baseline) if asked.baseline else Baseline(baseline=1)
    key = _key(asked.key) if asked.key else None
    console = Console(stderr=True, highlight=False)
    with console.status("searching") as status:
        result = scan_targets(
            identities,
            targets,
            progress=lambda name: status.update(for_terminal(f"searching {name}")),
            jobs=asked.jobs or os.cpu_count() or 1,
            key=key,
            ignore=asked.ignore,
            allowed=lambda looked_for: _check_fields(asked, looked_for),
            following=asked.follow,
            found=(lambda finding: _tell_at_once(finding, asked)) if asked.follow else None,
        )
    done = _judged(identities, result, known, key, asked)
    if asked.write_baseline:
        _write_baseline(asked, done.new, key)
    labels = Labels()
    if asked.sarif_to is not None:
        asked.sarif_to.write_bytes(_sarif(done, labels, asked))
    if asked.as_json:
        print(msgspec.json.format(msgspec.json.encode(_document(done, labels, asked)), indent=1).decode())  # noqa: T201
    else:
        _tell(done, labels, asked)
    if asked.labels:
        labels.write(asked.labels)
    return done.outcome


def _tell_at_once(finding: Finding, asked: Asked) -> None:
    """A line for what a followed file was found to hold, before the report at its end."""
    if _is_asked_for(finding, asked):
        line = f"{finding.severity} {finding.field} in {finding.where.name}: {finding.masked_evidence}"
        Console(stderr=True, highlight=False, soft_wrap=True).print(for_terminal(line))


def again(identities: Path, name: str) -> str:
    """The command that finds it again: a member of an archive is found in the file that holds it."""
    held = name
    while "!" in held and not Path(held).exists():
        held = held.rpartition("!")[0]
    return shlex.join(["earlid", "scan", "--identities", str(identities), held])


def _judged(identities: Path, result: ScanResult, known: Baseline, key: bytes | None, asked: Asked) -> _Outcome:
    reported = [finding for finding in result.findings if _is_asked_for(finding, asked)]
    reported = [
        msgspec.structs.replace(finding, reproduce=again(identities, finding.where.name)) for finding in reported
    ]
    new, accepted, notes = split_exactly(reported, known, today=datetime.now(UTC).date(), key=key)
    notes = (*notes, *_accepted_nothing(asked, result))
    open_ = any(leaves_open(each, (*asked.accept_unread, "ignored")) for each in result.unread)
    outcome = Outcome.UNKNOWN if open_ or not result.files else Outcome.PASS
    if any(LEVELS.index(finding.severity) >= LEVELS.index(asked.fail_at) for finding in new):
        outcome = Outcome.FAIL
    return _Outcome(
        result=result,
        new=new,
        accepted=accepted,
        notes=notes,
        filtered=len(result.findings) - len(reported),
        outcome=outcome,
    )


def _check_places(asked: Asked, targets: Sequence[str]) -> None:
    """Raises BadFile, before anything is searched: an empty target, or a file that cannot be written at the end."""
    if not all(targets):
        raise BadFile("'': an empty target; allowed: a path, an address, or - for standard input")
    written = {"--sarif": asked.sarif_to, "--labels": asked.labels, "--write-baseline": asked.write_baseline}
    for option, path in written.items():
        if path is not None and not path.absolute().parent.is_dir():
            raise BadFile(f"{option} {path}: its folder is not there")
    if asked.write_baseline and len(asked.reason) < 10:
        raise BadFile("--write-baseline: wants --reason TEXT of at least 10 characters, which every entry gets")


def _accepted_nothing(asked: Asked, result: ScanResult) -> Iterator[str]:
    for given in asked.accept_unread:
        if all(leaves_open(each, (given,)) for each in result.unread):
            yield f"--accept-unread {visible(given)}: nothing that was not searched is of this kind or reason"


def _check_fields(asked: Asked, looked_for: Iterable[str]) -> None:
    """Raises BadFile: a field of --field is none that is looked for, or one of --ignore is misspelled.

    Without this a misspelled field would hide every finding and pass. --ignore takes patterns of paths too.
    """
    known = sorted(looked_for)
    for field in asked.fields:
        if not any(_is_of(each, field) for each in known):
            raise BadFile(f"--field {visible(field)}: nothing of this field is looked for; {nearest(field, known)}")
    for pattern in asked.ignore:
        close = difflib.get_close_matches(pattern, known, n=1, cutoff=0.85)
        if close and not any(_is_of(each, pattern) for each in known):
            raise BadFile(f"--ignore {visible(pattern)}: did you mean {close[0]}? a path is written as ./PATTERN")


def _is_asked_for(finding: Finding, asked: Asked) -> bool:
    if LEVELS.index(finding.severity) < LEVELS.index(asked.min_severity):
        return False
    wanted = not asked.fields or any(_is_of(finding.field, field) for field in asked.fields)
    return wanted and not any(_is_of(finding.field, field) for field in asked.ignore)


def _is_of(field: str, wanted: str) -> bool:
    return field == wanted or (wanted.endswith(".") and field.startswith(wanted)) or field.startswith(f"{wanted}.")


def _key(path: Path) -> bytes:
    """A key of the user's own, made on first use.

    Raises:
        BadFile: others may read it, or it is no key.
    """
    if not path.exists():
        private(path, secrets.token_hex(32).encode() + b"\n")
    if path.stat().st_mode & 0o077:
        raise BadFile(f"{path}: others may read it; allowed: mode 0600 (chmod 600)")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise BadFile(f"{path}: no key; allowed: 64 hex digits, as a first use of --key writes them") from None
    if len(key) != 32:
        raise BadFile(f"{path}: no key; allowed: 64 hex digits, as a first use of --key writes them")
    return key


def _write_baseline(asked: Asked, findings: Sequence[Finding], key: bytes | None) -> None:
    """Entries for what was found: by value under a key, by place and their number without."""
    until = (datetime.now(UTC).date() + _ACCEPTED_FOR).isoformat()
    entries: list[dict[str, str | int]]
    if key:
        entries = [{"fingerprint": print_} for print_ in dict.fromkeys(exact(each, key) for each in findings)]
    else:
        plain = [each.fingerprint for each in findings]
        entries = [{"fingerprint": print_, "findings": plain.count(print_)} for print_ in dict.fromkeys(plain)]
    lines = ["baseline: 1", "accepted:" if entries else "accepted: []"]
    for entry in entries:
        told = {**entry, "reason": asked.reason, "expires": until}
        lines.append(f"- {msgspec.json.encode(told).decode()}")  # JSON is YAML, and quotes what needs it
    assert asked.write_baseline is not None  # noqa: S101 (asked for)
    asked.write_baseline.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(finding: Finding, labels: Labels) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(finding_row(labels.on(finding)))
    value = labels.of("value", f"{finding.mark} {finding.field}")
    return {**_visible(row), "value": value}


def _document(done: _Outcome, labels: Labels, asked: Asked) -> dict[str, object]:
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


def _sarif(done: _Outcome, labels: Labels, asked: Asked) -> bytes:
    result = done.result
    searched = as_data(result.needles, result.left_out, result.unread, (*asked.accept_unread, "ignored"))
    accepted = {finding.fingerprint: reason for finding, reason in done.accepted}
    shown = [labels.on(finding) for finding in (*done.new, *(finding for finding, _ in done.accepted))]
    return sarif(shown, accepted=accepted, searched=searched)


def _tell(done: _Outcome, labels: Labels, asked: Asked) -> None:
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
