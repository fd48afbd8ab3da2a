"""What Locust counted, what the watch saw and what was searched -> what is doubtful, and the exit code."""

from collections.abc import Sequence
from typing import Any

LEAKED, UNKNOWN = 1, 3
OF_LINE = {"met": None, "missed": 1, "unknown": UNKNOWN}
SAID = {None: "pass", LEAKED: "FAIL", UNKNOWN: "UNKNOWN, not everything can be said"}


def worst(codes: Sequence[int | None]) -> int | None:
    """One exit code for several: fail before unknown, unknown before pass."""
    return LEAKED if LEAKED in codes else UNKNOWN if UNKNOWN in codes else None


def doubts(
    counts: dict[str, Any],
    reports: Sequence[dict[str, Any]],
    *,
    counted: int | None,
    address: str,
    alone: bool,
    lost: int = 0,
) -> list[str]:
    """Whatever makes the search's counts less than the whole.

    `counts` are the search's, `reports` those of each Locust process, `counted` is what Locust counted (None: this
    process does not know), `alone` a worker whose master does not watch, `lost` how many workers were lost in mid-run.
    """
    said = []
    if lost:
        said.append(f"{lost} workers were lost in mid-run: what they had not yet told of is in no count")
    seen = sum(int(report["seen"]) for report in reports)
    if counted is not None and counted != seen:
        said.append(f"Locust counted {counted} requests, the watch saw {seen}: some of them were not watched")
    elsewhere = [report for report in reports if report["address"] != address]
    sent = sum(int(report["sent"]) for report in reports if report not in elsewhere)
    if sent > int(counts["searched"]):
        said.append(f"handed over {sent} answers, searched {counts['searched']}")
    if elsewhere:
        said.append(f"{len(elsewhere)} workers have a search of their own: see their exit codes")
    if alone:
        said.append("the master does not watch: its exit code says nothing of leaks")
    unsent = sum(int(report["lost"]) for report in reports)
    if unsent or counts["gone"] or counts["open"] or counts["waiting"] or counts["broken"]:
        said.append(
            f"{unsent} answers could not be handed over; of the search {counts['gone']} workers ended early, "
            f"{counts['waiting']} answers were left, {counts['open']} senders did not close, "
            f"{counts['broken']} broke off"
        )
    for report in reports:
        said += [f"no HTTP answers, not searched: {kind}: {n}" for kind, n in report["kinds"].items()]
    return said
