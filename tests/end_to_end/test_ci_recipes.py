"""The CI page: its files are YAML, its commands run, and what it collects is there afterwards."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.runs import ROOT, earlid, finished

PAGE = (ROOT / "scenarios" / "docs" / "ci.md").read_text(encoding="utf-8")
GITHUB, GITLAB = (yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S))
SMALL = """\
scenario: 2
name: my-scenario
about: x
fleet: {households: 2, utterances_per_device: 2}
load: {reviewers: 2, spawn_rate: 4, max_seconds: 20, p95_ms: 9000}
checks: [leaks, positive_control, conservation]
"""


def commands(recipe: str) -> list[str]:
    said: list[Any] = GITLAB["leaks"]["script"]
    if recipe == "github":
        said = [step["run"] for step in GITHUB["jobs"]["earlid"]["steps"] if "run" in step]
    return [line for line in said if line.startswith("earlid ")]


def collected() -> list[str]:
    """Every path that a recipe keeps."""
    steps = [step.get("with", {}) for step in GITHUB["jobs"]["earlid"]["steps"]]
    paths = [each[key] for each in steps for key in ("sarif_file", "path") if key in each]
    kept = GITLAB["leaks"]["artifacts"]
    return [*paths, *kept["paths"], kept["reports"]["junit"]]


def test_both_recipes_run_the_same_commands_and_keep_reports_of_failed_runs() -> None:
    assert commands("github") == commands("gitlab") != []
    assert GITLAB["leaks"]["artifacts"]["when"] == "always"
    keeps = [step for step in GITHUB["jobs"]["earlid"]["steps"] if "upload" in step.get("uses", "")]
    assert [step["if"] for step in keeps] == ["always()", "always()"]


@pytest.mark.slow
def test_the_commands_run_and_leave_what_is_collected(tmp_path: Path) -> None:
    (tmp_path / "my-scenario.yaml").write_text(SMALL)
    for line in commands("github"):
        words = [str(tmp_path / word) if word in ("my-scenario.yaml", "out/ci") else word for word in shlex.split(line)]
        code, _, err = finished(earlid(*words[1:]))
        assert code == 0, err
    assert [pattern for pattern in collected() if not list(tmp_path.glob(pattern))] == []
    assert (tmp_path / "out" / "ci" / "index.html").is_file()
