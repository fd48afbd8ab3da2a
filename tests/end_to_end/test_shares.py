"""Two whole gateways on one broker, each below its root with its share of a fleet: nothing is lost, nothing crosses."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.wire import Mute, encode_json
from scenarios.run.processes import Processes
from tests.end_to_end.gateways import Fleet, Said, System, noise, rules, stored_sessions
from tests.end_to_end.traces import Traces

SHARES = {"east": ("kitchen", "bedroom"), "west": ("attic", "cellar")}
RNG = np.random.default_rng(6)


@pytest.fixture
def system(tmp_path: Path, mosquitto: str) -> Iterator[System]:
    gate = {"admit": ["wake_word", "button"], "refractory_ms": 0}
    contract = rules("amazon-2019-before", gate=gate, redact={"transcript": {"deadline_ms": 0}})
    homes = {site: True for share in SHARES.values() for site in share}
    with Processes(tmp_path / "logs") as processes:
        yield System(
            processes, tmp_path, contract=contract, homes=homes, roots=tuple(SHARES), devices={"kitchen": "east"}
        )


def share(root: str) -> list[Said]:
    """Twelve utterances, two of three with the wake word; sessions have the same names in both shares."""
    return [
        Said(
            session=f"s{number}",
            site=SHARES[root][number % 2],
            keep=number % 3 > 0,
            pcm=noise(RNG, loud=number % 3 > 0, frames=8),
        )
        for number in range(12)
    ]


def test_each_gateway_keeps_its_own_share_once_and_nothing_crosses(system: System) -> None:
    for root in SHARES:
        system.start_gateway(root)
    said = {root: share(root) for root in SHARES}
    fleets = {root: Fleet(system.link("fleet", root), root) for root in SHARES}
    # One fleet may not speak below the other's root, nor a device: were this heard, the west would be muted.
    for user in ("fleet-east", "kitchen"):
        stranger = system.link(user, listens=False)
        stranger.send(fleets["west"].topics.device("attic", "mute"), encode_json(Mute(muted=True, at_ms=1)))
        stranger.drain()
        stranger.close()
    for number in range(12):
        for root, fleet in fleets.items():
            fleet.send(said[root][number], number)
    for root, fleet in fleets.items():
        fleet.settle(lambda fleet=fleet: len(fleet.outcomes) == 12, timeout_s=40)  # type: ignore[misc]
        assert {each.session: "kept" if each.keep else "dropped" for each in said[root]} == fleet.outcomes
        assert {site for site, _ in fleet.receipts} == set(SHARES[root])
        fleet.link.close()
    for root in SHARES:
        assert stored_sessions(system, said[root], root) == Counter(e.session for e in said[root] if e.keep)
    spoken = {f"{root} {each.session}": each.pcm for root in SHARES for each in said[root]}
    for file, held in Traces(spoken).found(system.folder).items():
        (root,) = (root for root in SHARES if root in file)
        assert held <= {f"{root} {each.session}" for each in said[root] if each.keep}
