"""Frames from a device's link over Mosquitto into assembled clips, beside bare paho with the same payload."""

import threading
import time
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.intake.assembler import Assembler
from gateway.intake.mqtt_client import MqttIntake
from gateway.wire import AudioFrame, SessionEnd, Topics, decode_frame, decode_json, encode_frame, encode_json
from simulator.links.link import MqttLink

FRAMES, SESSIONS = 100, 80
TOPICS = Topics()
PCM = (np.random.default_rng(1).standard_normal(1_280) * 2_000).astype("<i2").tobytes()


def _bare(port: int) -> float:
    """Messages a second from one paho publisher to one subscriber."""
    total, got, done = FRAMES * SESSIONS, [0], threading.Event()
    payload = encode_frame(AudioFrame(pcm=PCM, seq=1, at_ms=1))
    taker, giver = (mqtt.Client(CallbackAPIVersion.VERSION2) for _ in range(2))
    subscribed = threading.Event()
    taker.on_subscribe = lambda *_: subscribed.set()

    def on_message(*_: object) -> None:
        got[0] += 1
        if got[0] == total:
            done.set()

    taker.on_message = on_message
    for client in (taker, giver):
        client.max_inflight_messages_set(64)
        client.connect("127.0.0.1", port)
        client.loop_start()
    taker.subscribe("bare/frame", 1)
    assert subscribed.wait(5)
    slots = threading.Semaphore(64)
    giver.on_publish = lambda *_: slots.release()
    began = time.perf_counter()
    for _ in range(total):
        slots.acquire()
        giver.publish("bare/frame", payload, qos=1)
    assert done.wait(60)
    rate = total / (time.perf_counter() - began)
    for client in (taker, giver):
        client.disconnect()
        client.loop_stop()
    return rate


def _ours(port: int) -> float:
    """Frames a second, cut and encoded by the sender, decoded and assembled into clips by the receiver."""
    ingest = MqttIntake(f"mqtt://127.0.0.1:{port}", TOPICS)
    assembler = Assembler(max_clip_ms=30_000, transcript_wait_s=0.0)
    clips: list[Any] = []

    def receive() -> None:
        while len(clips) < SESSIONS:
            for arrived in ingest.messages(0.2):
                levels, payload = arrived.topic.split("/"), arrived.payload
                if levels[-1] == "end":
                    assembler.end(levels[1], decode_json(payload, SessionEnd), time.monotonic())
                else:
                    assembler.frame(levels[2], levels[3], decode_frame(payload), time.monotonic())
            clips.extend(assembler.ready(time.monotonic()))

    worker = threading.Thread(target=receive)
    link = MqttLink(f"mqtt://127.0.0.1:{port}", listens=False)
    worker.start()
    began = time.perf_counter()
    for number in range(SESSIONS):
        for seq in range(FRAMES):
            frame = encode_frame(AudioFrame(pcm=PCM, seq=seq, at_ms=1 + 80 * seq))
            link.send(TOPICS.frame(f"dev{number}", f"s{number}"), frame)
        end = SessionEnd(session_id=f"s{number}", at_ms=1, frames=FRAMES)
        link.send(TOPICS.device(f"dev{number}", "session/end"), encode_json(end))
    worker.join(60)
    rate = FRAMES * SESSIONS / (time.perf_counter() - began)
    link.close()
    ingest.close()
    assert len(clips) == SESSIONS
    return rate


@pytest.mark.bench
@pytest.mark.benchmark(group="frames")
def test_frames_through_device_broker_and_assembly(benchmark: Any, note: Any, mosquitto: int) -> None:
    rounds = [(_bare(mosquitto), _ours(mosquitto)) for _ in range(3)]
    benchmark.pedantic(lambda: _ours(mosquitto), rounds=1, iterations=1)
    ratios = sorted(ours / bare for bare, ours in rounds)
    note(
        "frames",
        frames_per_s=round(max(ours for _, ours in rounds)),
        bare_paho_per_s=round(max(bare for bare, _ in rounds)),
        ratio=round(ratios[1], 3),
        rounds=[round(ratio, 2) for ratio in ratios],
    )
    assert ratios[1] >= 0.7
