"""load.json: what a load test saw, as plain data. It holds no body and no value."""

from collections.abc import Mapping, Sequence
from typing import Any

from earlid.load.recorder import Recorder
from earlid.load.slo import Line

_OF_SEARCH = ("searched", "cpu_s", "workers", "most_backlog", "most_on_disk", "disk_refused")
_OF_TOTALS = ("responses", "bytes", "repeated", "unanswered", "planted", "found")


def document(
    recorder: Recorder,
    shown: Mapping[str, str],
    counts: Mapping[str, Any] | None,
    doubts: Sequence[str],
    lines: Sequence[Line],
    aborted: Sequence[Line],
    *,
    capacity: Mapping[str, Any] | None,
    after_s: float,
) -> dict[str, Any]:
    """`counts` are the search's; None: it is gone. `after_s` is how long it went on after the load."""
    return {
        "schema": 1,
        "began": recorder.began,
        "warmup_s": recorder.warmup_s,
        "seconds": recorder.timeline(),
        "routes": recorder.table(shown),
        "objectives": [line._asdict() for line in lines],
        "aborted": [line._asdict() for line in aborted],
        "saturated": recorder.saturated(),
        "capacity": capacity,
        "waited_share": recorder.waited_share,
        "search": {"after_s": round(after_s, 1), **search_of(counts, doubts)},
    }


def search_of(counts: Mapping[str, Any] | None, doubts: Sequence[str]) -> dict[str, Any]:
    """The section `search` of load.json."""
    totals = counts["totals"] if counts else {}
    return {
        "lost": counts is None,
        **{name: counts[name] for name in _OF_SEARCH if counts},
        **{name: totals.get(name, 0) for name in _OF_TOTALS},
        "findings": totals.get("findings", {}),
        "unsearched": totals.get("unsearched", {}),
        "doubts": list(doubts),
    }
