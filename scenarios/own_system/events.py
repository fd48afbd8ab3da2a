"""Turns the timeline's events into actions on somebody's own system, as far as its file allows them."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.files import BadFile, reason_of
from gateway.identities import Identities
from scenarios.model.fleet import Fleet, homes_named
from scenarios.model.scenario import Scenario
from scenarios.model.targets.target_file import Attached, Own
from scenarios.model.timeline import Happening
from scenarios.own_system.parts import Parts
from scenarios.run.processes import ProcessDied
from simulator.links.fault_kinds import Event

_TIMEOUT_S = 120
_TOLD = {"household_forgotten": "forget", "consent_withdrawn": "withdraw"}  # by a program of the target's own
_PARTS = ("gateway_restart", "gateway_kill", "vault_restart")
SWEEPS = "deletes what is due at {now}"
PLANNED = ("mute", "unmute", "clock_step", "partition")  # these befall devices, and are in the plan already


def events(scenario: Scenario, target: Own, parts: Parts | None, identities: Identities, beside: Path) -> list[Event]:
    """The events in simulated time. Each action returns when the system is up again.

    Raises:
        BadFile: this target cannot do the event, or does not allow it.
    """
    return [
        Event(name=each.name, at_ms=each.at, act=_act(each, target, parts, scenario.fleet, identities, beside))
        for each in scenario.timeline
        if (target.identities is not None or each.do not in PLANNED) and not _aged_later(each, target)
    ]


def _aged_later(event: Happening, target: Own) -> bool:
    """Whether the event is no act while the fleet speaks: the store is aged after everything else.

    Raises:
        BadFile: the target has no program for it.
    """
    if event.do == "time_passes" and target.sweep is None:
        raise BadFile(f"timeline: after: the target file says no `sweep: [program, ...]`, which {SWEEPS}")
    return event.do == "time_passes"


def _act(
    event: Happening, target: Own, parts: Parts | None, fleet: Fleet, identities: Identities, beside: Path
) -> Callable[[], None]:
    if event.do in _TOLD:
        calls = _told(event, target, fleet, identities)

        def told() -> None:
            for words in calls:
                called(words, _TOLD[event.do], beside)

        return told
    kill = event.do.endswith("_kill")
    if parts is not None and event.do in _PARTS:
        name = "vault" if event.do == "vault_restart" else parts.gate
        if name not in parts.names:
            raise BadFile(f"timeline: {event.do}: the target has no part called {name}")
        return lambda: parts.again(name, kill=kill)
    if isinstance(target, Attached) and event.do == "gateway_restart" and target.restart is not None:
        restart = target.restart
        return lambda: called(restart, "restart", beside)
    raise BadFile(
        f"timeline: {event.do}: not possible on a system of your own; possible: household_forgotten with `forget`, "
        f"consent_withdrawn with `withdraw`, {', '.join(_PARTS)} of a command target, gateway_restart of an attached "
        f"one with may: [restart]; {', '.join(PLANNED)} where the scenario makes the households"
    )


def _told(event: Happening, target: Own, fleet: Fleet, identities: Identities) -> list[list[str]]:
    """The calls of the target's own program for an event: one for each household that it concerns.

    Raises:
        BadFile: the target file names no such program.
    """
    program: Sequence[str] | None = getattr(target, _TOLD[event.do])
    labels = {event.household} if event.household is not None else homes_named(fleet, cohort=event.cohort)
    homes = [home for home in identities.households if home.household_id in labels and home.devices]
    if program is None or not homes:
        raise BadFile(f"timeline: {event.name}: the target file says no `{_TOLD[event.do]}: [program, ...]` for it")
    return [[word.replace("{site}", home.devices[0].site_id) for word in program] for home in homes]


def called(words: Sequence[str], what: str, beside: Path) -> None:
    """Run one of the target file's own programs to its end. {python} is this Python.

    Raises:
        ProcessDied: it cannot be run, takes too long, or fails.
    """
    words = [word.replace("{python}", sys.executable) for word in words]
    try:
        done = subprocess.run(words, cwd=beside, capture_output=True, check=False, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProcessDied(f"{what}: cannot be run ({reason_of(error)})") from None
    if done.returncode:
        raise ProcessDied(f"{what}: ended with code {done.returncode}")
