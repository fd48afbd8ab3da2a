"""Faults: each does what it is called after, to the device and the share it should, and a recording plays again."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identities import Identities
from gateway.wire import SessionEnd, Topics, encode_json
from simulator.device.fleet import FleetSettings, Plan, plan_fleet, run_fleet
from simulator.links.fault_kinds import Event, Fault, Kind, ReplayError, Schedule
from simulator.links.faults import Faults
from simulator.links.link import Link, MemoryLink
from simulator.world.truth import Truth

TOPICS = Topics()
LABELS = {"dev1": "H01-D1", "dev2": "H02-D1"}


class Wire:
    """A gateway that notes what comes and when; a faulty link to it, and a clock to set."""

    def __init__(self, scripted: Callable[..., Any], *faults: Fault, seed: int = 3, **options: Any) -> None:
        self.gateway, self.now = scripted("kept"), 0.0
        self.faults = Faults(seed=seed, faults=faults, **options)
        self.link: Link = self.faults.around(
            MemoryLink(self.gateway.handle), now_ms=lambda: self.now, labels=LABELS, patience_ms=1_000
        )

    def send(self, *payloads: bytes, site: str = "dev1", apart_ms: float = 0.0) -> None:
        for payload in payloads:
            self.link.send(TOPICS.frame(site, "s1"), payload)
            self.now += apart_ms

    def came(self) -> list[bytes]:
        return [payload for topic, payload in self.gateway.log if topic.endswith("Frame")]


def test_drop_loses_the_share_it_should(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="drop", share=0.25))

    wire.send(*[str(n).encode() for n in range(1_000)])

    assert 700 < len(wire.came()) < 800


def test_delay_keeps_the_order_of_a_device_and_ends_with_the_drain(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="delay", share=0.5, amount=(100, 300)))
    sent = [str(n).encode() for n in range(20)]

    wire.send(*sent, apart_ms=10)
    before = len(wire.came())
    wire.link.drain()

    assert before < 20
    assert wire.came() == sent


def test_what_is_later_than_patience_comes_after_the_drain(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="delay", amount=(5_000, 5_000)))

    wire.send(b"late")
    wire.link.drain()
    assert wire.came() == []
    wire.now = 5_000.0
    wire.link.drain()
    assert wire.came() == [b"late"]


def test_duplicate_sends_it_again(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="duplicate", amount=(0, 0)))

    wire.send(b"a", b"b")
    wire.link.drain()

    assert sorted(wire.came()) == [b"a", b"a", b"b", b"b"]


def test_reorder_lets_others_of_the_device_overtake(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="reorder", share=0.3, amount=(1, 3)))
    sent = [str(n).encode() for n in range(50)]

    wire.send(*sent)
    wire.link.drain()

    assert wire.came() != sent
    assert sorted(wire.came()) == sorted(sent)


def test_truncate_and_corrupt_change_the_bytes(scripted: Callable[..., Any]) -> None:
    short, bent = Wire(scripted, Fault(kind="truncate")), Wire(scripted, Fault(kind="corrupt"))

    short.send(b"0123456789")
    bent.send(b"0123456789")

    assert b"0123456789".startswith(short.came()[0])
    assert len(short.came()[0]) < 10
    assert sum(a != b for a, b in zip(bent.came()[0], b"0123456789", strict=True)) == 1


def test_bandwidth_makes_a_device_wait_and_nobody_else(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="bandwidth", amount=(1_000, 1_000)))

    wire.send(bytes(500), bytes(500))
    for at, count in ((499, 0), (500, 1), (999, 1), (1_000, 2)):
        wire.now = at
        wire.send(b"", site="dev2")
        assert sum(len(frame) == 500 for frame in wire.came()) == count
    assert wire.came().count(b"") == 4


def test_disconnect_cuts_a_device_off_receipts_and_all(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="disconnect", of="frame", amount=(1_000, 1_000)))

    wire.send(b"a")
    wire.link.send(TOPICS.device("dev2", "session/end"), encode_json(SessionEnd(session_id="s", at_ms=1, frames=1)))
    wire.link.send(TOPICS.device("dev1", "session/end"), encode_json(SessionEnd(session_id="s", at_ms=1, frames=1)))
    assert [site for site, _ in wire.link.drain()] == ["dev2"]

    wire.now = 1_000.0
    wire.link.send(TOPICS.device("dev1", "session/end"), encode_json(SessionEnd(session_id="s", at_ms=1, frames=1)))
    assert [site for site, _ in wire.link.drain()] == ["dev1"]
    assert wire.came() == []


def test_a_lost_receipt_is_of_something_that_arrived(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="lose_receipt"))

    wire.link.send(TOPICS.device("dev1", "session/end"), encode_json(SessionEnd(session_id="s", at_ms=1, frames=1)))

    assert wire.link.drain() == []
    assert wire.gateway.ends == {"s": 1}


def test_a_part_and_the_mute_switch_are_told_apart(scripted: Callable[..., Any]) -> None:
    wire = Wire(scripted, Fault(kind="drop", of="session/end"), Fault(kind="drop", of="any"))
    wire.link.send(TOPICS.device("dev1", "mute"), b"{}")
    wire.link.send(TOPICS.device("dev1", "session/end"), b"{}")
    wire.link.send(TOPICS.device("dev1", "context"), b"{}")

    assert wire.gateway.whats() == ["mute"]
    assert [(mark.fault, mark.kind) for mark in wire.faults.schedule.marks] == [(0, "drop"), (1, "drop")]


def test_what_befalls_a_device_does_not_depend_on_others(scripted: Callable[..., Any]) -> None:
    alone, together = (Wire(scripted, Fault(kind="drop", share=0.5)) for _ in range(2))
    for n in range(100):
        alone.send(str(n).encode())
        together.send(b"x", site="dev2")
        together.send(str(n).encode())

    assert [frame for frame in together.came() if frame != b"x"] == alone.came()


KINDS: tuple[Kind, ...] = ("drop", "delay", "duplicate", "reorder", "truncate", "corrupt", "disconnect", "bandwidth")


@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    share=st.floats(0, 1),
    sent=st.lists(st.tuples(st.sampled_from(sorted(LABELS)), st.binary(max_size=40)), max_size=30),
)
def test_a_recording_plays_again(kinds: list[Kind], share: float, sent: list[tuple[str, bytes]]) -> None:
    def run(replays: Schedule | None = None) -> tuple[Schedule, list[tuple[str, bytes]]]:
        log: list[tuple[str, bytes]] = []
        faults = Faults(seed=5, faults=[Fault(kind=kind, share=share) for kind in kinds], replays=replays)
        times = iter(range(10_000))

        def handle(topic: str, payload: bytes) -> list[tuple[str, bytes]]:
            if "watermark" in topic:
                return [(topic.replace("/ask/", "/reached/"), b"{}")]
            log.append((topic, payload))
            return []

        link = faults.around(MemoryLink(handle), now_ms=lambda: next(times) * 20.0, labels=LABELS)
        for site, payload in sent:
            link.send(TOPICS.frame(site, "s1"), payload)
        link.drain()
        return faults.schedule, log

    schedule, log = run()
    read_back = msgspec.json.decode(msgspec.json.encode(schedule), type=Schedule)

    assert run(read_back) == (schedule, log)
    assert read_back.digest == schedule.digest


def test_a_recording_of_another_run_is_noticed(scripted: Callable[..., Any]) -> None:
    first = Wire(scripted, Fault(kind="drop"))
    first.send(b"a")
    second = Wire(scripted, replays=first.faults.schedule)

    with pytest.raises(ReplayError, match="H01-D1: message 1 is not the one"):
        second.send(b"b")


def test_a_mark_taken_away_no_longer_happens(scripted: Callable[..., Any]) -> None:
    first = Wire(scripted, Fault(kind="drop"))
    first.send(b"a", b"b")
    fewer = msgspec.structs.replace(first.faults.schedule, marks=first.faults.schedule.marks[:1])
    second = Wire(scripted, replays=fewer)

    second.send(b"a", b"b")

    assert second.came() == [b"b"]


@pytest.fixture(scope="module")
def plan(identities: Identities) -> Plan:
    few = identities.model_copy(update={"households": identities.households[:3]})
    return plan_fleet(FleetSettings(utterances_per_device=1), few)


def _run(plan: Plan, gateway: Any, faults: Faults) -> Truth:
    return run_fleet(plan, link=MemoryLink(gateway.handle), transcripts=MemoryLink(gateway.handle), faults=faults)


def test_devices_send_again_what_faults_swallow(plan: Plan, scripted: Callable[..., Any]) -> None:
    calm = _run(plan, scripted("kept"), Faults(seed=1))
    rough = _run(plan, scripted("kept"), Faults(seed=1, faults=[Fault(kind="lose_receipt", share=0.6)]))

    assert rough.utterances == calm.utterances
    assert {d.attempts for d in calm.deliveries} == {1}
    assert max(d.attempts for d in rough.deliveries) > 1


def test_events_happen_at_their_time(plan: Plan, scripted: Callable[..., Any]) -> None:
    gateway, at = scripted("kept"), []
    first = min(said.at_ms for said in plan.utterances) - plan.settings.began_ms
    event = Event(name="gateway kill", at_ms=first + 1_000, act=lambda: at.append(len(gateway.log)))
    faults = Faults(seed=1, events=[event])

    _run(plan, gateway, faults)

    assert 0 < at[0] < 25  # in mid-utterance
    assert faults.schedule.events == (("gateway kill", first + 1_000),)


def test_a_schedule_names_nobody(plan: Plan, scripted: Callable[..., Any], identities: Identities) -> None:
    faults = Faults(seed=1, faults=[Fault(kind="corrupt", of="frame", share=0.5)])
    _run(plan, scripted("kept"), faults)
    text = msgspec.json.encode(faults.schedule).decode()

    assert faults.schedule.marks
    assert not any(device.site_id in text for home in identities.households for device in home.devices)
    assert {mark.device for mark in faults.schedule.marks} <= {device.label for device in plan.devices}
