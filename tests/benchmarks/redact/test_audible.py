"""Can a masked secret still be heard? By the harness's own measure, in dry clips, under distortion and in rooms.

Phase coherence against the truth's recording (VOICE-FACTS of the harness: alarm from 30 ms), after the measure has
estimated the distortion the clip went through. In rooms the reference is the secret's own sound through the room, so
that its echo under the next word counts and the next word does not.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.redact.sound.align import PocketSphinx
from gateway.redact.sound.voice import distort
from scenarios.checks.audible import HOP, RATE_HZ, Comparison, coherences
from simulator.device.assistant import USUAL, Hearing
from tests.benchmarks.redact.speakers import Told, tellings
from tests.benchmarks.redact.test_recall import STRICT, served

pytestmark = pytest.mark.bench

CLIPS = 100
ALARM_MS = 30
COHERENT = 0.44
FRAME = 400
ABSORPTIONS = (0.4, 0.25, 0.15, 0.075)
JITTER = Hearing(time_jitter_ms=USUAL.time_jitter_ms)


Samples = npt.NDArray[np.int16]


class Audible(msgspec.Struct, kw_only=True):
    """Milliseconds of each clip's secrets; `floor` is the same where they certainly are not."""

    residual: list[int]
    floor: list[int]
    unknown: int = 0

    def row(self) -> dict[str, Any]:
        return {
            "clips": len(self.residual),
            "alarms": sum(ms >= ALARM_MS for ms in self.residual),
            "residual_ms_most": max(self.residual, default=0),
            "residual_ms_mean": round(float(np.mean(self.residual or [0])), 2),
            "floor_ms_most": max(self.floor, default=0),
            "floor_alarms": sum(ms >= ALARM_MS for ms in self.floor),
            "clips_not_recognised": self.unknown,
        }


def left_of(clips: Iterator[RedactedClip]) -> Iterator[Samples | None]:
    for clip in clips:
        yield np.frombuffer(clip.wav[44:], np.int16) if clip.wav is not None else None


def by_comparison(told: list[Told], sounds: Iterator[Samples | None]) -> tuple[Audible, list[float]]:
    """As the check of a run does it: aligned and undistorted on what is not secret; the coefficients it estimated."""
    found, coefficients = Audible(residual=[], floor=[]), []
    for each, heard in zip(told, sounds, strict=True):
        if heard is None:
            continue
        spans = [(word.start, word.end) for word in each.uttered if word.secret is not None]
        compared = Comparison(each.sound.pcm, heard, spans)
        if compared.at is None:
            found.unknown += 1
            continue
        coefficients.append(compared.coefficient)
        found.residual.append(sum(compared.residual_ms(*span) for span in spans))
        found.floor += [compared.floor_ms(*span) for span in spans]
    return found, coefficients


def in_room(told: list[Told], sounds: Iterator[Samples | None]) -> Audible:
    """Against the secret alone, echo and all, over the whole clip; nothing was cut, so nothing need be aligned."""
    found = Audible(residual=[], floor=[])
    for each, heard in zip(told, sounds, strict=True):
        if heard is None:
            continue
        starts = np.arange(0, len(heard) - FRAME + 1, HOP)
        for shift, into in ((0, found.residual), (max(len(heard) // 3, 2 * FRAME), found.floor)):
            audible = coherences(each.alone, heard.astype(float), starts, 0, shift) > COHERENT
            beside = np.r_[False, audible[:-1]] | np.r_[audible[1:], False]
            into.append(int((audible & beside).sum()) * HOP * 1000 // RATE_HZ)
    return found


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return tellings(CLIPS)


def test_the_measure_hears_what_is_not_masked(told: list[Told], figure: Callable[[str, Any], None]) -> None:
    found, _ = by_comparison(told, left_of(served(told, Hearing(), PocketSphinx(), load_contract("apple-2019"))))
    figure("audible.control.apple-2019", found.row())
    assert found.row()["alarms"] == len(found.residual) == CLIPS


@pytest.mark.parametrize("hearing", ["exact", "usual times"])
def test_strict_leaves_nothing_to_hear(told: list[Told], hearing: str, figure: Callable[[str, Any], None]) -> None:
    found, _ = by_comparison(
        told, left_of(served(told, JITTER if hearing == "usual times" else Hearing(), PocketSphinx()))
    )
    figure(f"audible.strict.{hearing}", found.row())
    assert found.residual
    assert found.row()["alarms"] == found.unknown == 0


def test_nor_does_a_distorted_clip(told: list[Told], figure: Callable[[str, Any], None]) -> None:
    contract = load_contract("google-2019")
    found, coefficients = by_comparison(told, left_of(served(told, Hearing(), PocketSphinx(), contract)))
    middle = round(float(np.median(coefficients)), 2) if coefficients else None
    figure("audible.google-2019", found.row() | {"coefficient_estimated_median": middle})
    whole = (np.frombuffer(distort(each.sound.pcm.tobytes(), 0.7), np.int16) for each in told)
    control, estimated = by_comparison(told, whole)
    middle = round(float(np.median(estimated)), 2) if estimated else None
    figure("audible.control.distorted by 0.7", control.row() | {"coefficient_estimated_median": middle})
    assert found.row()["alarms"] == 0
    assert control.row()["alarms"] >= 0.9 * len(control.residual)


@pytest.mark.parametrize("absorption", ABSORPTIONS)
def test_rooms(absorption: float, figure: Callable[[str, Any], None]) -> None:
    """With the contract's tail, and without: what the echo demands."""
    told, aligner = tellings(CLIPS, absorption=absorption), PocketSphinx()
    alarms = {}
    for name, tail_ms in (("without a tail", 0), ("strict", STRICT.redact.audio.tail_ms)):
        contract = with_audio(STRICT, STRICT.redact.audio.model_dump() | {"tail_ms": tail_ms})
        found = in_room(told, left_of(served(told, JITTER, aligner, contract)))
        figure(f"audible.room.absorption {absorption}.{name}", found.row())
        alarms[name] = found.row()["alarms"]
    assert alarms["strict"] <= max(2, found.row()["floor_alarms"])


def with_audio(contract: Contract, audio: dict[str, Any]) -> Contract:
    data = contract.model_dump(by_alias=True) | {"kind": "incident"}
    data["redact"]["audio"] = audio
    return Contract.model_validate(data)
