"""What stands side by side on a report's page."""

from pathlib import Path

import msgspec

from gateway.contract.model import load_contract
from scenarios.report.made import Made
from scenarios.report.published.page import one_a_contract, page
from scenarios.report.result import RunResult
from tests.scenarios.world import observed, result


def _under(contract: str, tmp_path: Path) -> RunResult:
    return msgspec.structs.replace(result((), out=tmp_path), contract=load_contract(contract))


def test_runs_of_one_fleet_are_compared_once_for_each_contract(tmp_path: Path) -> None:
    runs = [_under(name, tmp_path) for name in ("strict", "apple-2019", "strict", "apple-2019", "strict")]
    assert one_a_contract(runs[2], runs) == [runs[2], runs[1]]
    assert one_a_contract(runs[2], runs)[0] is runs[2]
    assert one_a_contract(runs[3], runs)[1] is runs[3]
    assert "The same fleet under 2 contracts" in page(runs[2], runs)


def test_runs_under_one_contract_are_not_compared(tmp_path: Path) -> None:
    runs = [_under("strict", tmp_path) for _ in range(3)]
    assert "The same fleet under" not in page(runs[1], runs)


def test_a_run_that_a_limit_stopped_says_so_on_its_first_page(tmp_path: Path) -> None:
    stopped = result((), out=tmp_path, seen=observed(stopped="leaks.findings < 1: 14 after 14 s"))
    whole = result((), out=tmp_path)
    said = "<strong>Stopped early:</strong> leaks.findings &lt; 1: 14 after 14 s. Reviewers did not finish"
    assert said in page(stopped, [stopped])
    assert "Stopped early" not in page(whole, [whole])


def test_somebodys_own_system_is_named_and_the_contract_says_nothing_of_what_it_shows(tmp_path: Path) -> None:
    built_in = _under("strict", tmp_path)
    head = Made(started="", seconds=1, earlid="1", target="acme, command", machine="m", operator=None, command="c")
    own = page(msgspec.structs.replace(built_in, made=head), [built_in])
    assert "<h1>acme, judged by strict</h1>" in own
    assert "They also see the town" not in own
    builtin = msgspec.structs.replace(head, target="built in, 0.1.0, broker amqtt")
    told = page(msgspec.structs.replace(built_in, made=builtin), [built_in])
    assert "<h1>strict</h1>" in told
    assert "They also see the town" in told
