"""The main job, on each broker: the incident contract is caught, the strict one is clean."""

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from scenarios.report.document import Report
from scenarios.run.broker import find_mosquitto
from tests.end_to_end.conftest import SCENARIO, nothing_left
from tests.end_to_end.runs import earlid, finished, report

INCIDENT = "expect: {verdict: fail, findings: [home.latitude, customer_id, devices.serial, home.street, contacts.name]}"
CHECKS = 12
# The broker that a run takes by itself; `make test-all` runs it on the other one, too.
FIRST, SECOND = ("mosquitto", "amqtt") if find_mosquitto() else ("amqtt", "mosquitto")


class MainJob:
    """Runs the main job once on each broker that is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said: dict[str, tuple[int, str, str]] = {}

    def on(self, broker: str) -> tuple[Path, tuple[int, str, str]]:
        """The folder of the results, and the exit code, stdout and stderr of the run."""
        folder = self._folder / broker
        if broker not in self._said:
            folder.mkdir()
            files = []
            for contract, expect in (("amazon-2019-before", INCIDENT), ("strict", "expect: {verdict: pass}")):
                files.append(folder / f"{contract}.yaml")
                files[-1].write_text(SCENARIO.format(name=contract, contract=contract, expect=expect))
            mark = str(folder)
            run = earlid("run", *files, "--out", folder / "out", "--broker", broker, env={"EARLID_TEST_RUN": mark})
            self._said[broker] = finished(run)
            nothing_left(mark)
        return folder / "out", self._said[broker]


@pytest.fixture(scope="module")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> MainJob:
    return MainJob(tmp_path_factory.mktemp("job"))


@pytest.mark.parametrize("broker", [FIRST, pytest.param(SECOND, marks=pytest.mark.slow)])
def test_the_same_fleet_leaks_under_one_contract_and_not_under_the_other(
    broker: str, main_job: MainJob, tag: str, request: pytest.FixtureRequest
) -> None:
    if broker == "mosquitto":
        request.getfixturevalue("mosquitto")
    out, (code, verdicts, said) = main_job.on(broker)
    assert code == 0, said
    assert "as expected" in verdicts

    before, strict = report(out, "amazon-2019-before"), report(out, "strict")
    assert (before["verdict"], before["as_expected"]) == ("fail", True)
    assert (strict["verdict"], strict["as_expected"]) == ("pass", True)
    assert strict["leaks"]["findings"] == []
    assert strict["broker"] == broker
    assert strict["leaks"]["planted_found"] == strict["leaks"]["planted"] > 0
    assert len(strict["checks"]) == CHECKS
    assert strict["ledger"]["utterances"] == before["ledger"]["utterances"] > 0
    assert strict["ledger"]["lost"] == strict["ledger"]["duplicated"] == strict["ledger"]["should_not_exist"] == 0
    placed = [f for f in before["leaks"]["findings"] if f["field"] == "home.latitude"]
    assert placed
    assert all("within" in finding["masked_evidence"] for finding in placed)

    for name in ("amazon-2019-before", "strict"):
        folder = out / name
        msgspec.json.decode((folder / "report.json").read_bytes(), type=Report)
        assert ElementTree.parse(folder / "junit.xml").getroot().get("failures") == "0"  # noqa: S314 (our own)
        page = (folder / "report.html").read_text()
        assert "What a pass does not mean" in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert {path.name for path in folder.iterdir()} == {
            "report.html",
            "report.json",
            "junit.xml",
            "findings.sarif",
            "history.jsonl",
            "record.json",
            "logs",
        }
    assert "data:audio/wav" in (out / "strict" / "report.html").read_text()

    why = earlid("why", "H01-D1-001", "--out", out / "strict", env={"EARLID_TEST_RUN": tag})
    code, timeline, said = finished(why)
    assert code == 0, said
    assert [line.split()[0] for line in timeline.splitlines()][:3] == ["H01-D1-001", "said", "sent"]
    assert "ends as" in timeline


@pytest.mark.slow
def test_one_seed_gives_one_digest(main_job: MainJob, mosquitto: str) -> None:
    digests = []
    for broker in (FIRST, SECOND):
        out, (code, _, said) = main_job.on(broker)
        assert code == 0, said
        digests.append(report(out)["digest"])
    assert digests[0] == digests[1]
