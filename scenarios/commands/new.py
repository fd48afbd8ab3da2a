"""`earlid new`: a commented scenario file to begin with, from a few answers."""

from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.model.suite_files import prepare_file

KINDS = ("privacy", "incident", "delivery", "gating")

_CHECKS = {
    "privacy": "[leaks, positive_control, coverage, should_not_exist, spoken_secrets, linkage, anonymity, at_rest]",
    "incident": "[leaks, positive_control, coverage, at_rest]",
    "delivery": "[leaks, positive_control, conservation, should_not_exist]",
    "gating": "[leaks, positive_control, should_not_exist, gating]",
}
_MORE = {
    "privacy": "",
    "incident": "expect:                       # it must fail, and with this; otherwise the run fails\n"
    "  verdict: fail\n  findings: [home.latitude]\n",
    "delivery": "wire: {connections: own}      # a line for every device\n"
    "faults:                       # what befalls their messages; recorded in faults.json, `earlid run --replay`\n"
    "  - {kind: drop, share: 0.01, of: frame}\n  - {kind: reorder, share: 0.01}\n",
    "gating": "thresholds:                   # figures: scenarios/README.md\n"
    "  - gating.false_reject_share < 0.1\n  - gating.false_accept_share < 0.1\n",
}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str = "privacy"
    contract: str = "strict"
    households: int = 10
    seed: int = 1


def text(asked: Answers) -> str:
    """The file. `earlid check` says what it will do."""
    return (
        "# yaml-language-server: $schema=./scenario.schema.json   (earlid schema scenario > scenario.schema.json)\n"
        "scenario: 2                   # version of this format\n"
        f"name: {asked.name:<23} # also the name of its out folder\n"
        "about: One sentence for the report; say what this run is to show.\n"
        f"contract: {asked.contract:<19} # a preset, a file beside this one, or {{extends: strict, ...}}\n"
        f"seed: {asked.seed:<23} # everything random follows from it\n"
        "fleet:\n"
        f"  households: {asked.households}\n"
        "  utterances_per_device: 4\n"
        "  # television: 0.5           # homes with a set on\n"
        "  # muted: 0.1                # of what is said: while the microphone is off\n"
        "load:\n"
        "  reviewers: 4\n"
        "  max_seconds: 40             # ends earlier once every clip was seen\n"
        f"checks: {_CHECKS[asked.kind]}\n"
        f"{_MORE[asked.kind]}"
    )


def write_new(path: Path, asked: Answers) -> None:
    """Writes the file and reads it back.

    Raises:
        BadFile: it is there already, its folder is not, an unknown kind, or an answer no scenario may hold.
    """
    if asked.kind not in KINDS:
        raise BadFile(f"--kind {asked.kind}: allowed: {', '.join(KINDS)}")
    if path.exists():
        raise BadFile(f"{path}: is there already; another name, or remove it first")
    try:
        path.write_text(text(asked), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    try:
        prepare_file(path)
    except BadFile:
        path.unlink()
        raise
