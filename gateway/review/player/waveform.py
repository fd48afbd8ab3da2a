"""Peaks in, SVG path out: the waveform is drawn on the server, so that no browser has to decode long audio."""

from collections.abc import Sequence

COLUMNS = 240
HEIGHT = 100


def waveform_path(peaks: Sequence[int]) -> str:
    """Path data of one bar per column, mirrored about the middle of a COLUMNS x HEIGHT box.

    `peaks` are 0..100; more than COLUMNS of them are thinned to the loudest of each group, fewer are stretched.
    """
    bars = []
    for column in range(COLUMNS):
        start = column * len(peaks) // COLUMNS
        group = peaks[start : max(start + 1, (column + 1) * len(peaks) // COLUMNS)]
        half = max(1, min(100, max(group, default=0)) * HEIGHT // 200)
        bars.append(f"M{column} {HEIGHT // 2 - half}h.7v{2 * half}h-.7z")
    return "".join(bars)
