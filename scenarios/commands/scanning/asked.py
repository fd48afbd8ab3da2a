"""What a person asked of one scan, checked before anything is searched."""

import difflib
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.report.shown.escaped import visible
from scenarios.report.shown.labels import private
from scenarios.verdict import Finding, Severity

LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked of one scan.

    `fields` are the fields reported (all when empty; `members.` stands for all that begin so), `ignore` fields or
    patterns of paths that are not; `min_severity` the least that is reported and `fail_at` the least that fails;
    `accept_unread` kinds or reasons that may stay unread; `by` groups the table by finding or by value;
    `login` is a file that says how one signs in to the one site.
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
    login: Path | None = None


def check_places(asked: Asked, targets: Sequence[str]) -> None:
    """Raises BadFile, before anything is searched: an empty target, or a file that cannot be written at the end."""
    if not all(targets):
        raise BadFile("'': an empty target; allowed: a path, an address, or - for standard input")
    written = {"--sarif": asked.sarif_to, "--labels": asked.labels, "--write-baseline": asked.write_baseline}
    for option, path in written.items():
        if path is not None and not path.absolute().parent.is_dir():
            raise BadFile(f"{option} {path}: its folder is not there")
    if asked.write_baseline and len(asked.reason) < 10:
        raise BadFile("--write-baseline: wants --reason TEXT of at least 10 characters, which every entry gets")


def check_fields(asked: Asked, looked_for: Iterable[str]) -> None:
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


def is_asked_for(finding: Finding, asked: Asked) -> bool:
    if LEVELS.index(finding.severity) < LEVELS.index(asked.min_severity):
        return False
    wanted = not asked.fields or any(_is_of(finding.field, field) for field in asked.fields)
    return wanted and not any(_is_of(finding.field, field) for field in asked.ignore)


def _is_of(field: str, wanted: str) -> bool:
    return field == wanted or (wanted.endswith(".") and field.startswith(wanted)) or field.startswith(f"{wanted}.")


def key_of(path: Path) -> bytes:
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
