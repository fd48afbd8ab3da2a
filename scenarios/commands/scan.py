"""`earlid scan`: the detector by itself, over files, folders and sites. It says what it found and what it left out."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from rich.console import Console

from gateway.files import write_whole
from scenarios.commands.scanning.asked import LEVELS, Asked, check_fields, check_places, is_asked_for, key_of
from scenarios.commands.scanning.told import ScanOutcome, document, sarif_of, tell, tell_at_once
from scenarios.leaks.cores import cores
from scenarios.leaks.sources.network.site import SignIn
from scenarios.leaks.sources.scan import scan_targets
from scenarios.leaks.sources.tally import ScanResult
from scenarios.report.baseline import Baseline, exact, load_baseline, split_exactly
from scenarios.report.shown.covered import leaves_open
from scenarios.report.shown.escaped import for_terminal, visible
from scenarios.report.shown.labels import Labels
from scenarios.verdict import Finding, Outcome

_ACCEPTED_FOR = timedelta(days=90)


def scan(identities: Path, targets: Sequence[str], asked: Asked) -> Outcome:
    """Fail when something was found; unknown when something was not searched to the end, or nothing was.

    Findings a baseline accepts are told, not counted; the SARIF file gets all of them.

    Raises:
        BadFile: the identities file, the baseline or the key is wrong, or a target is not there.
    """
    check_places(asked, targets)
    known = load_baseline(asked.baseline) if asked.baseline else Baseline(baseline=1)
    key = key_of(asked.key) if asked.key else None
    sign_in = _sign_in(asked.login, targets) if asked.login else None
    console = Console(stderr=True, highlight=False)
    with console.status("searching") as status:
        result = scan_targets(
            identities,
            targets,
            progress=lambda name: status.update(for_terminal(f"searching {name}")),
            jobs=asked.jobs or cores(),
            key=key,
            ignore=asked.ignore,
            allowed=lambda looked_for: check_fields(asked, looked_for),
            following=asked.follow,
            sign_in=sign_in,
            found=(lambda finding: tell_at_once(finding, asked)) if asked.follow else None,
        )
    done = _judged(identities, result, known, key, asked)
    labels = Labels()
    sarif = b"" if asked.sarif_to is None else sarif_of(done, labels, asked)
    if asked.as_json:
        print(msgspec.json.format(msgspec.json.encode(document(done, labels, asked)), indent=1).decode())  # noqa: T201
    else:
        tell(done, labels, asked)
    # What was found is told before anything is written: a full disk does not hide it.
    if asked.write_baseline:
        _write_baseline(asked, done.new, key)
    if asked.sarif_to is not None:
        write_whole(asked.sarif_to, sarif)
    if asked.labels:
        labels.write(asked.labels)
    return done.outcome


def _sign_in(login: Path, targets: Sequence[str]) -> SignIn:
    """What signs in to the one site. The recipes are loaded here: a scan without a login needs none of them."""
    from scenarios.commands.scanning.login import sign_in_of

    return sign_in_of(login, targets)


def again(identities: Path, name: str, login: Path | None = None) -> str:
    """The command that finds it again: a member of an archive is found in the file that holds it."""
    held = name
    while "!" in held and not Path(held).exists():
        held = held.rpartition("!")[0]
    signed = ["--login", str(login)] if login is not None and held.startswith(("http://", "https://")) else []
    return shlex.join(["earlid", "scan", "--identities", str(identities), *signed, held])


def _judged(identities: Path, result: ScanResult, known: Baseline, key: bytes | None, asked: Asked) -> ScanOutcome:
    reported = [finding for finding in result.findings if is_asked_for(finding, asked)]
    reported = [
        msgspec.structs.replace(finding, reproduce=again(identities, finding.where.name, asked.login))
        for finding in reported
    ]
    new, accepted, notes = split_exactly(reported, known, today=datetime.now(UTC).date(), key=key)
    notes = (*notes, *_accepted_nothing(asked, result))
    open_ = any(leaves_open(each, (*asked.accept_unread, "ignored")) for each in result.unread)
    outcome = Outcome.UNKNOWN if open_ or not result.files else Outcome.PASS
    if any(LEVELS.index(finding.severity) >= LEVELS.index(asked.fail_at) for finding in new):
        outcome = Outcome.FAIL
    return ScanOutcome(
        result=result,
        new=new,
        accepted=accepted,
        notes=notes,
        filtered=len(result.findings) - len(reported),
        outcome=outcome,
    )


def _accepted_nothing(asked: Asked, result: ScanResult) -> Iterator[str]:
    for given in asked.accept_unread:
        if all(leaves_open(each, (given,)) for each in result.unread):
            yield f"--accept-unread {visible(given)}: nothing that was not searched is of this kind or reason"


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
    write_whole(asked.write_baseline, ("\n".join(lines) + "\n").encode())
