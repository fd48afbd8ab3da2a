"""Figures in, pictures out: recall beside its costs, what a place tells, who can link what (PNG, beside the JSON)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

Figures = Mapping[str, Any]
_RECALL = {"recall_of_served": ("secrets covered", "#175e54", "o"), "withheld": ("clips withheld", "#b4770a", "s"),
           "over_muted": ("other words over-muted", "#a3241d", "^")}  # fmt: skip


def draw(figures: Figures, folder: Path) -> None:
    """Redraw every picture whose figures are there."""
    pictures: dict[str, Callable[[Figures], Figure | None]] = {
        "recall": _recall, "location": _location, "linkage": _linkage,
    }  # fmt: skip
    for name, made in pictures.items():
        if (picture := made(figures)) is not None:
            picture.savefig(folder / f"redact-{name}.png", dpi=110)


def _recall(figures: Figures) -> Figure | None:
    words = _rows(figures, "recall.word_errors.", "%")
    times = _rows(figures, "recall.timing_errors.", "ms")
    if not words or not times:
        return None
    picture = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = picture.subplots(1, 2, sharey=True)
    for axes, rows, what in (
        (left, words, "word errors of the transcript, %"),
        (right, times, "timing errors, standard deviation of each word edge, ms"),
    ):
        for key, (label, colour, marker) in _RECALL.items():
            shares = [100 * row[key] for _, row in rows]
            axes.plot([at for at, _ in rows], shares, color=colour, marker=marker, label=label)
        axes.set(xlabel=what, ylim=(-3, 108), xticks=[at for at, _ in rows])
        _plain(axes)
    left.set_ylabel("share, %")
    left.legend(loc="center left", frameon=False)
    secrets = words[0][1]["secrets_served"] if words else 0
    picture.suptitle(f"Spoken secrets under strict ({secrets} secrets, synthetic voices)")
    return picture


def _rows(figures: Figures, prefix: str, unit: str) -> list[tuple[float, Any]]:
    found = []
    for name, row in figures.items():
        at = name.removeprefix(prefix).removesuffix(unit)
        if name.startswith(prefix) and at.isdigit():
            found.append((float(at), row))
    return sorted(found, key=lambda pair: pair[0])


def _location(figures: Figures) -> Figure | None:
    rows = {name.removeprefix("location."): row for name, row in figures.items() if name.startswith("location.")}
    rows = {name: row for name, row in rows.items() if isinstance(row.get("metres"), dict)}
    if not rows:
        return None
    picture = Figure(figsize=(11, 1.4 + 0.42 * len(rows)), layout="constrained")
    left, right = picture.subplots(1, 2, sharey=True)
    names = list(rows)[::-1]
    for axes, key, what in (
        (left, "metres", "metres between the attacker's best guess and the home"),
        (right, "anonymity", "homes that look the same (fleet of 400)"),
    ):
        for at, name in enumerate(names):
            spread = {k: max(float(v), 0.8) for k, v in rows[name][key].items()}
            axes.plot([spread["least"], spread["most"]], [at, at], color="#d0d6d3", linewidth=2)
            axes.plot([spread["p10"], spread["p90"]], [at, at], color="#6cc5b5", linewidth=6, solid_capstyle="butt")
            axes.plot(spread["median"], at, "o", color="#175e54")
        axes.set(xscale="log", xlabel=what)
        _plain(axes)
    left.set_yticks(range(len(names)), [f"{name}  ({_share(rows[name]['right_town'])} right town)" for name in names])
    picture.suptitle("What a place tells: median, 10th to 90th percentile, extremes")
    return picture


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _linkage(figures: Figures) -> Figure | None:
    rows = {name.removeprefix("linkage."): row for name, row in figures.items() if name.startswith("linkage.")}
    rows = {name: row for name, row in rows.items() if isinstance(row, dict) and "auc" in row}
    if not rows:
        return None
    picture = Figure(figsize=(9, 1.2 + 0.36 * len(rows)), layout="constrained")
    axes = picture.subplots()
    names: Sequence[str] = list(rows)[::-1]
    for at, name in enumerate(names):
        row = rows[name]
        axes.plot([row["low"], row["high"]], [at, at], color="#175e54", linewidth=3)
        axes.plot(row["auc"], at, "o", color="#175e54")
    axes.axvline(0.5, color="#a3241d", linestyle=":", linewidth=1)
    axes.annotate("chance", (0.5, len(names) - 0.4), ha="center", color="#a3241d", annotation_clip=False)
    axes.set(xlim=(0.45, 1.02), xlabel="area under the ROC curve, 95 % interval: can two clips of one home be told?")
    axes.set_yticks(range(len(names)), names)
    _plain(axes)
    return picture


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#eceeed")
    axes.set_axisbelow(True)
