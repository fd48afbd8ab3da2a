"""The interval of a share: "0 of 319 responses (95 %: 0 to 1.2 %)". A count of zero does not prove a share of zero."""


def interval(count: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson, 1927), by SciPy. (0, 1) where nothing was counted."""
    if total <= 0:
        return 0.0, 1.0
    from scipy.stats import binomtest  # a second of processor time, which a command without a share does not pay

    found = binomtest(count, total).proportion_ci(confidence_level=0.95, method="wilson")
    return max(0.0, float(found.low)), min(1.0, float(found.high))


def of(count: int, total: int, what: str, *, limit: str = "") -> str:
    """ "0 of 17 wake requests rejected (95 %: 0 to 18 %)": a count of `what` and the interval of its share."""
    if not total:
        return f"0 of 0 {what}"
    low, high = interval(count, total)
    return f"{count} of {total} {what} (95 %: {_percent(low)} to {_percent(high)} %{limit and f'; limit {limit}'})"


def _percent(share: float) -> str:
    percent = 100 * share
    if percent >= 10 or percent == 0:
        return f"{percent:.0f}"
    return f"{percent:.1f}" if percent >= 0.1 else f"{percent:.2g}"
