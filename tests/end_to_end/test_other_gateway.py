"""A gateway and review app of another shape (tests/broken/other_gateway.py), driven over its own broker and judged by
what it kept: each planted fault is found and named, and nothing alarms in the mended one."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.contract.model import load_contract
from scenarios.kept.asked import Asked
from scenarios.kept.judged import detector_of, judged
from scenarios.kept.read.readers import read_kept
from scenarios.leaks.detector import LeakDetector
from scenarios.model.scenario import Gating
from scenarios.model.targets.target_file import Attached, load_target_file
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.run.broker import free_port
from scenarios.run.processes import Processes
from simulator.world.utterances import load_phrasebook
from tests.broken.other_gateway import FAULTS
from tests.scenarios.kept.fleet import Fleet, fleet, truth_in

BROKEN = Path(__file__).parents[1] / "broken"
GATEWAY, BROKER = BROKEN / "other_gateway.py", BROKEN / "open_broker.py"
HTTP = """
target: 1
kind: attached
name: other-gateway
kept:
  kind: http
  list: http://127.0.0.1:PORT/TENANT/clips
  items: data.clips
  next: more
  id: "no"
  session: meta.call
  text: transcript
  audio: {template: "http://127.0.0.1:PORT/TENANT/sounds/{id}"}
  login: {url: "http://127.0.0.1:PORT/session", user: qa, user_field: name, password: {env: REVIEW_PASSWORD},
          password_field: pass, token: auth.token}
"""
SQL = """
target: 1
kind: attached
name: other-gateway
kept:
  kind: sql
  url: sqlite:///other.db
  query: SELECT id, session, said, place, sound FROM clips WHERE tenant = 'TENANT'
  session: session
  text: said
  audio: {bytes: sound, format: raw}
join: sound
"""
NUMBERS = set("zero oh one two three four five six seven eight nine double".split())
NAMED = {
    "keeps_everything": {"should_not_exist", "gating"},
    "keeps_false_wakes": {"gating"},
    "serves_places": {"leaks"},
    "secrets_audible": {"spoken_secrets"},
    "keeps_twice": {"conservation"},
}


class System(msgspec.Struct, frozen=True, kw_only=True):
    """The other gateway, once it has heard the whole fleet for every tenant."""

    folder: Path
    port: int
    fleet: Fleet
    detector: LeakDetector

    def judged(self, text: str, tenant: str) -> RunResult:
        path = self.folder / "target.yaml"
        path.write_text(text.replace("PORT", str(self.port)).replace("TENANT", tenant))
        target = load_target_file(path)
        assert isinstance(target, Attached)
        asked = Asked(
            target=target,
            contract=load_contract("strict"),
            identities=self.fleet.identities,
            truth=self.fleet.truth,
            sent=self.fleet.sent,
            gating=Gating(max_false_accept_share=0.0),
            out=self.folder / "out",
        )
        made = Made(started="", seconds=0, earlid="", target="", machine="", operator=None, command="earlid judge")
        return judged(asked, read_kept(target, self.folder), self.detector, made)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("other")
    small = fleet()
    no_consent = [d.site_id for home in small.identities.households if not home.consent for d in home.devices]
    lines = load_phrasebook().every_line()
    words = {word.strip(".,?!").lower() for line in lines for word in line.split() if "{" not in word} - NUMBERS
    (folder / "no_consent.json").write_text(json.dumps(no_consent))
    (folder / "commands.json").write_text(json.dumps(sorted(words)))
    with pytest.MonkeyPatch.context() as patch, Processes(folder / "logs") as processes:
        patch.setenv("REVIEW_PASSWORD", "not-in-any-report-7351")
        address = f"127.0.0.1:{(at := free_port())}"
        processes.start("broker", [sys.executable, str(BROKER), str(at)], ready="broker ready")
        options = [address, str(folder / "other.db"), str(folder / "no_consent.json"), str(folder / "commands.json")]
        line = processes.start("other", [sys.executable, str(GATEWAY), *options], ready="ready on ")
        port = int(line.removeprefix("ready on "))
        drive(small, address)
        for tenant in FAULTS:
            await_heard(port, tenant, len(small.truth.utterances))
        yield System(folder=folder, port=port, fleet=small, detector=detector_of(small.identities))


def drive(small: Fleet, address: str) -> None:
    """Its own wire: one JSON message an utterance."""
    host, _, port = address.partition(":")
    homes = {device.site_id: home.home for home in small.identities.households for device in home.devices}
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect(host, int(port))
    client.loop_start()
    for said in small.truth.utterances:
        place = homes[said.device]
        assert place is not None
        message = {
            "session": said.session_id,
            "muted": said.kind == "muted",
            "button": said.kind == "button",
            "place": [place.latitude, place.longitude],
            "words": [{"text": word.text, "from": word.start, "to": word.end} for word in said.words],
            "pcm": base64.b64encode(small.sent[said.utterance_id].astype("<i2").tobytes()).decode(),
        }
        for tenant in FAULTS:
            client.publish(f"{tenant}/{said.device}", json.dumps(message), qos=1).wait_for_publish(60)
    client.loop_stop()
    client.disconnect()


def await_heard(port: int, tenant: str, wanted: int) -> None:
    for _ in range(600):
        with urlopen(f"http://127.0.0.1:{port}/heard/{tenant}") as answer:
            if json.load(answer) >= wanted:
                return
        time.sleep(0.1)
    raise AssertionError("the other gateway did not hear everything")


@pytest.mark.parametrize("text", [HTTP, SQL], ids=["over HTTP, by id", "by query, by sound"])
@pytest.mark.parametrize("fault", NAMED)
def test_a_planted_fault_is_found_and_nothing_else(system: System, fault: str, text: str) -> None:
    result = system.judged(text, fault)
    wrong = {verdict.check for verdict in result.verdicts if verdict.outcome.value != "pass"}
    assert wrong == NAMED[fault], [verdict.why for verdict in result.verdicts]


@pytest.mark.parametrize("text", [HTTP, SQL], ids=["over HTTP, by id", "by query, by sound"])
def test_nothing_alarms_in_the_mended_one(system: System, text: str) -> None:
    result = system.judged(text, "mended")
    assert {verdict.check: verdict.outcome.value for verdict in result.verdicts} == dict.fromkeys(
        ("leaks", "positive_control", "conservation", "should_not_exist", "gating", "spoken_secrets"), "pass"
    ), [verdict.why for verdict in result.verdicts]


def test_the_command_judges_it_and_names_the_utterances(system: System) -> None:
    path = system.folder / "target.yaml"
    path.write_text(HTTP.replace("PORT", str(system.port)).replace("TENANT", "keeps_everything"))
    truth = truth_in(system.folder, system.fleet)
    earlid = Path(sys.executable).parent / "earlid"
    command = [earlid, "judge", "--truth", truth, "--target", path, "--out", system.folder / "report"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # type: ignore[arg-type]
    assert run.returncode == 1, run.stderr
    for said in system.fleet.that("muted"):
        assert f"{said.utterance_id} (muted): should not exist" in run.stdout
    written = "".join(file.read_text() for file in (system.folder / "report").iterdir() if file.is_file())
    assert "not-in-any-report-7351" not in written + run.stdout + run.stderr
