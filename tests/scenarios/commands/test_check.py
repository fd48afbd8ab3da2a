"""`earlid check`: what a scenario will do, in sentences."""

from pathlib import Path

import pytest

from scenarios.commands.check import lines
from scenarios.model.suite_files import prepare_file

TEXT = "scenario: 2\nname: mine\nabout: x\nfleet: {households: 1}\ntimeline: [{at: 2s, do: reviewer_revoked}]\n"


@pytest.mark.parametrize(("checks", "noted"), [("access, coverage", True), ("access", False)])
def test_coverage_with_a_reviewer_who_is_taken_away_is_noted(tmp_path: Path, checks: str, noted: bool) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT + f"checks: [{checks}]\n")
    told = "\n".join(lines(prepare_file(file)))
    assert ("Note: a reviewer who is taken away" in told) is noted
