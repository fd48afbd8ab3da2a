"""`earlid new`: a commented scenario or target file to begin with, from a few answers."""

from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.model.suite_files import prepare_file
from scenarios.model.targets.target_file import load_target_file

TARGETS = ("command", "attached")
KINDS = ("privacy", "incident", "delivery", "gating", *TARGETS)

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
    "gating": "thresholds:                   # figures: scenarios/docs/scenario-files.md\n"
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


def target_text(asked: Answers) -> str:
    """The target file. `earlid check` reads it back, `earlid target probe` asks the system."""
    command = asked.kind == "command"
    started = (
        "broker: auto                  # a private one for each run; or {url: mqtt://host:1883}\n"
        "parts:                        # what the harness starts, kills where a timeline says so, and ends\n"
        "  - name: gateway\n"
        '    run: ["{python}", mine.py, "{host}", "{port}"]   # no shell reads it; it runs in this file\'s folder\n'
        "    ready: {line: ready}      # a piece of a line it prints; or {port: 8080}, or {url: http://...}\n"
    )
    attached = (
        "broker: {url: mqtt://127.0.0.1:1883}   # add fleet: {user: devices, password: {env: FLEET_PASSWORD}}\n"
        "# may: [load]                 # also: restart, forget, withdraw and sweep, each with a program that does it\n"
    )
    return (
        "# yaml-language-server: $schema=./target.schema.json   (earlid schema target > target.schema.json)\n"
        "target: 1                     # version of this format\n"
        f"kind: {asked.kind:<23} # {'the harness starts it' if command else 'it is there, and is never stopped'}\n"
        f"name: {asked.name:<23} # in reports\n"
        f"{started if command else attached}"
        "# wire: {kind: plain, topic: 'voice/{site}/said', fields: {session: id, audio: wav}}   # own topics\n"
        "pace: 60                      # simulated seconds a second, as it gives no receipts\n"
        "settle: {quiet_s: 5}          # its work is done when nothing was kept for so long\n"
        "kept:                         # where kept clips can be read back: folder, sql, http, s3\n"
        "  kind: folder\n"
        "  path: kept                  # beside this file\n"
        "  session: call               # where a record has the id that the device sent\n"
        "  audio: {base64: sound, format: raw}\n"
        "join: exact                   # without an id: sound, phrase or count\n"
        "# review: {url: 'http://127.0.0.1:8080'}   # the web app in which people look at clips\n"
        "# files: [data, logs]         # what it writes: searched for the check at_rest\n"
    )


def write_new(path: Path, asked: Answers) -> None:
    """Write the file and read it back.

    Raises:
        BadFile: it is there already, its folder is not, an unknown kind, or an answer no such file may hold.
    """
    if asked.kind not in KINDS:
        raise BadFile(f"--kind {asked.kind}: allowed: {', '.join(KINDS)}")
    if path.exists():
        raise BadFile(f"{path}: is there already; another name, or remove it first")
    try:
        path.write_text(target_text(asked) if asked.kind in TARGETS else text(asked), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    try:
        if asked.kind in TARGETS:
            load_target_file(path)
        else:
            prepare_file(path)
    except BadFile:
        path.unlink()
        raise
