"""Turns what a run has observed into a result: what must have been kept, what was, and what each check says of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.decision import Decision
from gateway.identities import Identities
from scenarios.attacks.residual import residual
from scenarios.checks.figures import Measured
from scenarios.checks.judge import Case, judge
from scenarios.checks.thresholds import broken_early
from scenarios.model.ledger import Ledger, Stored, reconcile
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.observations import NOTHING, Observations, Response
from scenarios.model.suite_files import Prepared
from scenarios.model.timeline import forgotten, withdrawn
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.run.progress import Narrator
from scenarios.run.target import Running
from simulator.device.fleet import Plan
from simulator.links.fault_kinds import Schedule
from simulator.world.truth import Pace, Truth

# What the built-in target offers; a user's own may offer less, and checks that need more are then unknown.
CAPABILITIES = frozenset({"join:exact", "truth:audio", "at_rest"})


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has observed, before any check judges it."""

    ledger: Ledger
    seen: Observations
    pace: Pace | None
    schedule: Schedule | None
    hostile: Mapping[str, int]
    decisions: Mapping[str, tuple[Decision, ...]]


def judged(
    prepared: Prepared,
    identities: Identities,
    heard_of: Heard,
    narrator: Narrator,
    *,
    broker: str,
    made: Made,
    out: Path,
) -> RunResult:
    """Run the scenario's checks on what was observed."""
    scenario, contract = prepared.scenario, prepared.judged_by
    with narrator.phase("what is left to an attacker"):
        left = residual(identities, heard_of.ledger, heard_of.seen, contract)
    case = Case(
        scenario=scenario,
        contract=contract,
        ledger=heard_of.ledger,
        seen=heard_of.seen,
        pace=heard_of.pace,
        residual=left,
        capabilities=CAPABILITIES,
        strangers=sum(heard_of.hostile.values()),
    )
    with narrator.phase("checks"):
        verdicts = judge(case, scenario.judged_by)
    return RunResult(
        scenario=scenario,
        contract=contract,
        verdicts=verdicts,
        ledger=heard_of.ledger,
        seen=heard_of.seen,
        timing=dict(narrator.timing),
        households=len(identities.households),
        broker=broker,
        integrity=case.integrity,
        pace=heard_of.pace,
        schedule=heard_of.schedule,
        residual=left,
        hostile=heard_of.hostile,
        decisions=heard_of.decisions,
        audible=case.listened,
        whole=True,
        made=made,
        out=out,
    )


def wanted_of(truth: Truth, prepared: Prepared, identities: Identities, plan: Plan) -> Truth:
    """The outcome each utterance must have, under its contract, withdrawals of consent and requests to be forgotten."""
    scenario, began = prepared.scenario, plan.settings.began_ms
    return as_contract_wants(
        truth,
        prepared.contract,
        identities,
        forgotten=forgotten(scenario.timeline),
        withdrawn=withdrawn(scenario.timeline, scenario.fleet, began),
        later=[(began + scenario.timeline[place].at, contract) for place, contract in prepared.later.items()],
    )


def stopped_early(
    prepared: Prepared, truth: Truth, stored: Sequence[Stored], total: int, target: Running
) -> str | None:
    """The threshold that stops the run before reviewers work. None if there is none."""
    scenario = prepared.scenario
    ledger = ledger_of(truth, stored, total, (), target)
    case = Case(
        scenario=scenario.model_copy(update={"thresholds": ()}),
        contract=prepared.judged_by,
        ledger=ledger,
        seen=NOTHING,
        capabilities=CAPABILITIES,
        as_sent=False,
    )
    early = scenario.judged_by & {"conservation", "should_not_exist", "gating"}
    run = Measured(ledger=ledger, seen=NOTHING, residual=None, verdicts=judge(case, early))
    return broken_early(scenario.thresholds, run, scenario.fleet)


def ledger_of(
    truth: Truth, stored: Sequence[Stored], total: int, responses: Sequence[Response], target: Running
) -> Ledger:
    """What became of each utterance; `total` counts the store's clips, those without a join tag too."""
    roles: dict[str, list[str]] = {}
    for response in responses:
        if response.clip_ref:
            roles.setdefault(response.clip_ref, []).append(response.role)
    ledger = reconcile(truth, stored, roles, join_key=target.join_key)
    return msgspec.structs.replace(ledger, unexplained=ledger.unexplained + total - len(stored))
