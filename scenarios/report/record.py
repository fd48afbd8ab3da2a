"""record.json: what the checks of a run looked at, so that other checks and limits can judge it later.

No word of what was said stands in it, no sound and no id that went over the wire. It is searched before it is written.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec

from gateway.files import BadFile
from scenarios.attacks.residual import Residual
from scenarios.checks.intact import Integrity
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.report.made import Made
from scenarios.verdict import Verdict
from simulator.world.truth import Pace

FILE = "record.json"


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """Over the clips the harness was shown: words masked by kind, clips without sound by reason, secrets said;
    `audible` is null where nobody listened, `sound` says whether any clip was served with sound."""

    clips: int
    words: int
    masked: tuple[tuple[str, int], ...]
    withheld: tuple[tuple[str, int], ...]
    secrets: int
    audible: int | None
    silent_share: float | None
    sound: bool = True


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """The run that is judged again: its out folder, its start (UTC, ISO) and the verdict it had."""

    folder: str
    started: str
    verdict: str
    redaction: Redaction


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`seen` is without sounds and without what clips served; `spoken` is the verdict of spoken_secrets, which nobody
    can reach again without the sound; null if nobody listened."""

    record: Literal[1] = 1
    scenario: dict[str, Any]
    contract: dict[str, Any]
    made: Made
    verdict: str
    ledger: Ledger
    seen: Observations
    integrity: Integrity | None
    residual: Residual | None
    pace: Pace | None
    hostile: dict[str, int]
    redaction: Redaction
    spoken: Verdict | None
    households: int
    broker: str


def read_record(folder: Path) -> Record:
    """The record of a run's out folder.

    Raises:
        BadFile: there is none, or it is another version's.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except FileNotFoundError:
        inside = sorted(str(each.parent) for each in folder.glob(f"*/{FILE}")) if folder.is_dir() else []
        hint = f"; runs in it: {', '.join(inside[:5])}" if inside else ""
        raise BadFile(f"{path}: not there; a run of the built-in system leaves one in its out folder{hint}") from None
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadFile(f"{path}: no record of this version; run the scenario again") from None
