"""The figures of a run as plain data, once a second, in a file: for a process beside the load that sends them on.

Names are as the search process lets them be shown. No answer and no value is in them.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from earlid.load.recorder import Recorder


def figures(recorder: Recorder, shown: Mapping[str, str], counts: Mapping[str, Any]) -> dict[str, Any]:
    """`counts` are the search's; an empty mapping says that it was not asked yet."""
    last: Sequence[Mapping[str, Any]] = recorder.timeline()[-1:]
    totals = counts.get("totals", {})
    return {
        "began": recorder.began,
        "routes": recorder.table(shown),
        "last": dict(last[0]) if last else {},
        "waited_s": sum(second["waited_s"] for second in recorder.seconds.values()),
        "searched": counts.get("searched"),
        "waiting": counts.get("waiting"),
        "findings": dict(totals.get("findings", {})),
        "unsearched": dict(totals.get("unsearched", {})),
    }


def write(path: Path, told: Mapping[str, Any]) -> None:
    """Whole or not at all: who reads it meanwhile reads the ones before. Raises OSError."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file, separators=(",", ":"))
    beside.replace(path)
