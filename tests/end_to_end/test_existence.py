"""A dropped utterance cannot be told from one nobody ever said: one fleet twice, real processes, all that is left."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.wire import AudioFrame, Mute, encode_frame, encode_json
from scenarios.run.processes import Processes
from tests.end_to_end import remains
from tests.end_to_end.gateways import Fleet, Said, System, hear, noise, rules
from tests.end_to_end.runs import ROOT
from tests.end_to_end.traces import Traces, watched

HOMES = {"kitchen": True, "bedroom": True, "refusing": False, "muted": True}
TELLING = str(ROOT / "tests" / "broken" / "telling_gateway.py")
RNG = np.random.default_rng(8)


def said(session: str, site: str, *, loud: bool, keep: bool = False, frames: int = 14, **more: Any) -> Said:
    return Said(session=session, site=site, keep=keep, pcm=noise(RNG, loud=loud, frames=frames), **more)


KEPT = [
    said("k0", "kitchen", loud=True, keep=True),
    said("k1", "bedroom", loud=False, keep=True, trigger="button", pressed=True),
    said("k2", "kitchen", loud=True, keep=True),
]
DROPPED = [
    said("d0", "kitchen", loud=False),
    said("d1", "refusing", loud=True),
    said("d2", "muted", loud=True),
    said("d3", "stranger", loud=True),
    said("d4", "bedroom", loud=False, trigger="button"),
    said("d5", "bedroom", loud=True, missing=(3,)),
    said("d6", "kitchen", loud=True, frames=30),  # over the contract's length
    said("d7", "kitchen", loud=False),
]


class Left:
    """What one run left: its parts by name, and where the audio of what was dropped was ever seen."""

    def __init__(self, folder: Path, spoken: list[Said], program: list[str]) -> None:
        folder.mkdir()
        gate = {"admit": ["wake_word", "button"], "refractory_ms": 0, "max_clip_ms": 2_000, "end_silence_ms": None}
        redact: dict[str, dict[str, Any]] = {"transcript": {"deadline_ms": 300}, "audio": {"word_times": "transcript"}}
        contract = rules("strict", gate=gate, redact=redact)
        with Processes(folder / "logs") as processes:
            system = System(processes, folder, contract=contract, homes=HOMES, program=program)
            with watched(Traces({each.session: each.pcm for each in DROPPED}), folder) as self.passing:
                self._speak(system, spoken)
            self.pages = self._review(system)
            for name in ("review", "vault", "broker"):
                processes.stop(name)
        self.parts = {
            "database": remains.of_database(folder / "clips.db"),
            "vault's log": remains.of_audit(folder / "vault-audit.jsonl"),
            "logs": remains.of_logs(folder / "logs"),
            "files": remains.of_files(folder),
            "pages": self.pages,
        }
        self.at_rest = Traces({each.session: each.pcm for each in DROPPED}).found(folder)

    def _speak(self, system: System, spoken: list[Said]) -> None:
        system.start_gateway()
        fleet, assistant = Fleet(system.link("fleet")), system.link("assistant", listens=False)
        fleet.link.send(fleet.topics.device("muted", "mute"), encode_json(Mute(muted=True, at_ms=1)))
        for number, each in enumerate(spoken):
            hear(assistant, each)
            assistant.drain()
            fleet.send(each, number)
            fleet.settle(lambda each=each: fleet.answered(each.session))  # type: ignore[misc]
            if not each.keep:  # and a satellite, which streams without a session
                for _ in range(20):
                    frame = encode_frame(AudioFrame(pcm=noise(RNG, loud=False, frames=1)[:2_048]))
                    fleet.link.send(fleet.topics.frame(each.site), frame)
        assert {s for s, o in fleet.outcomes.items() if o == "kept"} == {e.session for e in KEPT}, fleet.receipts
        for link in (fleet.link, assistant):
            link.close()
        system.processes.stop("gateway")

    def _review(self, system: System) -> list[str]:
        folder = system.folder
        made = subprocess.run(
            system.command("accounts", "--accounts", folder / "accounts.json", "ada"), capture_output=True, check=True
        )
        options = ["--store", system.store(), "--contract", folder / "mine.yaml", "--port", 0]
        options += ["--vault", folder / "v.sock", "--vault-token", folder / "review.token"]
        options += ["--accounts", folder / "accounts.json", "--audit", folder / "review-audit.jsonl"]
        line = system.processes.start("review", system.command("review", *options), ready="review ready on ")
        return remains.of_review(line.removeprefix("review ready on ").rstrip("/"), json.loads(made.stdout))


def different(one: Left, other: Left) -> list[str]:
    return [name for name, part in one.parts.items() if part != other.parts[name]]


@pytest.fixture(scope="module")
def spoken_alone(mosquitto: str, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What is left when nothing was said that must be dropped."""
    return Left(tmp_path_factory.mktemp("alone") / "run", KEPT, ["-m", "gateway"])


def interleaved() -> list[Said]:
    return [*DROPPED[:3], KEPT[0], *DROPPED[3:5], KEPT[1], *DROPPED[5:7], KEPT[2], DROPPED[7]]


def test_what_was_dropped_might_never_have_been_said(mosquitto: str, spoken_alone: Left, tmp_path: Path) -> None:
    among = Left(tmp_path / "run", interleaved(), ["-m", "gateway"])
    assert different(spoken_alone, among) == []
    assert (among.passing, among.at_rest) == ({}, {})
    assert len(among.parts["database"]["tables"]["clips"]) == len(KEPT)  # type: ignore[index]
    assert len(among.pages) > 4 * len(KEPT)


def test_a_gateway_that_tells_is_told_on(mosquitto: str, spoken_alone: Left, tmp_path: Path) -> None:
    telling = Left(tmp_path / "run", interleaved(), [TELLING])
    assert set(different(spoken_alone, telling)) >= {"database", "vault's log", "logs", "files"}
    assert any(path.startswith("tmp/") for path in telling.passing)
