"""Lets several devices of a home hear one utterance, each at its own level and slightly later. Pure."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from simulator.plan.planned import PlannedDevice, PlannedUtterance
from simulator.plan.settings import FleetSettings

_TOGETHER = 10  # substream of the seed
_LATER_MS = 200  # largest delay between the first device and another
_QUIETER_DB = (2.0, 8.0)  # speech over noise at a device further away


def heard_together(devices: Sequence[PlannedDevice], settings: FleetSettings, household: int) -> list[PlannedDevice]:
    """The home's devices. The first `heard_by` of them hear what the first one hears."""
    if settings.heard_by < 2 or len(devices) < 2:
        return list(devices)
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_TOGETHER, household)))
    first = devices[0]
    found = [first]
    for device in devices[1 : settings.heard_by]:
        at = settings.hears[len(found) - 1] if len(found) <= len(settings.hears) else None
        also = tuple(_also(said, device, number, rng, at) for number, said in enumerate(first.utterances, start=1))
        found.append(msgspec.structs.replace(device, utterances=also))
    return [*found, *devices[settings.heard_by :]]


def _also(
    said: PlannedUtterance,
    device: PlannedDevice,
    number: int,
    rng: np.random.Generator,
    at: tuple[float, int] | None,
) -> PlannedUtterance:
    """`at` is (dB below the first device, ms after it); drawn where it is None."""
    quieter = float(rng.uniform(*_QUIETER_DB))
    if at is not None:
        quieter = at[0]
    scene = msgspec.structs.replace(said.scene, snr_db=said.scene.snr_db - quieter, seed=int(rng.integers(2**62)))
    return msgspec.structs.replace(
        said,
        utterance_id=f"{device.label}-{number:03d}",
        site_id=device.site_id,
        session_id=str(UUID(bytes=rng.bytes(16), version=4)),
        at_ms=said.at_ms + (int(rng.integers(1, _LATER_MS)) if at is None else at[1]),
        scene=scene,
        same_as=said.utterance_id,
    )
