import struct
import zlib

import numpy as np
import pytest

from gateway.review.player.spectrogram import spectrogram_png
from gateway.wire import encode_wav


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    rows = np.frombuffer(zlib.decompress(png[at + 4 : at + 4 + length]), np.uint8).reshape(height, width + 1)
    return rows[:, 1:]


def test_a_tone_is_a_line_at_its_height_and_a_covered_word_is_black() -> None:
    times = np.arange(32_000) / 16_000
    tone = (8_000 * np.sin(2 * np.pi * 2_000 * times)).astype("<i2")
    tone[16_000:24_000] = 0
    shown = pixels(spectrogram_png(encode_wav(tone.tobytes())))
    assert shown.shape == (128, 480)
    assert abs(int(shown[:, 100].argmax()) - 96) <= 1  # 2 of 8 kHz: a quarter from below
    assert shown[:, 280].max() == 0


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_short_and_silent_sound_is_a_black_picture(samples: int) -> None:
    assert pixels(spectrogram_png(encode_wav(bytes(2 * samples)))).max() == 0
