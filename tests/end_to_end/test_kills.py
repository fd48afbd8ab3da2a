"""The gateway killed at random moments, the broker restarted: exactly once in the store, and no trace of the rest."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scenarios.run.broker import find_mosquitto
from scenarios.run.processes import Processes
from tests.end_to_end.cable import Cable
from tests.end_to_end.gateways import Fleet, Said, System, noise, rules, stored_sessions
from tests.end_to_end.traces import Traces, watched

KILLS, UTTERANCES, TRIES = 10, 40, 30


def utterances() -> list[Said]:
    rng = np.random.default_rng(12)
    made = []
    for number in range(UTTERANCES):
        keep = bool(rng.random() < 0.5)
        pcm = noise(rng, loud=keep, frames=int(rng.integers(8, 25)))
        made.append(Said(session=f"session-{number}", site=f"site{number % 4}", keep=keep, pcm=pcm))
    return made


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    gate = {"admit": ["wake_word", "button"], "refractory_ms": 0}
    contract = rules("amazon-2019-before", gate=gate, redact={"transcript": {"deadline_ms": 0}})
    with Processes(tmp_path / "logs") as processes:
        made = System(processes, tmp_path, contract=contract, homes={f"site{n}": True for n in range(4)})
        made.start_gateway()
        yield made


def drive(system: System, said: list[Said], kills: int) -> Fleet:
    """Send everything until it has its receipt, while the gateway is killed now and then."""
    fleet, rng = Fleet(system.link("fleet")), random.Random(5)
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


def test_exactly_once_through_ten_kills_and_no_trace_of_what_was_dropped(system: System) -> None:
    said = utterances()
    sounds = {each.session: each.pcm for each in said}
    with watched(Traces(sounds), system.folder) as passing:
        fleet = drive(system, said, KILLS)
    fleet.link.close()
    assert system.kills == KILLS
    stored = stored_sessions(system, said)
    assert stored == Counter(each.session for each in said if each.keep)
    assert {each.session: "kept" if each.keep else "dropped" for each in said} == fleet.outcomes
    searched = [path for path in system.folder.rglob("*") if path.is_file()]
    assert {"clips.db", "clips.db-wal", "broker.conf", "gateway.log"} <= {path.name for path in searched}
    held = Traces(sounds).found(system.folder)
    assert set().union(*held.values(), *passing.values()) == set()  # kept clips are encrypted, dropped ones nowhere
    (system.folder / "planted").write_bytes(said[0].pcm)
    assert Traces(sounds).found(system.folder) == {"planted": {said[0].session}}  # the search does find audio
    dropped = [each.session.encode() for each in said if not each.keep]
    assert [path.name for path in searched for session in dropped if session in path.read_bytes()] == []


def test_a_broker_that_is_restarted_loses_nothing(system: System) -> None:
    said = utterances()[:8]
    fleet = Fleet(system.link("fleet"))
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
    assert stored_sessions(system, said) == Counter(each.session for each in said if each.keep)


def test_a_network_that_is_cut_loses_nothing_and_doubles_nothing(system: System) -> None:
    cable = Cable(int(system.broker.url.rsplit(":", 1)[1]))
    system.processes.stop("gateway")
    system.through(cable.port)
    system.start_gateway()
    said, fleet = utterances()[:16], Fleet(system.link("fleet", timeout_s=30.0))
    sent: Counter[str] = Counter()
    until = time.monotonic() + 60
    while len(fleet.outcomes) < len(said) and time.monotonic() < until:
        for number, each in enumerate(said):
            if each.session not in fleet.outcomes:
                fleet.send(each, number)
                sent[each.session] += 1
            if sent.total() in (3, 9, 14):
                cable.cut(1.0)
        time.sleep(1.0)
        fleet.listen()
    fleet.link.close()
    cable.close()
    assert sent.total() > len(said)  # the cuts did cost something
    assert {each.session: "kept" if each.keep else "dropped" for each in said} == fleet.outcomes
    assert stored_sessions(system, said) == Counter(each.session for each in said if each.keep)


def _mosquitto() -> str:
    return find_mosquitto() or ""
