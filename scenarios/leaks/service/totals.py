"""The totals of a search process, their sum over workers, the summary and the exit code."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

LEAKED, UNKNOWN = 1, 3  # Locust's own failures keep its own exit code
_MOST_KEYS = 1_000  # different places; further places are counted together


class SearchTotals(msgspec.Struct, kw_only=True):
    """The counts of a search.

    `received` counts exchanges, `responses` the searched answers, and `bytes` their length. `findings` counts by "field
    in place", `unsearched` by reason. `own` counts findings that the asker may see. `planted` and `found` count the
    planted leaks that were served and found; `missed` names those not found.
    """

    received: int = 0
    responses: int = 0
    bytes: int = 0
    repeated: int = 0
    unanswered: int = 0
    own: int = 0
    findings: dict[str, int] = msgspec.field(default_factory=dict)
    unsearched: dict[str, int] = msgspec.field(default_factory=dict)
    planted: int = 0
    found: int = 0
    missed: list[str] = msgspec.field(default_factory=list)

    def count(self, counts: dict[str, int], key: str) -> None:
        if key not in counts and len(counts) >= _MOST_KEYS:
            key = "other places"
        counts[key] = counts.get(key, 0) + 1

    def plus(self, other: "SearchTotals") -> "SearchTotals":
        return SearchTotals(
            received=self.received + other.received,
            responses=self.responses + other.responses,
            bytes=self.bytes + other.bytes,
            repeated=self.repeated + other.repeated,
            unanswered=self.unanswered + other.unanswered,
            own=self.own + other.own,
            findings=_sum(self.findings, other.findings),
            unsearched=_sum(self.unsearched, other.unsearched),
            planted=self.planted + other.planted,
            found=self.found + other.found,
            missed=sorted({*self.missed, *other.missed}),
        )

    def minus(self, earlier: "SearchTotals") -> "SearchTotals":
        """What came after `earlier`. `missed` stays whole."""
        return SearchTotals(
            received=self.received - earlier.received,
            responses=self.responses - earlier.responses,
            bytes=self.bytes - earlier.bytes,
            repeated=self.repeated - earlier.repeated,
            unanswered=self.unanswered - earlier.unanswered,
            own=self.own - earlier.own,
            findings=dict(Counter(self.findings) - Counter(earlier.findings)),
            unsearched=dict(Counter(self.unsearched) - Counter(earlier.unsearched)),
            planted=self.planted - earlier.planted,
            found=self.found - earlier.found,
            missed=self.missed,
        )

    def exit_code(self) -> int | None:
        """The exit code of the run, or None if all was searched and nothing was found.

        1: a leak was found. 3: something was not searched, a planted leak was missed or never served, or there were no
        responses.
        """
        if self.findings:
            return LEAKED
        blind = not self.planted or self.found < self.planted
        return UNKNOWN if blind or self.unsearched or not self.responses else None

    def summary(self) -> str:
        """The summary of a run as text lines. It names fields and places, never a value."""
        lines = [
            f"leak watch: searched {self.responses} responses ({self.bytes} bytes), "
            f"controls found {self.found}/{self.planted}, findings {sum(self.findings.values())}"
        ]
        lines += [f"  leak: {key}: {count}" for key, count in sorted(self.findings.items())]
        lines += [f"  control missed: {name}" for name in self.missed]
        lines += [f"  not searched: {why}: {count}" for why, count in sorted(self.unsearched.items())]
        if self.own:
            lines.append(f"  data of the person who asked, allowed by may_see: {self.own}")
        if self.unanswered:
            lines.append(f"  without an answer: {self.unanswered}")
        if not self.responses:
            lines.append("  nothing was searched, so nothing can be said")
        return "\n".join(lines) + "\n"

    def to_builtins(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def stamped(line: Mapping[str, Any]) -> bytes:
    """One JSON line for the spool, with the current time."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return msgspec.json.encode({"kind": line["kind"], "at": at, **line}) + b"\n"


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(one) + Counter(other))
