"""Shows how the store looks months later: the gateway's own command sweeps a copy of it as of another day."""

import shutil
import sqlite3
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.contract.model import Contract
from scenarios.model.observations import Aged
from scenarios.run.processes import finished

_LOOK = """SELECT count(*), coalesce(sum(device IS NOT NULL OR customer IS NOT NULL), 0),
(SELECT count(*) FROM owners) FROM clips"""


def probes(contract: Contract) -> list[int]:
    """The days to look at: today, and the day before and after each period that the contract promises."""
    ends = (contract.redact.pseudonyms.lifetime_days, contract.review.retention_days)
    return sorted({0, *(day for end in ends if end is not None for day in (max(0, end - 1), end + 1))})


def age(store: Path, contract: Path, days: Iterable[int], folder: Path) -> tuple[Aged, ...]:
    """One observation for each day. Empty if the store is no SQLite file or if the command fails."""
    found: list[Aged] = []
    for day in days if store.is_file() else ():
        copy = folder / f"aged-{day}.db"
        shutil.copyfile(store, copy)
        now = (datetime.now(UTC) + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S")
        options = ["--store", f"sqlite:///{copy}", "--contract", str(contract), "--now", now]
        command = [sys.executable, "-m", "gateway", "custody", "sweep", *options]
        if finished(command).returncode:
            return ()
        with sqlite3.connect(copy) as db:
            clips, linked, owned = db.execute(_LOOK).fetchone()
        db.close()
        copy.unlink()
        found.append(Aged(days=day, clips=clips, linked=linked, owned=owned))
    return tuple(found)
