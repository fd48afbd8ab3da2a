"""Ten times what fits, over a real broker: `busy`, flat memory, nothing ungated kept, honest devices still heard."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gateway.wire import Counted
from scenarios.run.processes import Processes
from tests.end_to_end.flood import FRAMES, Flood, Memory, flooding
from tests.end_to_end.gateways import Fleet, Said, System, noise, rules, stored_sessions
from tests.end_to_end.traces import Traces

TOO_MUCH = 10
HOSTILE = {f"hostile{n}": n % 2 == 0 for n in range(6)}  # half of them never consented and say the wake word
HONEST = ("honest0", "honest1")
RNG = np.random.default_rng(3)


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    gate = {"admit": ["wake_word", "button"], "refractory_ms": 0, "end_silence_ms": None}
    contract = rules("strict", gate=gate, redact={"transcript": {"deadline_ms": 0}})
    with Processes(tmp_path / "logs") as processes:
        homes = HOSTILE | dict.fromkeys(HONEST, True)
        made = System(processes, tmp_path, contract=contract, homes=homes, devices=dict.fromkeys(HOSTILE, ""))
        made.start_gateway()
        yield made


def capacity(system: System) -> float:
    """Sessions a second that this gateway decides when it is given no more than it can take."""
    fleet, count = Fleet(system.link("fleet")), 60
    calm = [Said(session=f"calm-{n}", site=HONEST[n % 2], keep=False, pcm=SOUNDS["hostile0"]) for n in range(count)]
    began = time.monotonic()
    for number, each in enumerate(calm):
        fleet.send(each, number)
        if number % 6 == 5:
            fleet.settle(lambda to=number: len(fleet.outcomes) > to - 6)  # type: ignore[misc]
    fleet.settle(lambda: len(fleet.outcomes) == count)
    fleet.link.close()
    return count / (time.monotonic() - began)


SOUNDS = {site: noise(RNG, loud=not consents, frames=FRAMES) for site, consents in HOSTILE.items()}


def honest_talk(fleet: Fleet, seconds: float, memory: Memory) -> list[Said]:
    """An utterance every half second, sent again when five brought no receipt; those that were said.

    On a machine that does other things the flood goes on until half of them were heard, for half a minute at most.
    """
    said: list[Said] = []
    tried: dict[str, float] = {}
    began, following = time.monotonic(), 0.0
    while (now := time.monotonic() - began) < seconds or (now < 30.0 and len(unheard(fleet, said)) > len(said) / 2):
        if following <= now < seconds:
            following = now + 0.5
            pcm = noise(RNG, loud=True, frames=8)
            said.append(Said(session=f"honest-{len(said)}", site=HONEST[len(said) % 2], keep=True, pcm=pcm))
        send_again(fleet, said, tried)
        memory.look()
        time.sleep(0.05)
    return said


def unheard(fleet: Fleet, said: list[Said]) -> list[Said]:
    """Of what was said, what has no outcome yet; the fleet's link hears the hostile devices' receipts too."""
    return [each for each in said if each.session not in fleet.outcomes]


def send_again(fleet: Fleet, said: list[Said], tried: dict[str, float]) -> None:
    fleet.listen()
    for number, each in enumerate(said):
        if each.session not in fleet.outcomes and time.monotonic() - tried.get(each.session, 0.0) > 5.0:
            tried[each.session] = time.monotonic()
            fleet.send(each, number)


def counted(system: System) -> Counter[str]:
    """What the gateway says it counted, asked as an operator."""
    link = system.link("operator", listens=False)
    told: list[bytes] = []
    link._client.message_callback_add("earlid/gateway/counts/told/+", lambda _c, _d, m: told.append(bytes(m.payload)))
    link._client.subscribe("earlid/gateway/counts/told/+", 1)
    until = time.monotonic() + 10
    while not told and time.monotonic() < until:
        link.send("earlid/gateway/counts/ask/t", b"{}")
        time.sleep(0.3)
    link.close()
    return Counter(msgspec.json.decode(told[0], type=Counted).counts)


def flooded(system: System, seconds: float) -> None:
    most = capacity(system)
    fleet = Fleet(system.link("fleet", timeout_s=60.0))
    memory = Memory({name: system.processes.pid(name) for name in ("gateway", "broker")})
    with flooding(system.broker, SOUNDS, sessions_per_s=TOO_MUCH * most) as flood:
        began = time.monotonic()
        said = honest_talk(fleet, seconds, memory)
        seconds = time.monotonic() - began
        meanwhile = len(said) - len(unheard(fleet, said))
    tried: dict[str, float] = {}
    until = time.monotonic() + 60
    while unheard(fleet, said) and time.monotonic() < until:
        send_again(fleet, said, tried)
        time.sleep(0.05)
    counts = counted(system)
    fleet.link.close()
    _say(flood, seconds, most, memory, said, meanwhile, counts)
    assert stored_sessions(system, said) == Counter(each.session for each in said)
    assert meanwhile >= len(said) / 2
    assert counts["busy:overloaded"] + counts["busy:shed"] > 100
    assert flood.messages > 5 * most * (FRAMES + 2) * seconds  # it was a flood indeed
    for name in memory.seen:
        early, late = memory.halves(name)
        assert late <= 1.15 * early + 15, name
    assert Traces(SOUNDS).found(system.folder) == {}


def _say(
    flood: Flood, seconds: float, most: float, memory: Memory, said: list[Said], meanwhile: int, counts: Counter[str]
) -> None:
    rate = flood.messages / (FRAMES + 2) / seconds
    print(f"flood: {rate:.0f} sessions/s for {seconds:.0f} s, {rate / most:.1f} x the {most:.0f}/s that fit")  # noqa: T201
    for name in memory.seen:
        early, late = memory.halves(name)
        print(f"flood: {name} {early:.0f} MB at most in the first half, {late:.0f} MB in the second")  # noqa: T201
    print(f"flood: {meanwhile} of {len(said)} honest utterances answered meanwhile; counted {dict(counts)}")  # noqa: T201


def test_a_flood_over_a_real_broker(system: System) -> None:
    flooded(system, 5.0)


@pytest.mark.soak
def test_a_long_flood_over_a_real_broker(system: System) -> None:
    flooded(system, 120.0)
