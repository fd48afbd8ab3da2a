"""Exactly once in the store, whatever happens on the way: seeds x fault schedules, gateway killed at any moment.

The fleet is the simulator's; the detector knows the answers, so that hearing cannot blur what is about delivery.
"""

import functools
import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract, parse_contract
from gateway.flow.service import Dependencies, Service
from gateway.gate.wake import HOP_SAMPLES, Heard, Pcm
from gateway.intake.mute_switches import MuteSwitches
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
from simulator.device import device as device_module
from simulator.device.fleet import FleetSettings, Plan, plan_fleet, run_fleet
from simulator.links.fault_kinds import Event, Fault
from simulator.links.faults import Faults
from simulator.links.link import MemoryLink, Message
from simulator.plan.planned import Habits
from simulator.sound.scenes import Scene, Sound, render
from simulator.world.households import make_identities
from simulator.world.truth import Truth

render_once = functools.cache(render)
IN_MEMORY, SOAK = 60, 3_000


class Shelf:
    """A store in memory that survives the gateway: session keys, and every join tag ever stored."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self.tags: list[str | None] = []

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        if session_key in self._keys:
            return False
        self._keys.add(session_key)
        self.tags.append(join_tag)
        return True

    def has_session(self, session_key: str) -> bool:
        return session_key in self._keys


class Oracle:
    """Hears the wake word in exactly the audio that has it."""

    def __init__(self, wake: frozenset[str]) -> None:
        self._wake = wake

    def hear(self, pcm: Pcm) -> Heard:
        scores = np.zeros(-(-len(pcm) // HOP_SAMPLES), np.float32)
        if len(scores) > 10 and hashlib.sha256(pcm.tobytes()).hexdigest() in self._wake:
            scores[10] = 1.0
        return Heard(scores=scores)


def contract() -> Contract:
    data = load_contract("strict").model_dump(by_alias=True)
    data["gate"] |= {"verify": (), "end_silence_ms": None}
    data["redact"]["audio"] |= {"word_times": "transcript"}
    return parse_contract(data, "mine")


class World:
    """A fleet and a gateway that can die and come back with nothing but its store and its key."""

    def __init__(self, plan: Plan, consents: dict[str, bool]) -> None:
        self.plan, self.shelf, self.now = plan, Shelf(), 0.0
        sounds = {said.utterance_id: render_once(said.scene) for said in plan.utterances}
        wake = [said for said in plan.utterances if said.kind in ("wake", "muted", "no_consent")]
        self._oracle = Oracle(frozenset(sounds[said.utterance_id].digest for said in wake))
        facts = {d.site_id: SiteFacts(household_key=d.site_id, consent=consents[d.site_id]) for d in plan.devices}
        self._vault = InMemoryVault(facts)
        self._switches = MuteSwitches()  # on disk
        self.start()

    def start(self) -> None:
        self.service = Service(
            Dependencies(
                contract=contract(),
                detector=self._oracle,  # type: ignore[arg-type]
                vault=self._vault,
                store=self.shelf,
                switches=self._switches,
                population={},
                key=b"k" * 32,
                now=lambda: datetime(2019, 4, 10, 12, tzinfo=UTC),
                join_key=b"j" * 32,
                monotonic=lambda: self.now,
            )
        )

    def handle(self, topic: str, payload: bytes) -> list[Message]:
        answers = self.service.handle(topic, payload) + self.service.settle()
        while "watermark/ask" in topic and not any("watermark/reached" in each for each, _ in answers):
            self.now += 0.6
            answers += self.service.settle()
        return answers

    def run(self, faults: Faults) -> Truth:
        link = MemoryLink(self.handle)
        return run_fleet(self.plan, link=link, transcripts=MemoryLink(self.handle), faults=faults)


@functools.cache
def fleet() -> tuple[Plan, dict[str, bool]]:
    people = make_identities(seed=9, households=5)
    plan = plan_fleet(
        FleetSettings(seed=9, households=5, utterances_per_device=3, gap_ms=40_000, habits=Habits(attempts=16)), people
    )
    return plan, {device.site_id: home.consent for home in people.households for device in home.devices}


@pytest.fixture(autouse=True)
def _rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def cached(scene: Scene) -> Sound:
        return render_once(scene)

    monkeypatch.setattr(device_module, "render", cached)


KINDS = ("drop", "delay", "duplicate", "reorder", "truncate", "disconnect", "lose_receipt")


def schedule(seed: int) -> tuple[list[Fault], list[int]]:
    """Some faults, each rare enough that sixteen tries are enough; and moments at which the gateway is killed."""
    rng = np.random.default_rng([seed, 4])
    kinds = rng.permutation(len(KINDS))[: int(rng.integers(1, 5))]
    usual = {"lose_receipt": 0.2, "disconnect": 0.001, "delay": 0.03, "duplicate": 0.02, "reorder": 0.01}
    faults = [Fault(kind=KINDS[k], share=usual.get(KINDS[k], 0.002) * float(rng.uniform(0.2, 1))) for k in kinds]  # type: ignore[arg-type]
    return faults, sorted(int(at) for at in rng.integers(0, 150_000, int(rng.integers(0, 4))))


def check(seed: int) -> Counter[str]:
    world = World(*fleet())
    faults, kills = schedule(seed)
    events = [Event(name="kill", at_ms=at, act=world.start) for at in kills]
    truth = world.run(Faults(seed=seed, faults=faults, events=events))
    stored = Counter(world.shelf.tags)
    ledger: Counter[str] = Counter()
    for said, sent in zip(truth.utterances, truth.deliveries, strict=True):
        copies = stored.pop(_tag(said.session_id), 0)
        assert copies == (1 if said.expected == "keep" else 0), (seed, said.utterance_id, sent)
        assert sent.outcome == ("kept" if copies else "dropped"), (seed, said.utterance_id, sent)
        ledger[f"{said.kind} {sent.outcome}"] += 1
        ledger["tries"] += sent.attempts
    assert not stored
    return ledger


def _tag(session_id: str) -> str:
    return hmac.new(b"j" * 32, session_id.encode(), hashlib.sha256).hexdigest()


@pytest.mark.slow
def test_exactly_once_over_many_schedules() -> None:
    total: Counter[str] = Counter()
    for seed in range(IN_MEMORY):
        total += check(seed)
    assert total["wake kept"] > IN_MEMORY
    assert total["muted dropped"] + total["no_consent dropped"] > 0
    said = sum(count for what, count in total.items() if what != "tries")
    assert total["tries"] > 1.05 * said  # the faults did happen


@pytest.mark.soak
def test_exactly_once_over_thousands_of_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    total: Counter[str] = Counter()
    for done, seed in enumerate(range(IN_MEMORY, IN_MEMORY + SOAK), start=1):
        total += check(seed)
        if done % 100 == 0 or done == SOAK:
            said = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
            with capsys.disabled():
                print(f"delivery: {done} of {SOAK} schedules: {said}", flush=True)  # noqa: T201


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.001, 0.3))
def test_nothing_that_must_be_dropped_exists_even_when_bytes_are_bent(seed: int, share: float) -> None:
    world = World(*fleet())
    faults = [Fault(kind="corrupt", share=share), Fault(kind="drop", share=share / 10)]
    truth = world.run(Faults(seed=seed, faults=faults))
    stored = Counter(world.shelf.tags)
    must_drop = [said for said in truth.utterances if said.expected == "drop"]
    assert must_drop
    assert [said.utterance_id for said in must_drop if stored[_tag(said.session_id)]] == []
    assert not stored or max(stored.values()) == 1
