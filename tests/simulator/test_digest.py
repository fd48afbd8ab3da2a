"""One seed, one ledger digest: in memory or over Mosquitto, virtual or paced, in one process or several."""

import hashlib
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.clip import RedactedClip
from gateway.contract.model import load_contract
from gateway.flow.service import Dependencies, Service
from gateway.gate.wake import HOP_SAMPLES, Heard
from gateway.identities import Device, Identities
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
from gateway.wire import Topics
from scenarios.model.ledger import Ledger, Stored, reconcile
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, Mix, Plan, plan_fleet, run_fleet
from simulator.device.workers import merge, run_workers, split
from simulator.links.fault_kinds import Fault, Schedule
from simulator.links.faults import Faults
from simulator.links.link import Link, MemoryLink, Message, MqttLink
from simulator.plan.outages import Outages
from simulator.sound.scenes import render
from simulator.world.truth import Truth

JOIN_KEY = b"j" * 32
BROKER = "EARLID_TEST_BROKER"
MIX = Mix(wake=0.4, button=0.2, false_wake=0.15, noise=0.1, muted=0.15)


class KnownSounds:
    """Hears the wake word a second into what the plan says is a request, and nowhere else."""

    def __init__(self, plan: Plan) -> None:
        self._wakes = {render(said.scene).digest for said in plan.utterances if said.text.startswith("Alexa")}

    def hear(self, pcm: Any) -> Heard:
        scores = np.zeros(-(-len(pcm) // HOP_SAMPLES), np.float32)
        if hashlib.sha256(np.asarray(pcm).astype("<i2").tobytes()).hexdigest() in self._wakes:
            scores[12:16] = 1.0
        return Heard(scores=scores)


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.clips: dict[str, tuple[str | None, RedactedClip]] = {}

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        return self.clips.setdefault(session_key, (join_tag, clip))[1] is clip

    def has_session(self, session_key: str) -> bool:
        return session_key in self.clips


class Gateway:
    """The real service; its clock moves on when somebody waits for the watermark, so that no test does."""

    def __init__(self, plan: Plan, identities: Identities) -> None:
        self.shelf, self._now = Shelf(), 0.0
        homes = [(device.site_id, home) for home in identities.households for device in home.devices]
        facts = {site: SiteFacts(household_key=home.household_id, consent=home.consent) for site, home in homes}
        self.service = Service(
            Dependencies(
                contract=load_contract("amazon-2019-before"),
                detector=KnownSounds(plan),  # type: ignore[arg-type]
                vault=InMemoryVault(facts),
                store=self.shelf,
                population={},
                key=b"k" * 32,
                now=lambda: datetime(2019, 4, 10, 12, 30, tzinfo=UTC),
                join_key=JOIN_KEY,
                monotonic=lambda: self._now,
            )
        )

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        answers = self.service.handle(topic, payload) + self.service.settle()
        if "/watermark/ask/" in topic and not any("/watermark/reached/" in name for name, _ in answers):
            self._now += 60.0
            answers += self.service.settle()
        return answers

    def ledger(self, truth: Truth) -> Ledger:
        stored = [
            Stored(tag=tag or "", ref=clip.ref, spans_digest=clip.spans_digest)
            for tag, clip in self.shelf.clips.values()
        ]
        return reconcile(truth, stored, {}, join_key=JOIN_KEY)


@pytest.fixture(scope="module")
def few(identities: Identities) -> Identities:
    return identities.model_copy(update={"households": identities.households[:5]})


@pytest.fixture(scope="module")
def plan(few: Identities) -> Plan:
    return plan_fleet(FleetSettings(seed=8, utterances_per_device=2, mix=MIX), few)


def _in_memory(plan: Plan, identities: Identities, **options: Any) -> Ledger:
    gateway = Gateway(plan, identities)
    link = MemoryLink(gateway.handle)
    return gateway.ledger(run_fleet(plan, link=link, transcripts=link.talker(), **options))


@pytest.fixture(scope="module")
def usual(plan: Plan, few: Identities) -> Ledger:
    return _in_memory(plan, few)


@contextmanager
def _behind(broker: str, gateway: Gateway) -> Iterator[None]:
    """The gateway behind a broker, its work on a thread of its own."""
    arrived: queue.Queue[Message | None] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("fleet", "pw")
    client.on_message = lambda _c, _d, message: arrived.put((message.topic, bytes(message.payload)))
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    host, port = broker.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    client.subscribe([(topic, 1) for topic in Topics().for_gateway()])
    assert subscribed.wait(5)

    def work() -> None:
        while (message := arrived.get()) is not None:
            for topic, payload in gateway.handle(*message):
                client.publish(topic, payload, qos=1)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        arrived.put(None)
        worker.join(10)
        client.disconnect()
        client.loop_stop()


def connect(_worker: int) -> tuple[Link, Link]:
    """A worker's links; the broker stands in the environment, which its process inherits."""
    url = os.environ[BROKER]
    devices, assistant = (MqttLink(url, username="fleet", password="pw", listens=listens) for listens in (True, False))
    return devices, assistant


def test_something_happens_that_a_digest_can_tell(usual: Ledger) -> None:
    assert usual.count("kept") > 3
    assert usual.count("dropped") > 1, "muted and false wakes"
    assert usual.count("lost", "duplicated", "should_not_exist") == usual.unexplained == 0


def test_virtual_and_paced_have_one_digest(plan: Plan, few: Identities, usual: Ledger) -> None:
    assert _in_memory(plan, few).digest == usual.digest
    assert _in_memory(plan, few, clock=Clock(factor=50_000.0)).digest == usual.digest


def test_wrong_clocks_do_not_change_it(plan: Plan, few: Identities, usual: Ledger) -> None:
    skewed = plan_fleet(msgspec.structs.replace(plan.settings, skew_ms=60_000), few)

    assert _in_memory(skewed, few).digest == usual.digest


def test_outages_visitors_and_what_devices_sleep_through_have_one_digest(plan: Plan, few: Identities) -> None:
    rough = msgspec.structs.replace(
        plan.settings,
        outages=Outages(reboots=12.0, boot_ms=3_000, offline=2.0, offline_ms=(10_000, 60_000)),
        wakes="measured",
        visits=0.4,
        talk_before=0.5,
    )
    gone_through = plan_fleet(rough, few)
    ledger = _in_memory(gone_through, few)

    assert gone_through.unsent
    assert any(row.delivery and row.delivery.cut_short for row in ledger.rows)
    assert ledger.count("lost", "duplicated", "should_not_exist") == ledger.unexplained == 0
    assert _in_memory(gone_through, few, clock=Clock(factor=50_000.0)).digest == ledger.digest
    parts = [_in_memory(part, few) for part in split(gone_through, 2)]
    assert sorted(row.disposition for part in parts for row in part.rows) == sorted(r.disposition for r in ledger.rows)


def test_another_seed_has_another(few: Identities, usual: Ledger) -> None:
    other = plan_fleet(FleetSettings(utterances_per_device=2, mix=MIX, seed=9), few)

    assert _in_memory(other, few).digest != usual.digest


def test_lost_receipts_and_duplicates_do_not_change_it(plan: Plan, few: Identities, usual: Ledger) -> None:
    rough = [Fault(kind="lose_receipt", share=0.3), Fault(kind="duplicate", share=0.2, of="frame", amount=(0, 40))]

    assert _in_memory(plan, few, faults=Faults(seed=1, faults=rough)).digest == usual.digest


def test_a_recorded_schedule_replays_to_the_same_digest(plan: Plan, few: Identities, usual: Ledger) -> None:
    first = Faults(seed=4, faults=[Fault(kind="drop", share=0.03), Fault(kind="corrupt", share=0.02, of="frame")])
    ledger = _in_memory(plan, few, faults=first)
    recorded = msgspec.json.decode(msgspec.json.encode(first.schedule), type=Schedule)
    again = Faults(seed=0, replays=recorded)

    assert first.schedule.marks
    assert ledger.digest != usual.digest  # so much is lost that three attempts do not make up for it
    assert _in_memory(plan, few, faults=again).digest == ledger.digest
    assert again.schedule.digest == recorded.digest


def test_mosquitto_has_the_same_digest(plan: Plan, few: Identities, usual: Ledger, broker: str) -> None:
    gateway = Gateway(plan, few)
    os.environ[BROKER] = broker
    with _behind(broker, gateway):
        link, transcripts = connect(0)
        try:
            truth = run_fleet(plan, link=link, transcripts=transcripts)
        finally:
            link.close()
            transcripts.close()

    assert gateway.ledger(truth).digest == usual.digest


@pytest.mark.slow
def test_two_worker_processes_have_the_same_digest(
    plan: Plan, few: Identities, usual: Ledger, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(plan, few)
    monkeypatch.setenv(BROKER, broker)
    with _behind(broker, gateway):
        truth = run_workers(plan, workers=2, connect=connect)

    assert gateway.ledger(truth).digest == usual.digest


def test_adding_a_device_changes_no_other_history(plan: Plan, few: Identities, usual: Ledger) -> None:
    last = few.households[-1]
    wider = last.model_copy(update={"devices": (*last.devices, Device(site_id="added"))})
    more = few.model_copy(update={"households": (*few.households[:-1], wider)})
    after = _in_memory(plan_fleet(plan.settings, more), more)

    def history(ledger: Ledger) -> list[tuple[Any, ...]]:
        rows = [row for row in ledger.rows if row.utterance.device != "added"]
        return [(row.utterance, row.delivery, row.disposition, row.spans_digest) for row in rows]

    assert len(after.rows) == len(usual.rows) + 2
    assert history(after) == history(usual)


def test_parts_are_the_whole(plan: Plan, few: Identities) -> None:
    parts = split(plan, 3)

    missed = plan_fleet(msgspec.structs.replace(plan.settings, wakes="measured"), few)
    assert missed.unsent
    assert sorted(u.utterance_id for part in split(missed, 3) for u in part.unsent) == sorted(
        u.utterance_id for u in missed.unsent
    )
    assert sorted(device.label for part in parts for device in part.devices) == sorted(d.label for d in plan.devices)
    with pytest.raises(ValueError, match="parts of one run"):
        merge([])
