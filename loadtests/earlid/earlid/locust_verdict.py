"""What Locust counted, what the watch saw and what was searched -> what is doubtful, and the exit code."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from earlid.client import SearchClient
from earlid.copies.connections import UNWATCHED

LEAKED, UNKNOWN = 1, 3
OF_LINE = {"met": None, "missed": 1, "unknown": UNKNOWN}
SAID = {None: "pass", LEAKED: "FAIL", UNKNOWN: "UNKNOWN, not everything can be said"}
ALONE = "the master does not watch: its exit code says nothing of leaks"


def worst(codes: Sequence[int | None]) -> int | None:
    """One exit code for several: fail before unknown, unknown before pass."""
    return LEAKED if LEAKED in codes else UNKNOWN if UNKNOWN in codes else None


def own_report(client: SearchClient, *, seen: int, run: int, kinds: Mapping[str, int]) -> dict[str, Any]:
    """What one Locust process tells of itself."""
    own = client.counts
    return {
        "search": client.search_id,
        "identities": client.identities,
        "version": client.version,
        "seen": seen,
        "sent": own.sent,
        "run": run,
        "lost": own.lost,
        "waited_s": own.waited_s,
        "kinds": dict(kinds),
        "beside": list(UNWATCHED.addresses),
    }


def lag_lines(counts: Mapping[str, Any], waited_s: float, after_s: float) -> list[str]:
    """How far the search was behind the load, where it was. Nothing of it is a doubt."""
    said = []
    if after_s >= 1:
        said.append(f"the search went on for {after_s:.0f} s after the load")
    if counts["most_backlog"] >= 1_000_000:
        disk = f", of it {counts['most_on_disk'] / 1e6:.0f} MB sealed on the disk" if counts["most_on_disk"] else ""
        said.append(f"at most {counts['most_backlog'] / 1e6:.0f} MB of answers waited to be searched{disk}")
    if counts["disk_refused"]:
        said.append(f"the disk took no more of the backlog {counts['disk_refused']} times: it could not grow")
    if waited_s >= 1:
        said.append(f"users waited {waited_s:.1f} s in all for the search to catch up")
    return said


def doubts(
    counts: Mapping[str, Any],
    reports: Sequence[Mapping[str, Any]],
    elsewhere: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({}),
    *,
    counted: int | None,
    alone: bool,
    lost: int = 0,
    unwatched: int = 0,
) -> list[str]:
    """Whatever makes the searches' counts less than the whole.

    `counts` are of all searches together. `reports` are those of each Locust process, that of this one first.
    `elsewhere` has the counts of each search on another machine by its name. `counted` is what Locust counted (None:
    this process does not know), `alone` a worker whose master does not watch, `lost` how many workers were lost in
    mid-run, `unwatched` how many are there that do not watch.
    """
    said = []
    if lost:
        said.append(f"{lost} workers were lost in mid-run: what they had not yet told of is in no count")
    seen = sum(int(report["seen"]) for report in reports)
    if counted is not None and counted != seen:
        said.append(f"Locust counted {counted} requests, the watch saw {seen}: some of them were not watched")
    if unwatched:
        said.append(f"{unwatched} workers do not watch")
    said += _of_searches(counts, reports, elsewhere)
    if alone:
        said.append(ALONE)
    unsent = sum(int(report["lost"]) for report in reports)
    if unsent or counts["gone"] or counts["open"] or counts["waiting"] or counts["broken"]:
        said.append(
            f"{unsent} answers could not be handed over; of the search {counts['gone']} workers ended early, "
            f"{counts['waiting']} answers were left, {counts['open']} senders did not close, "
            f"{counts['broken']} broke off"
        )
    for address in sorted({address for report in reports for address in report.get("beside", ())}):
        said.append(f"connections beside the watched clients, not searched: {address}")
    for report in reports:
        said += [f"no HTTP answers, not searched: {kind}: {n}" for kind, n in report["kinds"].items()]
    return said


def _of_searches(
    counts: Mapping[str, Any],
    reports: Sequence[Mapping[str, Any]],
    elsewhere: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[str]:
    """What is doubtful about each search by itself: one that searched too much must not hide another's gap."""
    said, master = [], reports[0]
    for key, what in (("version", "runs another version of Earlid"), ("identities", "searches for other identities")):
        others = sum(report.get(key) != master[key] for report in reports)
        if others:
            said.append(f"{others} of the workers: each {what} than the master")
    of_own = int(counts["searched"])
    for name in dict.fromkeys(
        str(report.get("search")) for report in reports[1:] if report.get("search") != master["search"]
    ):
        pieces = elsewhere.get(name, ())
        if not pieces:
            said.append("a worker's own search did not say what it found")
            continue
        searched = sum(int(piece["searched"]) for piece in pieces)
        of_own -= searched
        said += _gap(name, reports, max(int(piece["searched"]) for piece in pieces))
        if not any(int(piece["totals"]["planted"]) for piece in pieces):
            said.append("a worker's own search met no planted leak")
    return said + _gap(str(master["search"]), reports, of_own)


def _gap(name: str, reports: Sequence[Mapping[str, Any]], searched: int) -> list[str]:
    sent = sum(int(report["sent"]) for report in reports if report.get("search") == name)
    return [f"handed over {sent} answers, searched {searched}"] if sent > searched else []
