"""A small fleet's truth with its recordings, and a folder of what some system kept of it."""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gateway.identities import Identities
from gateway.wire import encode_wav
from scenarios.model.targets.target_file import Attached, load_target_file
from simulator.device.fleet import FleetSettings, Mix, plan_fleet, told
from simulator.sound.scene_file import encode_scenes, scenes_beside
from simulator.sound.scenes import render
from simulator.world.households import make_identities
from simulator.world.truth import Delivery, Truth, Utterance

TARGET = """
target: 1
kind: attached
name: somebodys-own
kept:
  kind: folder
  path: kept
  session: session
  text: said
  audio: {base64: sound.data}
  pseudonym: who
  day: day
join: JOIN
"""


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    identities: Identities
    truth: Truth
    sent: Mapping[str, np.ndarray]
    scenes: bytes

    def that(self, *kinds: str) -> list[Utterance]:
        return [said for said in self.truth.utterances if said.kind in kinds]


def fleet(seed: int = 7, households: int = 4, each: int = 4) -> Fleet:
    identities = make_identities(seed=seed, households=households)
    mix = Mix(wake=0.4, button=0.2, false_wake=0.2, noise=0.0, muted=0.2)
    plan = plan_fleet(FleetSettings(seed=seed, utterances_per_device=each, mix=mix), identities)
    sounds = {said.utterance_id: render(said.scene) for said in plan.utterances}
    utterances = tuple(told(said, sounds[said.utterance_id]) for said in plan.utterances)
    deliveries = tuple(
        Delivery(utterance_id=said.utterance_id, attempts=1, frames=1, outcome=None, reason=None) for said in utterances
    )
    return Fleet(
        identities=identities,
        truth=Truth(seed=seed, utterances=utterances, deliveries=deliveries),
        sent={name: sound.pcm for name, sound in sounds.items()},
        scenes=encode_scenes({said.utterance_id: said.scene for said in plan.utterances}),
    )


def muted(fleet: Fleet, said: Utterance) -> np.ndarray:
    """What was sent, silent where a secret is spoken."""
    pcm = fleet.sent[said.utterance_id].copy()
    for word in said.words:
        if word.secret is not None:
            pcm[max(0, word.start - 800) : word.end + 800] = 0
    return pcm


def record(said: Utterance, pcm: np.ndarray, **more: Any) -> dict[str, Any]:
    """As somebody might keep it: the sound as base64 in JSON."""
    wav = encode_wav(pcm.astype("<i2").tobytes())
    words = " ".join("..." if word.secret else word.text for word in said.words)
    sound = {"type": "audio/wav", "data": base64.b64encode(wav).decode()}
    return {"session": said.session_id, "said": words, "sound": sound, **more}


def kept_in(folder: Path, records: Iterable[Mapping[str, Any]]) -> None:
    (folder / "kept").mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(records):
        (folder / "kept" / f"{number:03d}.json").write_text(json.dumps(each))


def target_in(folder: Path, join: str = "exact", text: str = TARGET) -> Attached:
    path = folder / "target.yaml"
    path.write_text(text.replace("JOIN", join))
    found = load_target_file(path)
    assert isinstance(found, Attached)
    return found


def truth_in(folder: Path, fleet: Fleet) -> Path:
    path = folder / "truth.json"
    path.write_bytes(msgspec.json.encode(fleet.truth))
    scenes_beside(path).write_bytes(fleet.scenes)
    (folder / "identities.json").write_bytes(fleet.identities.to_json())
    return path
