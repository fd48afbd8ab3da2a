"""Every line a report prints to see something again runs as printed."""

import shlex
from pathlib import Path

import pytest

from tests.end_to_end.runs import earlid, finished, report

SCENARIO = """\
scenario: 2
name: again
about: Two homes under a contract that shows what is said.
fleet: {households: 2, utterances_per_device: 4}
load: {reviewers: 1, max_seconds: 30}
checks: [leaks, conservation, spoken_secrets]
matrix: {contract: [amazon-2019-before, strict]}
"""


@pytest.mark.slow
def test_each_printed_command_runs_as_printed(tmp_path: Path, tag: str) -> None:
    file = tmp_path / "again.yaml"
    file.write_text(SCENARIO)
    env = {"EARLID_TEST_RUN": tag}
    out = tmp_path / "out"
    options = ["--only", "again-amazon-2019-before", "--seed", "11", "--out", out]
    code, told, said = finished(earlid("run", file, *options, env=env))
    assert code in (0, 1), said
    assert "again-amazon-2019-before" in told
    first = report(out, "again-amazon-2019-before")
    lines = {first["made"]["command"]}
    lines |= {finding["reproduce"] for check in first["checks"] for finding in check["findings"]}
    assert all(line.startswith("earlid ") for line in lines)
    for line in sorted(lines):
        words = shlex.split(line)[1:]
        if words[0] == "run":
            words += ["--out", str(tmp_path / "second")]
        code, _, said = finished(earlid(*words, env=env))
        assert code in (0, 1), f"{line}: {said}"
    assert report(tmp_path / "second", "again-amazon-2019-before")["digest"] == first["digest"]
