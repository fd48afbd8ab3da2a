"""How precisely homes can be placed from what reviewers saw: a dot for each home, in metres (log scale)."""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from scenarios.attacks.anonymity import Placed
from scenarios.report.result import RunResult

_HOUSE_M = 30.0
_BANDS = ("the house", "an area", "the town", "not at all")
_LEFT, _RIGHT, _NOWHERE = 150.0, 690.0, 760.0  # px: 1 m, 1,000 km, and homes that cannot be placed
_ROW, _TOP = 54.0, 26.0
_DECADES = 6
_SPREAD = 5  # dots beside each other before they pile up


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is leaks (placed), declared (a town that the contract shows on purpose) or clean (not placed)."""

    x: float
    y: float
    kind: str


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """The homes of one contract. `bands` are pairs of a precision and its number of homes."""

    contract: str
    y: float
    dots: tuple[Dot, ...]
    bands: tuple[tuple[str, int], ...]


class Precision(msgspec.Struct, frozen=True, kw_only=True):
    """The plot. `ticks` are pairs of x and label. `bands` are the names of the table's columns."""

    height: float
    ticks: tuple[tuple[float, str], ...]
    nowhere: float
    strips: tuple[Strip, ...]
    bands: tuple[str, ...]
    sentence: str


def precision(results: Sequence[RunResult]) -> Precision | None:
    """None if no home was shown in any way."""
    measured = [result for result in results if result.residual and result.residual.placed]
    if not measured:
        return None
    strips = tuple(_strip(r, r.residual.placed, at) for at, r in enumerate(measured) if r.residual)
    labels = ("1 m", "10 m", "100 m", "1 km", "10 km", "100 km", "1,000 km")
    ticks = tuple((_x(10.0**at), label) for at, label in enumerate(labels))
    return Precision(
        height=_TOP + _ROW * len(strips) + 30,
        ticks=ticks,
        nowhere=_NOWHERE,
        strips=strips,
        bands=_BANDS,
        sentence="; ".join(_sentence(strip) for strip in strips) + ".",
    )


def _strip(result: RunResult, homes: Sequence[Placed], at: int) -> Strip:
    y = _TOP + _ROW * (at + 0.5)
    piles: Counter[int] = Counter()
    dots = []
    for home in sorted(homes, key=lambda home: (home.metres is None, home.metres, home.household_id)):
        x = _NOWHERE if home.metres is None else _x(home.metres)
        column = round(x / 9)
        level = piles[column]
        piles[column] += 1
        aside = level % _SPREAD - (_SPREAD - 1) / 2
        dots.append(Dot(x=round(x + 2.5 * (level // _SPREAD), 1), y=round(y + 8 * aside, 1), kind=_kind(home, result)))
    counts = Counter(map(_band, homes))
    return Strip(
        contract=result.contract.name, y=y, dots=tuple(dots), bands=tuple((name, counts[name]) for name in _BANDS)
    )


def _x(metres: float) -> float:
    share = math.log10(min(max(metres, 1.0), 10.0**_DECADES)) / _DECADES
    return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _kind(home: Placed, result: RunResult) -> str:
    if home.metres is None:
        return "clean"
    return "declared" if home.by == "town" and "home.city" in result.contract.allow else "leaks"


def _band(home: Placed) -> str:
    house, area, town, nowhere = _BANDS
    if home.metres is None:
        return nowhere
    return town if home.by == "town" else house if home.metres <= _HOUSE_M else area


def _sentence(strip: Strip) -> str:
    told = ", ".join(f"{name} for {count}" for name, count in strip.bands if count and name != _BANDS[-1])
    return f"under {strip.contract}, what reviewers saw gives {told or 'nothing for any'} of {len(strip.dots)} homes"
