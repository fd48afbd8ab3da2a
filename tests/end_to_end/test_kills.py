"""The gateway killed at random moments, the broker restarted: exactly once in the store, and no trace of the rest."""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml

from gateway.contract import PRESETS
from gateway.wire import AudioFrame, Receipt, SessionEnd, SessionStart, Topics, encode_frame, encode_json
from scenarios.broker import Broker, find_mosquitto, start_broker
from scenarios.ledger import join_tag
from scenarios.processes import Processes
from scenarios.target import mqtt_env, private, stored_clips, stored_count, with_user
from simulator.link import MqttLink

TOPICS = Topics()
KILLS, UTTERANCES, TRIES = 10, 40, 30
FRAME_BYTES = 2_560
JOIN_KEY = b"j" * 32


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance; `pcm` is noise nobody else makes, loud where the detector of known answers hears the word."""

    session: str
    site: str
    keep: bool
    pcm: bytes


class System:
    """Broker, vault and gateway as processes, everything they write below `folder`."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self.processes, self.folder, self.kills = processes, folder, 0
        homes = [{"household_id": f"H{n}", "consent": True, "devices": [{"site_id": f"site{n}"}]} for n in range(4)]
        private(folder / "ids.json", msgspec.json.encode({"schema": 1, "households": homes}))
        private(
            folder / "credentials.json",
            b'{"gateway": "gateway-token-000000000000", "review": "review-token-0000000000"}',
        )
        private(folder / "gateway.token", b"gateway-token-000000000000")
        private(folder / "join.key", JOIN_KEY)
        rules = yaml.safe_load((PRESETS / "amazon-2019-before.yaml").read_text())
        rules["gate"] |= {"admit": ["wake_word", "button"], "wake_model": "known-answers", "refractory_ms": 0}
        rules["redact"]["transcript"]["deadline_ms"] = 0
        (folder / "mine.yaml").write_text(yaml.safe_dump(rules))
        self.store = f"sqlite:///{folder / 'clips.db'}"
        self.broker: Broker = start_broker(processes, folder, kind="mosquitto")
        vault = ["--identities", folder / "ids.json", "--socket", folder / "v.sock", "--contract", folder / "mine.yaml"]
        processes.start("vault", _gateway("vault", *vault, "--credentials", folder / "credentials.json"), ready="vault")

    def start_gateway(self) -> None:
        folder = self.folder
        options = ["--broker", with_user(self.broker, "gateway"), "--store", self.store]
        options += ["--contract", folder / "mine.yaml", "--vault", folder / "v.sock", "--key-file", folder / "g.key"]
        options += ["--vault-token", folder / "gateway.token", "--join-key", folder / "join.key"]
        env = {**mqtt_env(self.broker, "gateway"), "TMPDIR": str(folder / "tmp")}
        self.processes.start("gateway", _gateway("gateway", *options), ready="gateway ready", env=env)

    def kill_gateway(self) -> None:
        os.kill(self.processes.pid("gateway"), signal.SIGKILL)
        self.processes.stop("gateway")
        self.kills += 1
        self.start_gateway()


def _gateway(command: str, *options: object) -> list[str]:
    return [sys.executable, "-m", "gateway", command, *map(str, options)]


def utterances() -> list[Said]:
    rng = np.random.default_rng(12)
    made = []
    for number in range(UTTERANCES):
        keep = bool(rng.random() < 0.5)
        loudest = 30_000 if keep else 15_000
        pcm = rng.integers(-loudest, loudest, int(rng.integers(8, 25)) * FRAME_BYTES // 2).astype("<i2").tobytes()
        made.append(Said(session=f"session-{number}", site=f"site{number % 4}", keep=keep, pcm=pcm))
    return made


class Fleet:
    """Devices that keep what they said in memory until its receipt, and send it again otherwise."""

    def __init__(self, broker: Broker) -> None:
        self.link = MqttLink(broker.url, username="fleet", password=broker.passwords["fleet"])
        self.outcomes: dict[str, str] = {}

    def send(self, said: Said, number: int) -> None:
        start = SessionStart(session_id=said.session, at_ms=10_000 * number, trigger="wake")
        self.link.send(TOPICS.device(said.site, "session/start"), encode_json(start))
        frames = [said.pcm[at : at + FRAME_BYTES] for at in range(0, len(said.pcm), FRAME_BYTES)]
        for seq, pcm in enumerate(frames):
            frame = AudioFrame(pcm=pcm, seq=seq, at_ms=10_000 * number + 80 * seq)
            self.link.send(TOPICS.frame(said.site, said.session), encode_frame(frame))
        end = SessionEnd(session_id=said.session, at_ms=0, frames=len(frames))
        self.link.send(TOPICS.device(said.site, "session/end"), encode_json(end))

    def listen(self) -> None:
        """Receipts that have come, without asking for a watermark: the gateway may be dead."""
        with self.link._changed:
            answers, self.link._receipts = self.link._receipts, []
        for _, payload in answers:
            receipt = msgspec.json.decode(payload, type=Receipt)
            if receipt.outcome in ("kept", "dropped"):
                self.outcomes[receipt.session_id] = receipt.outcome


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    (tmp_path / "tmp").mkdir()
    with Processes(tmp_path / "logs") as processes:
        made = System(processes, tmp_path)
        made.start_gateway()
        yield made


def drive(system: System, said: list[Said], kills: int) -> Fleet:
    """Send everything until it has its receipt, while the gateway is killed now and then."""
    fleet, rng = Fleet(system.broker), random.Random(5)
    moments = sorted(rng.sample(range(2, UTTERANCES + 10), kills))
    waiting, sent, stop_at = list(enumerate(said)), 0, time.monotonic() + 120
    tries: Counter[str] = Counter()
    while waiting and time.monotonic() < stop_at:
        for number, each in waiting:
            tries[each.session] += 1
            assert tries[each.session] < TRIES
            fleet.send(each, number)
            sent += 1
            if moments and sent >= moments[0]:
                moments.pop(0)
                time.sleep(rng.random() * 0.05)
                system.kill_gateway()
        time.sleep(0.9)
        fleet.listen()
        waiting = [(n, each) for n, each in waiting if each.session not in fleet.outcomes]
        moments = [sent + 1 + at for at in range(len(moments))] if waiting else moments
    assert not waiting
    return fleet


def found_in(folder: Path, pcm: bytes) -> list[str]:
    """Files that hold any 24 bytes of the PCM taken every 160 bytes of it, wherever in the file they lie."""
    needles = [pcm[at : at + 24] for at in range(0, len(pcm) - 24, 160)]
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if any(needle in data for needle in needles):
            found.append(str(path.relative_to(folder)))
    return found


def test_exactly_once_through_ten_kills_and_no_trace_of_what_was_dropped(system: System) -> None:
    said = utterances()
    fleet = drive(system, said, KILLS)
    fleet.link.close()
    assert system.kills == KILLS
    keys = {join_tag(JOIN_KEY, each.session): each for each in said}
    stored = Counter(keys[clip.tag].session for clip in stored_clips(system.store))
    assert stored == Counter(each.session for each in said if each.keep)
    assert stored_count(system.store) == len(stored)
    assert {each.session: "kept" if each.keep else "dropped" for each in said} == fleet.outcomes
    searched = [path for path in system.folder.rglob("*") if path.is_file()]
    assert {"clips.db", "broker.conf", "gateway.log"} <= {path.name for path in searched}
    kept, dropped = [e for e in said if e.keep], [e for e in said if not e.keep]
    assert all(found_in(system.folder, each.pcm) for each in kept)  # the search does find audio
    assert [files for each in dropped if (files := found_in(system.folder, each.pcm))] == []
    assert all(each.session.encode() not in path.read_bytes() for path in searched for each in dropped)


def test_a_broker_that_is_restarted_loses_nothing(system: System) -> None:
    said = utterances()[:8]
    fleet = Fleet(system.broker)
    for number, each in enumerate(said):
        fleet.send(each, number)
        if number == 3:
            system.processes.stop("broker")
            command = [_mosquitto(), "-c", str(system.folder / "broker.conf")]
            system.processes.start("broker", command)
    stop_at = time.monotonic() + 40
    while len(fleet.outcomes) < len(said) and time.monotonic() < stop_at:
        time.sleep(1.5)
        fleet.listen()
        for number, each in enumerate(said):
            if each.session not in fleet.outcomes:
                fleet.send(each, number)
    fleet.link.close()
    assert {each.session: "kept" if each.keep else "dropped" for each in said} == fleet.outcomes
    assert stored_count(system.store) == sum(each.keep for each in said)


def _mosquitto() -> str:
    return find_mosquitto() or ""
