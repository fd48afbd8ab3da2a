"""The timeline's events as acts on the running target."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gateway.identities import Identities
from scenarios.model.timeline import Happening
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.target import Running
from simulator.links.faults import Event


def events(
    timeline: tuple[Happening, ...], target: Running, processes: Processes, folder: Path, identities: Identities
) -> list[Event]:
    """In simulated time; each returns when the target is up again."""
    return [Event(name=e.name, at_ms=e.at, act=_act(e, target, processes, folder, identities)) for e in timeline]


def _act(
    event: Happening, target: Running, processes: Processes, folder: Path, identities: Identities
) -> Callable[[], None]:
    match event.do:
        case "gateway_restart":
            return lambda: processes.again("gateway")
        case "gateway_kill":
            return lambda: processes.again("gateway", kill=True)
        case "vault_restart":
            return lambda: processes.again("vault")
        case "household_forgotten":
            home = next(home for home in identities.households if home.household_id == event.household)
            return lambda: _forget(home.devices[0].site_id, target, folder)


def _forget(site: str, target: Running, folder: Path) -> None:
    """By the gateway's own command, with its own token."""
    options: list[object] = ["--store", target.store_url, "--vault", folder / "vault.sock"]
    options += ["--vault-token", folder / "gateway.token", "--contract", folder / "contract.yaml"]
    command = [sys.executable, "-m", "gateway", "custody", "forget", site, *map(str, options)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise ProcessDied(f"custody forget: {done.stderr.decode(errors='replace').strip()[-200:]}")
