"""The built-in system as an attached target: the same fleet ends with the same digest as in a run of its own."""

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from gateway.contract.model import load_contract
from gateway.files import BadFile, write_private
from scenarios.commands.probe import probe
from scenarios.model.suite_files import prepare
from scenarios.own_system.own_run import run_own
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, run_scenario
from scenarios.run.target import Target, start_builtin
from scenarios.run.world import world_of
from scenarios.verdict import Outcome
from tests.end_to_end.own_systems import own_at

SCENARIO = """
scenario: 2
name: digest
about: The same fleet twice.
seed: 11
fleet: {households: 3, utterances_per_device: 3, muted: 0.2, buttons: 0.2}
load: {reviewers: 1, max_seconds: 10}
checks: [conservation, should_not_exist, gating, positive_control]
"""
TARGET = """
target: 1
kind: attached
name: reference
broker: {{url: "{url}", fleet: {{user: fleet, password: {{env: FLEET}}}}, assistant: {{user: assistant, password: {{env: ASR}}}}}}
receipts: true
kept:
  kind: sql
  url: sqlite:///clips.db
  query: SELECT tag, spans_digest FROM joins
  session: tag
  redacted: spans_digest
join_key: {{file: join.key}}
"""  # noqa: E501


@pytest.mark.slow
def test_each_device_signs_in_by_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digest.yaml").write_text(SCENARIO)
    (prepared,) = prepare([tmp_path / "digest.yaml"])
    folder = tmp_path / "system"
    folder.mkdir(mode=0o700)
    identities, _ = world_of(prepared.scenario)
    rules = folder / "contract.yaml"
    write_private(rules, load_contract("strict").model_dump_json(by_alias=True).encode())
    with Processes(tmp_path / "logs") as processes:
        up = start_builtin(
            processes,
            folder,
            identities=identities,
            contract=str(rules),
            reviewers=1,
            asked=Target(broker="mosquitto"),
            own_connections=True,
        )
        monkeypatch.setenv("FLEET", up.broker.passwords["fleet"])
        monkeypatch.setenv("ASR", up.broker.passwords["assistant"])
        sites = [device.site_id for home in identities.households for device in home.devices]
        own = {site: up.broker.passwords[site] for site in sites}
        write_private(folder / "accounts.json", json.dumps(own).encode())
        text = TARGET.format(url=up.broker.url).replace("broker: {url", "broker: {devices: accounts.json, url")
        (folder / "target.yaml").write_text(text)
        outcome, said = probe(folder / "target.yaml")
        assert outcome is Outcome.PASS
        assert any(f"the broker lets {len(sites)} devices in, each by its own account" in line for line in said), said
        target = own_at(folder / "target.yaml")
        quiet = Narrator(quiet=True)
        result = run_own(prepared, target, out=tmp_path / "out", options=Options(), narrator=quiet).result
        assert {v.check: v.outcome.value for v in result.verdicts} == dict.fromkeys(prepared.scenario.checks, "pass")
        wrong = {**own, sites[0]: "not its password"}
        write_private(folder / "accounts.json", json.dumps(wrong).encode())
        outcome, said = probe(folder / "target.yaml")
        assert outcome is Outcome.UNKNOWN, said


def test_the_attached_path_gives_the_same_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digest.yaml").write_text(SCENARIO)
    (prepared,) = prepare([tmp_path / "digest.yaml"])
    quiet = Narrator(quiet=True)
    own = run_scenario(prepared, out=tmp_path / "builtin", options=Options(), narrator=quiet).result
    folder = tmp_path / "system"
    folder.mkdir(mode=0o700)
    identities, _ = world_of(prepared.scenario)
    rules = folder / "contract.yaml"
    write_private(rules, load_contract("strict").model_dump_json(by_alias=True).encode())
    with Processes(tmp_path / "logs") as processes:
        up = start_builtin(processes, folder, identities=identities, contract=str(rules), reviewers=1, asked=Target())
        monkeypatch.setenv("FLEET", up.broker.passwords["fleet"])
        monkeypatch.setenv("ASR", up.broker.passwords["assistant"])
        (folder / "target.yaml").write_text(TARGET.format(url=up.broker.url))
        target = own_at(folder / "target.yaml")
        attached = run_own(prepared, target, out=tmp_path / "out", options=Options(), narrator=quiet).result
        processes.check()  # it was not stopped
    assert attached.ledger.digest == own.ledger.digest
    assert len(attached.ledger.rows) >= 5
    assert {v.check: v.outcome.value for v in attached.verdicts} == dict.fromkeys(prepared.scenario.checks, "pass")


MAY = """may: [restart, forget]
restart: ["{python}", restart.py]
forget: {forget}
"""
RESTART = """import pathlib, time
pathlib.Path("asked").touch()
until = time.monotonic() + 100
while not pathlib.Path("restarted").exists() and time.monotonic() < until:
    time.sleep(0.05)
raise SystemExit(not pathlib.Path("restarted").exists())
"""
EVENTS = "timeline: [{at: 2m, do: gateway_restart}, {at: 5m, do: household_forgotten, household: H02}]\n"


@pytest.mark.slow
@pytest.mark.parametrize("forgets", [True, False])
def test_what_the_file_allows_is_done_and_a_household_that_is_not_forgotten_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgets: bool
) -> None:
    (tmp_path / "digest.yaml").write_text(SCENARIO.replace("households: 3,", "households: 3, consent: 1.0,") + EVENTS)
    (prepared,) = prepare([tmp_path / "digest.yaml"])
    folder = tmp_path / "system"
    folder.mkdir(mode=0o700)
    identities, _ = world_of(prepared.scenario)
    rules = folder / "contract.yaml"
    write_private(rules, load_contract("strict").model_dump_json(by_alias=True).encode())
    (folder / "restart.py").write_text(RESTART)
    forget = [sys.executable, "-m", "gateway", "custody", "forget", "{site}", "--store", "sqlite:///clips.db"]
    forget += ["--vault", "vault.sock", "--vault-token", "gateway.token", "--contract", "contract.yaml"]
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with Processes(tmp_path / "logs") as processes:
        up = start_builtin(processes, folder, identities=identities, contract=str(rules), reviewers=1, asked=Target())
        monkeypatch.setenv("FLEET", up.broker.passwords["fleet"])
        monkeypatch.setenv("ASR", up.broker.passwords["assistant"])
        may = MAY.format(python=sys.executable, forget=json.dumps(forget if forgets else ["true", "{site}"]))
        (folder / "target.yaml").write_text(TARGET.format(url=up.broker.url) + may)

        def restarts() -> None:
            while not (folder / "asked").exists():
                time.sleep(0.05)
            processes.again("gateway")
            (folder / "restarted").touch()
            over.wait()  # the kernel ends a process with the thread that started it

        over = threading.Event()
        threading.Thread(target=restarts, daemon=True).start()
        quiet, target = Narrator(quiet=True), own_at(folder / "target.yaml")
        result = run_own(prepared, target, out=tmp_path / "out", options=Options(), narrator=quiet).result
        over.set()
    assert (folder / "restarted").exists()
    found = {verdict.check: verdict.outcome.value for verdict in result.verdicts}
    assert found["conservation"] == "pass", [verdict.why for verdict in result.verdicts]
    assert found["should_not_exist"] == ("pass" if forgets else "fail"), [verdict.why for verdict in result.verdicts]
    left = [row for row in result.ledger.rows if row.utterance.household_id == "H02" and row.refs]
    assert bool(left) is not forgets


def test_an_attached_system_is_not_touched_unless_its_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET", "nobody's")
    monkeypatch.setenv("ASR", "nobody's")
    (tmp_path / "target.yaml").write_text(TARGET.format(url="mqtt://127.0.0.1:1"))
    target = own_at(tmp_path / "target.yaml")
    for event in ("gateway_restart", "gateway_kill", "household_forgotten, household: H01"):
        (tmp_path / "digest.yaml").write_text(SCENARIO + f"timeline: [{{at: 1s, do: {event}}}]\n")
        (prepared,) = prepare([tmp_path / "digest.yaml"])
        with pytest.raises(BadFile, match="timeline: " + event.partition(",")[0]):
            run_own(prepared, target, out=tmp_path / "out", options=Options(), narrator=Narrator(quiet=True))
