"""`make demo-label-studio`: raw and redacted clips in Label Studio, reviewers under load, every answer searched.

    python -m loadtests.examples.label_studio.demo LABEL_STUDIO_PROGRAM OUT

The same fleet speaks to the built-in gateway twice: under the contract amazon-2019-before, which keeps clips as they
are, and under strict. A bridge puts what each kept into Label Studio. Exit 0 when leaks are found in the first and none
in the second, 1 otherwise.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from gateway.contract.model import load_contract
from gateway.files import write_private
from gateway.identities import Identities
from loadtests.examples.label_studio.bridge import Clip, LabelStudio, words_of
from scenarios.leaks.detector import LeakDetector
from scenarios.run.audit_visit import visit
from scenarios.run.broker import free_port
from scenarios.run.drive import drive
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.progress import Narrator
from scenarios.run.target import Target, start_builtin
from simulator.device.fleet import FleetSettings, Plan, plan_fleet
from simulator.world.households import make_identities

USER = "reviewer@label.test.example"
HOMES, EACH, SEED = 3, 3, 5
LOAD_S, LABELLERS = 12, 2
WANTED = {"amazon-2019-before": 1, "strict": 0}  # the exit code of the search
_STARTS_S = 300.0


def main() -> int:
    program, out = Path(sys.argv[1]), Path(sys.argv[2])
    narrator = Narrator()
    identities = make_identities(seed=SEED, households=HOMES)
    plan = plan_fleet(FleetSettings(seed=SEED, utterances_per_device=EACH, wakes="every_sound"), identities)
    with tempfile.TemporaryDirectory(prefix="earlid-") as name, Processes(out / "logs") as processes:
        folder = Path(name)
        write_private(folder / "identities.json", identities.to_json())
        with narrator.phase("Label Studio starts"):
            url, account = start(program, processes, folder)
        came = {}
        for contract in WANTED:
            with narrator.phase(f"{contract}: fleet speaks, gateway keeps"):
                clips = kept(contract, identities, plan, out / contract)
            with narrator.phase(f"{contract}: {len(clips)} clips in Label Studio, reviewers at work"):
                came[contract] = reviewed(url, account, contract, clips, folder, out)
    for contract, (code, summary) in came.items():
        leaks, planted = (
            sum(summary.get("findings", {}).values()),
            f"{summary.get('found')} of {summary.get('planted')}",
        )
        said = f"{leaks} findings in {summary.get('responses')} responses, {planted} planted leaks found"
        sys.stdout.write(f"{contract}: exit {code} (wanted {WANTED[contract]}); {said}\n")
    return 0 if {contract: code for contract, (code, _) in came.items()} == WANTED else 1


def start(program: Path, processes: Processes, folder: Path) -> tuple[str, Mapping[str, str]]:
    """Label Studio on a free port with a user of its own; its data lies in the private folder.

    Raises:
        ProcessDied: it did not come up.
    """
    port = free_port()
    account = {"password": secrets.token_urlsafe(18), "token": secrets.token_hex(20)}
    env = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "label-studio"),
        "LABEL_STUDIO_USERNAME": USER,
        "LABEL_STUDIO_PASSWORD": account["password"],
        "LABEL_STUDIO_USER_TOKEN": account["token"],
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    command = [str(program), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    command += ["--enable-legacy-api-token"]
    processes.start("label-studio", command, env=env)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + _STARTS_S
    while time.monotonic() < until:
        processes.check()
        try:
            if httpx.get(f"{url}/health", timeout=5.0, trust_env=False).status_code == 200:
                return url, account
        except httpx.HTTPError:
            time.sleep(1.0)
    raise ProcessDied(f"label-studio: not ready within {_STARTS_S:.0f} s")


def kept(contract: str, identities: Identities, plan: Plan, out: Path) -> list[Clip]:
    """What the built-in gateway keeps of the fleet, as its own reviewers are shown it."""
    with tempfile.TemporaryDirectory(prefix="earlid-") as name, Processes(out / "logs") as processes:
        folder = Path(name)
        rules = folder / "contract.yaml"
        write_private(rules, load_contract(contract).model_dump_json(by_alias=True).encode())
        up = start_builtin(processes, folder, identities=identities, contract=str(rules), reviewers=1, asked=Target())
        drive(plan, up, processes, lambda _done, _total: None)
        served = visit(up.review_url, up.auditor, LeakDetector(identities)).served
    return [Clip(words=words_of(each.facts), facts=each.facts, wav=each.wav) for each in served.values()]


def reviewed(
    url: str, account: Mapping[str, str], contract: str, clips: list[Clip], folder: Path, out: Path
) -> tuple[int, Mapping[str, Any]]:
    """The exit code of `earlid locust` over a project with these clips, and its summary."""
    studio = LabelStudio(url, account["token"])
    try:
        project = studio.project(f"clips under {contract}")
        if studio.fill(project, clips) != len(clips):
            raise ProcessDied("label-studio: not every clip became a task")
        spool = out / f"{contract}.jsonl"
        spool.unlink(missing_ok=True)
        command = [
            str(Path(sys.executable).with_name("earlid")),
            "locust",
            "--identities",
            str(folder / "identities.json"),
        ]
        command += ["--spool", str(spool), "-f", str(Path(__file__).with_name("reviewers.py")), "--headless"]
        command += ["--host", url, "-u", str(LABELLERS), "-r", str(LABELLERS), "-t", f"{LOAD_S}s", "--only-summary"]
        who = {"LABEL_STUDIO_USER": USER, "LABEL_STUDIO_PASSWORD": account["password"]}
        environment = {**os.environ, **who, "LABEL_STUDIO_PROJECT": str(project)}
        code = subprocess.run(command, env=environment, check=False).returncode
        studio.remove(project)
    finally:
        studio.close()
    summaries = [line for line in map(json.loads, spool.read_text().splitlines()) if line.get("kind") == "summary"]
    return code, summaries[-1] if summaries else {}


if __name__ == "__main__":
    sys.exit(main())
