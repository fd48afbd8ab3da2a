"""A share is judged by its interval, a check that cannot be judged is refused, and a matrix's cell is named."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from scenarios.commands import rate as command
from scenarios.model.suite_files import prepare
from scenarios.twin.many_seeds import Seeded
from scenarios.verdict import Outcome, Verdict

SPOKEN = "spoken_secrets"
SUITES = Path("scenarios/suites")


def judged(monkeypatch: pytest.MonkeyPatch, failing: int, seeds: int, file: str = "smoke/2-strict.yaml") -> Outcome:
    """The outcome when the first `failing` of `seeds` runs fail."""

    def runs(scenario: Any, contract: Any, asked: Sequence[int], checks: Sequence[str]) -> Iterator[Seeded]:
        for seed in asked:
            outcome = Outcome.FAIL if seed < failing else Outcome.PASS
            yield Seeded(seed=seed, clips=1, verdicts=(Verdict(check=SPOKEN, outcome=outcome, examined=1, why="so"),))

    monkeypatch.setattr(command, "many_seeds", runs)
    return command.rate(prepare([SUITES / file])[0], range(seeds), [SPOKEN], most=0.01)


@pytest.mark.parametrize(
    ("failing", "seeds", "expected"),
    [(0, 400, Outcome.PASS), (0, 20, Outcome.UNKNOWN), (5, 200, Outcome.FAIL), (20, 20, Outcome.FAIL)],
)
def test_a_share_is_judged_by_its_interval(
    monkeypatch: pytest.MonkeyPatch, failing: int, seeds: int, expected: Outcome
) -> None:
    assert judged(monkeypatch, failing, seeds) is expected


def test_the_cell_of_a_matrix_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    judged(monkeypatch, 0, 1, "redaction/spoken-secrets.yaml")
    assert "one cell of its matrix (fleet.snr_db: 10)" in capsys.readouterr().out
    judged(monkeypatch, 0, 1)
    assert "matrix" not in capsys.readouterr().out


def test_a_check_that_such_a_run_cannot_judge_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadFile, match="--check leaks"):
        command.rate(prepare([SUITES / "smoke/2-strict.yaml"])[0], range(1), ["leaks"], most=0.01)
