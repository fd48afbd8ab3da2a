"""Several runs: what was judged before a later run broke is said."""

from pathlib import Path

import msgspec
import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.commands import suite
from scenarios.commands.side_by_side import Asked, Done
from scenarios.leaks.detector import LeakDetector
from scenarios.model.suite_files import prepare
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, Run
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import result

TEXT = "scenario: 2\nname: NAME\nabout: x\nchecks: [leaks]\nfleet: {households: 1}\n"


@pytest.mark.parametrize("stop", [BadFile("the target does not allow forget"), KeyboardInterrupt(), SystemExit(143)])
def test_verdicts_that_were_reached_are_said_when_a_later_run_breaks_or_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: BaseException
) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(TEXT.replace("NAME", name))

    def one(asked: Asked, _narrator: Narrator) -> Done:
        if asked.prepared.name == "second":
            raise stop
        made = result((Verdict(check="leaks", outcome=Outcome.PASS, examined=1, why="x"),), out=asked.out)
        made = msgspec.structs.replace(made, scenario=asked.prepared.scenario)
        return Done(run=Run(result=made, detector=LeakDetector(Identities(schema=1, households=()))))

    monkeypatch.setattr(suite, "one", one)
    runs = prepare([tmp_path / "first.yaml", tmp_path / "second.yaml"])
    with pytest.raises(type(stop)):
        suite.run_suite(runs, out=tmp_path / "out", options=Options())
    assert "first" in capsys.readouterr().out
    assert "first" in (tmp_path / "out" / "index.html").read_text()
