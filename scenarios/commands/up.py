"""`earlid up`: everything live, to explore by hand, until Ctrl-C."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyotp

from gateway.contract.model import Contract, load_contract
from scenarios.run.drive import drive
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator
from scenarios.run.target import Reviewer, Running, Target, start_builtin
from simulator.device.fleet import FleetSettings, plan_fleet
from simulator.world.households import make_identities

_LOGS = Path("out/up/logs")
# One account of each further role.
_PEOPLE = (
    ("lead", ["verifier"]),
    ("safety_officer", ["officer"]),
    ("safety_approver", ["approver"]),
    ("administrator", ["administrator"]),
)
_OFFICERS = ("officer", "approver")


def up(*, contract: str, households: int, seed: int, asked: Target, port: int) -> None:
    """Start the built-in target, let a fleet speak, print the accounts and what to try, stay until interrupted.

    Raises:
        ProcessDied: a part is gone. BadFile: the contract does not read.
    """
    rules = load_contract(contract)
    narrator = Narrator()
    identities = make_identities(seed=seed, households=households)
    plan = plan_fleet(FleetSettings(seed=seed, households=households), identities)
    with tempfile.TemporaryDirectory(prefix="earlid-") as folder, Processes(_LOGS) as processes:
        target = start_builtin(
            processes,
            Path(folder),
            identities=identities,
            contract=contract,
            reviewers=rules.review.reviews_per_clip,
            asked=asked,
            port=port,
            probes=_PEOPLE,
            officers=_OFFICERS,
        )
        with narrator.phase(f"{households} households speak") as step:
            drive(plan, target, processes, step)
        for line in _welcome(target, rules):
            narrator.say(line)
        _stay(processes, narrator, people_of(target), rules)


def people_of(target: Running) -> Sequence[Reviewer]:
    """Every account of the review tool."""
    return (*target.reviewers, target.auditor, *target.probes)


def _welcome(target: Running, rules: Contract) -> list[str]:
    people = people_of(target)
    wide = max(len(each.username) for each in people)
    keys = [f"vault key    {each.username:{wide}}  {each.vault_key}" for each in people if each.vault_key]
    return [
        f"review tool  {target.review_url}  (contract {rules.name})",
        *(f"sign in as   {each.username:{wide}}  password {each.password}" for each in people),
        *(keys if rules.review.break_glass else []),
        f"broker       {target.broker.url}  ({target.broker.kind})",
        f"logs         {_LOGS}",
        "",
        *(f"try          {line}" for line in what_to_try(rules)),
        "",
        "Ctrl-C stops everything. Only the logs stay.",
    ]


def what_to_try(rules: Contract) -> list[str]:
    """One line a role."""
    lines = ["reviewer1: take the next clip, hear it, judge it; ? shows the keys. Mark one clip as distress."]
    if rules.review.reviews_per_clip > 1:
        lines.append("reviewer2: judge the same clip otherwise. verifier: settle it, under /verification.")
    if rules.review.contact_check:
        lines.append("reviewer1: type a name you hear; the answer is yes or no, never a name.")
    if rules.review.customer_lookup:
        lines.append("reviewer1: look a customer up, and see what this contract shows of a home.")
    if rules.review.break_glass:
        lines.append("officer: ask for a case from the flagged clip. approver: allow it. officer: open it.")
    return [
        *lines,
        "verifier: see what each person did, under /workload. auditor: read who saw what, under /audit.",
        "administrator: see who is signed in, under /people.",
    ]


def _stay(processes: Processes, narrator: Narrator, people: Sequence[Reviewer], rules: Contract) -> None:
    """Print everybody's codes of the second factor whenever they change."""
    said = ""
    while True:
        processes.check()
        codes = "  ".join(f"{each.username} {pyotp.TOTP(each.totp_secret).now()}" for each in people)
        if rules.review.mfa and codes != said:
            said = codes
            narrator.say(f"codes        {codes}")
        time.sleep(1)
