"""The search for audio at rest finds it, wherever and however it was written; and nothing where there is none."""

import base64
import time
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.traces import Traces, watched

RNG = np.random.default_rng(4)
DROPPED, KEPT = (RNG.integers(-9_000, 9_000, 4_000).astype("<i2").tobytes() for _ in range(2))
TRACES = Traces({"dropped": DROPPED, "kept": KEPT})
WAYS = {
    "plain": DROPPED,
    "a piece": DROPPED[2_001:2_301],
    "swapped": np.frombuffer(DROPPED, "<i2").byteswap().tobytes(),
    "hex": DROPPED.hex().encode(),
    "HEX": DROPPED.hex().upper().encode(),
    "base64": base64.b64encode(DROPPED),
    "base64 of a piece": base64.b64encode(DROPPED[1_000:1_500]),
    "base64url": base64.urlsafe_b64encode(DROPPED),
}


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("way", WAYS)
def test_audio_is_found_at_any_alignment(way: str, before: int, tmp_path: Path) -> None:
    (tmp_path / ".journal").write_bytes(b"x" * before + WAYS[way] + b"\0" * 7)
    assert TRACES.found(tmp_path) == {".journal": {"dropped"}}


@pytest.mark.parametrize("phase", [1, 2])
def test_base64_that_began_elsewhere_is_found(phase: int, tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(base64.b64encode(b"y" * phase + DROPPED))
    assert TRACES.found(tmp_path) == {"spool": {"dropped"}}


def test_nothing_is_found_in_other_noise(tmp_path: Path) -> None:
    (tmp_path / "clips.db").write_bytes(RNG.bytes(300_000) + bytes(10_000))
    (tmp_path / "kept.wav").write_bytes(KEPT)
    assert TRACES.found(tmp_path) == {"kept.wav": {"kept"}}


def test_a_file_that_does_not_stay_is_seen(tmp_path: Path) -> None:
    with watched(TRACES, tmp_path, every_s=0.02) as seen:
        passing = tmp_path / "tmp123"
        passing.write_bytes(DROPPED)
        until = time.monotonic() + 5
        while not seen and time.monotonic() < until:
            time.sleep(0.02)
        passing.unlink()
    assert seen == {"tmp123": {"dropped"}}
