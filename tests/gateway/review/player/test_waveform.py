import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.review.player.waveform import COLUMNS, HEIGHT, waveform_path


@given(st.lists(st.integers(0, 100), max_size=600))
def test_every_column_has_a_bar_inside_the_box(peaks: list[int]) -> None:
    bars = re.findall(r"M(\d+) (\d+)h\.7v(\d+)h-\.7z", waveform_path(peaks))
    assert [int(x) for x, _, _ in bars] == list(range(COLUMNS))
    assert all(int(y) >= 0 and int(y) + int(height) <= HEIGHT for _, y, height in bars)


def test_a_short_burst_survives_thinning() -> None:
    peaks = [0] * 2400
    peaks[1203] = 100
    assert waveform_path(peaks).count(f"v{HEIGHT}") == 1
