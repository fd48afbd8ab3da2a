"""`earlid up`: everything live, to explore by hand, until Ctrl-C."""

import tempfile
import time
from pathlib import Path

import pyotp

from gateway.contract.model import load_contract
from scenarios.run.drive import drive
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator
from scenarios.run.target import Target, start_builtin
from simulator.device.fleet import FleetSettings, plan_fleet
from simulator.world.households import make_identities

_LOGS = Path("out/up/logs")


def up(*, contract: str, households: int, seed: int, asked: Target, port: int) -> None:
    """Start the built-in target, let a fleet speak, print how to sign in, stay until interrupted.

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
            reviewers=1,
            asked=asked,
            port=port,
        )
        with narrator.phase(f"{households} households speak") as step:
            drive(plan, target, processes, step)
        reviewer = target.reviewers[0]
        narrator.say(f"review tool  {target.review_url}  (contract {rules.name})")
        narrator.say(f"sign in as   {reviewer.username}  password {reviewer.password}")
        narrator.say(f"broker       {target.broker.url}  ({target.broker.kind})")
        narrator.say(f"logs         {_LOGS}")
        narrator.say("Ctrl-C stops everything.")
        totp, said = pyotp.TOTP(reviewer.totp_secret), ""
        while True:
            processes.check()
            if rules.review.mfa and (code := totp.now()) != said:
                said = code
                narrator.say(f"code         {code}")
            time.sleep(1)
