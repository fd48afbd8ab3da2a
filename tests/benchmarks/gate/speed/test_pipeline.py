"""The whole way over a real broker: render -> MQTT -> gate -> redact -> store, and from last frame to receipt."""

import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as mqtt
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.identities import Device, Household, Identities, Member
from gateway.wire import Receipt, SessionEnd, SessionStart, Topics, decode_json, encode_json
from scenarios.run.broker import Broker, find_mosquitto
from scenarios.run.processes import Processes
from scenarios.run.target import Running, Target, start_builtin, stored_count
from scenarios.wakewords.corpus import Take, takes
from scenarios.wakewords.sounds import sound_of
from simulator.device.assistant import USUAL, transcribe
from simulator.device.device import cut
from simulator.links.link import MqttLink
from simulator.sound.scenes import Sound
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.conftest import SHARE

pytestmark = pytest.mark.bench
CLIPS, HOMES, ASKED = 120, 60, 240
LOADS = (0.25, 0.5, 0.75)
TOPICS = Topics()


class Fleet:
    """Sends sessions and notes when each receipt came (seconds, `time.perf_counter`)."""

    def __init__(self, broker: Broker) -> None:
        self.link = MqttLink(broker.url, username="fleet", password=broker.passwords["fleet"], listens=False)
        self.assistant = MqttLink(
            broker.url, username="assistant", password=broker.passwords["assistant"], listens=False
        )
        self.answered: dict[str, tuple[float, Receipt]] = {}
        self._came = threading.Condition()
        self._ears = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self._ears.username_pw_set("fleet", broker.passwords["fleet"])
        self._ears.on_connect = lambda client, *_: client.subscribe(TOPICS.device("+", "receipt"), qos=1)
        self._ears.on_message = self._on_message
        host, port = broker.url.removeprefix("mqtt://").split(":")
        self._ears.connect(host, int(port))
        self._ears.loop_start()
        time.sleep(0.5)

    def close(self) -> None:
        self.link.close()
        self.assistant.close()
        self._ears.disconnect()
        self._ears.loop_stop()

    def send(self, session: str, number: int, sound: Sound) -> float:
        """Stream one session; when its last frame and its end had been handed over."""
        site, at_ms = f"site{number % HOMES}", 1_000_000_000_000 + 60_000 * number
        rng = np.random.default_rng(number)
        heard = transcribe(
            sound.words, samples=len(sound.pcm), site_id=site, session_id=session, hearing=USUAL, rng=rng
        )
        start = SessionStart(session_id=session, at_ms=at_ms, trigger="wake")
        self.link.send(TOPICS.device(site, "session/start"), encode_json(start))
        frames = cut(sound, at_ms)
        for frame in frames:
            self.link.send(TOPICS.frame(site, session), frame)
        end = SessionEnd(session_id=session, at_ms=at_ms, frames=len(frames))
        self.assistant.send(TOPICS.transcript(), encode_json(heard))
        self.link.send(TOPICS.device(site, "session/end"), encode_json(end))
        return time.perf_counter()

    def wait(self, sessions: list[str], timeout_s: float = 120) -> None:
        with self._came:
            assert self._came.wait_for(lambda: all(s in self.answered for s in sessions), timeout_s)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        now, receipt = time.perf_counter(), decode_json(bytes(message.payload), Receipt)
        with self._came:
            self.answered[receipt.session_id] = (now, receipt)
            self._came.notify_all()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Processes]]:
    if find_mosquitto() is None:
        pytest.skip("no mosquitto binary")
    folder = tmp_path_factory.mktemp("pipeline")
    folder.chmod(0o700)
    homes = tuple(
        Household(
            household_id=f"H{number}",
            devices=(Device(site_id=f"site{number}"),),
            members=(Member(person_id=f"P{number}", name="Laura Invented", given_name="Laura"),),
        )
        for number in range(HOMES)
    )
    with Processes(Path(folder) / "logs") as processes:
        identities = Identities(schema=1, households=homes)
        asked = Target(broker="mosquitto")
        yield (
            start_builtin(processes, folder, identities=identities, contract="strict", reviewers=1, asked=asked),
            processes,
        )


@pytest.fixture(scope="module")
def fleet(system: tuple[Running, Processes]) -> Iterator[Fleet]:
    made = Fleet(system[0].broker)
    yield made
    made.close()


def drawn(count: int, seed: int) -> list[Take]:
    """Half of them requests, half confusables."""
    halves = [list(takes(count // 2, kind=kind, seed=seed)) for kind in ("wake", "confusable")]
    return [take for pair in zip(*halves, strict=True) for take in pair]


def test_whole_pipeline_beside_predict_alone(system: tuple[Running, Processes], fleet: Fleet, note: Note) -> None:
    for number, take in enumerate(drawn(20, seed=31)):  # models loaded, caches warm
        fleet.send(f"warm{number}", number, sound_of(take))
    fleet.wait([f"warm{number}" for number in range(20)])
    before, said = stored_count(system[0].store_url), drawn(CLIPS, seed=32)
    began, clips = time.perf_counter(), []
    for number, take in enumerate(said):
        sound = sound_of(take)
        clips.append(sound.pcm)
        fleet.send(f"whole{number}", 100 + number, sound)
    fleet.wait([f"whole{number}" for number in range(CLIPS)])
    whole = time.perf_counter() - began
    kept = stored_count(system[0].store_url) - before
    outcomes = [fleet.answered[f"whole{number}"][1].outcome for number in range(CLIPS)]
    alone = predict_alone(clips)
    note(
        "whole pipeline",
        clips=CLIPS,
        audio_s=round(sum(map(len, clips)) / 16_000),
        kept=kept,
        wall_s=round(whole, 2),
        openwakeword_predict_alone_wall_s=round(alone, 2),
        times_faster_than_predict_alone=round(alone / whole, 2),
        gateway_mb=round(psutil.Process(system[1].pid("gateway")).memory_info().rss / 2**20),
    )
    assert kept == outcomes.count("kept") > 0
    assert set(outcomes) == {"kept", "dropped"}


def predict_alone(clips: list[np.ndarray]) -> float:
    """Wall seconds openWakeWord's own streaming loop takes for the same clips, without anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import openwakeword
        from openwakeword.model import Model

        folder = Path(openwakeword.__file__).parent / "resources" / "models"
        peer = Model(wakeword_model_paths=[str(folder / "alexa_v0.1.onnx")])
    began = time.perf_counter()
    for pcm in clips:
        for at in range(0, len(pcm) - len(pcm) % 1_280, 1_280):
            peer.predict(pcm[at : at + 1_280])
    return time.perf_counter() - began


def test_latency_from_last_frame_to_receipt(fleet: Fleet, note: Note) -> None:
    count = max(40, int(ASKED * SHARE))
    sounds = [sound_of(take) for take in drawn(count, seed=33)]
    began = time.perf_counter()
    for number, sound in enumerate(sounds):
        fleet.send(f"burst{number}", 1_000 + number, sound)
    fleet.wait([f"burst{number}" for number in range(count)])
    capacity = count / (time.perf_counter() - began)
    for round_, load in enumerate(LOADS):
        ended = {}
        gaps = np.random.default_rng(round_).exponential(1 / (load * capacity), count)
        due = time.perf_counter() + np.cumsum(gaps)
        for number, (sound, at) in enumerate(zip(sounds, due, strict=True)):
            time.sleep(max(0.0, float(at) - time.perf_counter()))
            session = f"load{round_}-{number}"
            ended[session] = fleet.send(session, 2_000 + 1_000 * round_ + number, sound)
        fleet.wait(list(ended))
        waits = [fleet.answered[session][0] - at for session, at in ended.items()]
        busy = sum(fleet.answered[session][1].outcome == "busy" for session in ended)
        note(
            f"latency at {load:.0%} of capacity",
            sessions=count,
            capacity_sessions_per_s=round(capacity, 1),
            p50_ms=round(1000 * float(np.percentile(waits, 50)), 1),
            p99_ms=round(1000 * float(np.percentile(waits, 99)), 1),
            busy=busy,
        )
        assert busy == 0
        assert np.percentile(waits, 99) < 5
