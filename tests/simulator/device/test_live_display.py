"""The live display: what it shows was counted, and it names nobody."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from gateway.identities import Identities
from simulator.device.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.device.live_display import Watch, screen, sparkline
from simulator.links.fault_kinds import Fault
from simulator.links.faults import Faults
from simulator.links.link import MemoryLink
from simulator.plan.outages import Outages


def _text(watch: Watch) -> str:
    console = Console(width=110, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(screen(watch))
        return console.export_text()


def test_it_counts_what_a_fleet_does(identities: Identities, scripted: Callable[..., Any]) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})
    plan, gateway = plan_fleet(FleetSettings(utterances_per_device=2), few), scripted("kept")
    watch = Watch(devices=len(plan.devices), utterances=len(plan.utterances))
    faults = Faults(seed=1, faults=[Fault(kind="lose_receipt", share=0.5)])
    watch.faults = lambda: faults.counts

    truth = run_fleet(
        plan, link=MemoryLink(gateway.handle), transcripts=MemoryLink(gateway.handle), faults=faults, watch=watch
    )
    text = _text(watch)

    assert watch.said == Counter(u.kind for u in truth.utterances)
    assert watch.sent_again == sum(d.attempts - 1 for d in truth.deliveries) > 0
    assert watch.frames == len(gateway.frames())
    assert f"{len(plan.utterances)} of {len(plan.utterances)} utterances" in text
    assert "lose_receipt" in text
    assert "as fast as it goes" in text
    assert not any(device.site_id in text for device in plan.devices)


def test_it_says_who_is_away_and_what_was_never_sent(identities: Identities, scripted: Callable[..., Any]) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})
    rough = Outages(reboots=2, boot_ms=60_000, offline=1)
    plan = plan_fleet(FleetSettings(utterances_per_device=4, outages=rough, wakes="measured"), few)
    watch = Watch(devices=len(plan.devices), utterances=len(plan.utterances))
    seen: list[str] = []

    gateway = scripted("kept")
    run_fleet(
        plan,
        link=MemoryLink(gateway.handle),
        transcripts=MemoryLink(gateway.handle),
        watch=watch,
        on_progress=lambda *_: seen.append(_text(watch)),
    )

    online = [int(found[1]) for text in seen if (found := re.search(r"(\d+) of \d+ online", text))]
    assert len(online) == len(seen)
    assert min(online) < len(plan.devices)
    assert re.search(r"not woken .*\d", seen[-1])
    assert watch.unsent.total() == 4 * len(plan.devices) - sum(watch.said.values())


def test_frames_and_lag_are_those_of_the_clock() -> None:
    wall = [0.0]
    watch = Watch(devices=1, utterances=1, factor=10.0, now_s=lambda: wall[0])
    watch.now_ms = lambda: 30_000.0
    for at in range(40):
        wall[0] = at / 10
        watch.sent("dev1", frame=True)

    assert watch.frames_per_s == pytest.approx(10, abs=1)
    assert watch.history == [10, 10, 10]
    wall[0] = 3.5
    assert watch.lag_s == pytest.approx(0.5)
    assert "lag 500 ms" in _text(watch)


def test_a_sparkline_is_as_high_as_its_highest() -> None:
    assert sparkline([0, 4, 8]) == " ▄█"
    assert sparkline([]) == " "
