"""Response times in classes of 2 percent: small, mergeable, good for any percentile."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence

_FIRST_MS, _STEP = 0.1, math.log(1.02)


def class_of(ms: float) -> int:
    """The class that a time is counted in."""
    return 0 if ms <= _FIRST_MS else math.ceil(math.log(ms / _FIRST_MS) / _STEP)


class Histogram:
    """Milliseconds. `counts` maps a class to how many; class n ends at 0.1 ms x 1.02^n."""

    def __init__(self, counts: Mapping[int, int] | None = None, *, total_ms: float = 0.0, most_ms: float = 0.0) -> None:
        self.counts = dict(counts or {})
        self.total_ms, self.most_ms = total_ms, most_ms

    def record(self, ms: float) -> None:
        self.record_in(class_of(ms), ms)

    def record_in(self, key: int, ms: float) -> None:
        """As `record`, for a caller who knows the class of `ms`: one request is counted in several histograms."""
        counts = self.counts
        counts[key] = counts.get(key, 0) + 1
        self.total_ms += ms
        if ms > self.most_ms:
            self.most_ms = ms

    def add(self, other: "Histogram") -> None:
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
        self.total_ms += other.total_ms
        self.most_ms = max(self.most_ms, other.most_ms)

    @property
    def size(self) -> int:
        return sum(self.counts.values())

    def percentile(self, percent: float) -> float | None:
        """The time that `percent` of all stay within, to 2 percent. None when there is none."""
        left = math.ceil(self.size * percent / 100)
        for key in sorted(self.counts):
            left -= self.counts[key]
            if left <= 0:
                return min(_FIRST_MS * math.exp(_STEP * key), self.most_ms)
        return None

    def interval(self, percent: float) -> tuple[float, float] | None:
        """Where the percentile lies with 95 % confidence, by the ranks of the binomial distribution (normal form)."""
        size = self.size
        if not size:
            return None
        share = percent / 100
        spread = 1.96 * math.sqrt(share * (1 - share) / size) * 100
        low, high = self.percentile(max(percent - spread, 100 / size)), self.percentile(min(percent + spread, 100))
        return (low or 0.0, high or 0.0)

    def within(self, bounds_ms: Sequence[float]) -> list[int]:
        """How many lie up to each bound and above the one before; the last count is above all bounds. To 2 percent."""
        found = [0] * (len(bounds_ms) + 1)
        for key, count in self.counts.items():
            found[bisect_left(bounds_ms, _FIRST_MS * math.exp(_STEP * (key - 0.5)))] += count
        return found

    def mean(self) -> float | None:
        return self.total_ms / self.size if self.counts else None

    def to_json(self) -> dict[str, object]:
        return {"counts": {str(key): n for key, n in sorted(self.counts.items())}, "total_ms": self.total_ms,
                "most_ms": self.most_ms}  # fmt: skip

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> "Histogram":
        counts = told["counts"]
        if not isinstance(counts, Mapping):
            raise ValueError("counts: not an object")
        most, total = float(str(told["most_ms"])), float(str(told["total_ms"]))
        return cls({int(key): int(n) for key, n in counts.items()}, total_ms=total, most_ms=most)
