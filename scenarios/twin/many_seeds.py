"""Runs one scenario with many seeds in one gateway process, to see how often a random check fails, and why.

There is no broker, no load and no review tool. The clips are read from the store. One seed takes seconds.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.contract.model import Contract
from gateway.files import write_private
from gateway.identities import Identities
from scenarios.checks.judge import Case, judge
from scenarios.model.ledger import Ledger, reconcile
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.observations import NOTHING, Served
from scenarios.model.scenario import Scenario
from scenarios.run.happen import fault_of
from scenarios.run.observe import recording
from scenarios.run.target import stored_clips
from scenarios.run.world import heard, world_of
from scenarios.twin.world import InProcessTwinWorld, pipe_house, wholly_reviewed
from scenarios.verdict import Verdict
from simulator.device.fleet import Plan, run_fleet
from simulator.links.faults import Faults
from simulator.links.link import MemoryLink
from simulator.world.truth import Truth

POSSIBLE = ("conservation", "should_not_exist", "gating", "spoken_secrets")


class Seeded(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts of one seed."""

    seed: int
    clips: int
    verdicts: tuple[Verdict, ...]


def many_seeds(scenario: Scenario, contract: Contract, seeds: Sequence[int], checks: Sequence[str]) -> Iterator[Seeded]:
    """Run each seed in turn, in one gateway process.

    Raises:
        ProcessDied: the gateway does not start, or breaks.
    """
    with pipe_house(contract) as house, tempfile.TemporaryDirectory(prefix="earlid-seeds-") as name:
        for seed in seeds:
            asked = scenario.model_copy(update={"seed": seed})
            yield _one(asked, contract, house, Path(name), checks)


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What one fleet said, and what the gateway kept of it: `served` by ref, as the review tool would show it."""

    identities: Identities
    plan: Plan
    ledger: Ledger
    clips: int
    served: Mapping[str, Served]


def speak(
    scenario: Scenario, contract: Contract, house: InProcessTwinWorld, folder: Path, *, anew: bool = False
) -> Spoken:
    """Let the scenario's fleet speak to a new world of the gateway. The scenario's faults befall its messages.

    `anew` gives the gateway this contract; otherwise it has it already.

    Raises:
        ProcessDied: the gateway breaks.
    """
    store = folder / f"{scenario.seed}.db"
    identities, plan = world_of(scenario)
    known = folder / "identities.json"
    write_private(known, identities.without_secrets().to_json())
    rules = folder / "contract.yaml" if anew else None
    if rules is not None:
        write_private(rules, wholly_reviewed(contract))
    house.provision(known, f"sqlite:///{store}", plan.settings.began_ms, rules)
    link = MemoryLink(house.publish)
    faults = None
    if scenario.faults:
        faults = Faults(
            seed=scenario.seed, faults=[fault_of(line, scenario.fleet, identities) for line in scenario.faults]
        )
    truth: Truth = run_fleet(plan, link=link, transcripts=link.talker(), hearing=heard(scenario), faults=faults)
    clips = stored_clips(f"sqlite:///{store}")
    truth = as_contract_wants(truth, contract, identities)
    served = house.served()
    store.unlink()
    ledger = reconcile(truth, clips, {}, join_key=house.join_key)
    return Spoken(identities=identities, plan=plan, ledger=ledger, clips=len(clips), served=served)


def _one(
    scenario: Scenario,
    contract: Contract,
    house: InProcessTwinWorld,
    folder: Path,
    checks: Sequence[str],
) -> Seeded:
    spoken = speak(scenario, contract, house, folder)
    sounds = {said.utterance_id: recording(said.scene) for said in spoken.plan.utterances}
    case = Case(
        scenario=scenario,
        contract=contract,
        ledger=spoken.ledger,
        seen=msgspec.structs.replace(NOTHING, served=spoken.served, sounds=sounds),
        capabilities=frozenset({"join:exact", "truth:audio"}),
    )
    return Seeded(seed=scenario.seed, clips=spoken.clips, verdicts=judge(case, checks))
