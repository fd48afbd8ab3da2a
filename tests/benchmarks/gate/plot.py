"""The DET plot (Martin et al. 1997): two kinds of error against each other, both on normal-deviate axes."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

MARKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_EDGES = (0.004, 0.55)
_COLOURS = ("#1b5e9b", "#b3541e", "#3a7d44", "#7a4fa3")

Curve = tuple[np.ndarray, np.ndarray]  # scores of requests, scores of what must not pass


def draw_det(curves: Mapping[str, Curve], path: Path, *, goal: tuple[float, float], title: str) -> None:
    """One line a curve, SVG or PNG by the file's name; `goal` is (kept share, lost share), marked with a cross."""
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    axes = figure.add_subplot()
    for (name, (requests, others)), colour in zip(curves.items(), _COLOURS, strict=False):
        limits = np.quantile(requests, np.linspace(_EDGES[0], _EDGES[1], 200))
        kept = np.array([(others >= limit).mean() for limit in limits])
        lost = np.array([(requests < limit).mean() for limit in limits])
        axes.plot(_deviate(kept), _deviate(lost), color=colour, label=name, linewidth=1.8)
    name = f"goal: {goal[0]:.0%} kept at {goal[1]:.0%} lost"
    axes.plot(*_deviate(np.array(goal)), "x", color="black", markersize=9, label=name)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(_deviate(np.array(MARKS)), [f"{mark:.1%}".replace(".0%", "%") for mark in MARKS])
    axes.set_xlim(*_deviate(np.array(_EDGES)))
    axes.set_ylim(*_deviate(np.array(_EDGES)))
    axes.set_xlabel("kept, of the confusables the engine accepts")
    axes.set_ylabel("lost, of the requests the engine accepts")
    axes.set_title(title)
    axes.grid(color="#dddddd")
    axes.legend(loc="best")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _deviate(rates: np.ndarray) -> np.ndarray:
    return np.asarray(norm.ppf(np.clip(rates, _EDGES[0] / 2, 0.999)))
