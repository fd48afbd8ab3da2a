"""Turns the timeline's events into actions on somebody's own system, as far as its file allows them."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.files import BadFile, reason_of
from gateway.identities import Identities
from scenarios.model.targets.target_file import Attached, Own
from scenarios.model.timeline import Happening
from scenarios.own_system.parts import Parts
from scenarios.run.processes import ProcessDied
from simulator.links.fault_kinds import Event

_TIMEOUT_S = 120
_PARTS = ("gateway_restart", "gateway_kill", "vault_restart")
SWEEPS = "deletes what is due at {now}"
PLANNED = ("mute", "unmute", "clock_step", "partition")  # these befall devices, and are in the plan already


def events(
    timeline: Sequence[Happening], target: Own, parts: Parts | None, identities: Identities, beside: Path
) -> list[Event]:
    """The events in simulated time. Each action returns when the system is up again.

    Raises:
        BadFile: this target cannot do the event, or does not allow it.
    """
    return [
        Event(name=each.name, at_ms=each.at, act=_act(each, target, parts, identities, beside))
        for each in timeline
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
    event: Happening, target: Own, parts: Parts | None, identities: Identities, beside: Path
) -> Callable[[], None]:
    if event.do == "household_forgotten":
        home = next((home for home in identities.households if home.household_id == event.household), None)
        if target.forget is None or home is None or not home.devices:
            raise BadFile(f"timeline: {event.name}: the target file says no `forget: [program, ...]` for it")
        words = [word.replace("{site}", home.devices[0].site_id) for word in target.forget]
        return lambda: called(words, "forget", beside)
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
        f"{', '.join(_PARTS)} of a command target, gateway_restart of an attached one with may: [restart]; "
        f"{', '.join(PLANNED)} where the scenario makes the households"
    )


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
