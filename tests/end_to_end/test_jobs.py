"""`earlid run --jobs`: the same results as one after another, and nothing left when it is stopped."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.runs import earlid, finished, left_over

TEXT = """\
scenario: 2
name: pair
about: Two seeds.
contract: strict
matrix: {seed: [11, 12]}
fleet: {households: 2, utterances_per_device: 2}
load: {reviewers: 2, spawn_rate: 4, max_seconds: 20, p95_ms: 9000}
gating: {max_false_reject_share: 1, max_false_accept_share: 1}
checks: [leaks, positive_control, conservation]
"""


def digests(out: Path) -> dict[str, str]:
    found = {path.parent.name: json.loads(path.read_text()) for path in out.glob("*/report.json")}
    return {name: report["digest"] for name, report in found.items()}


@pytest.mark.slow
def test_two_at_a_time_give_what_one_after_another_gives(tmp_path: Path, tag: str) -> None:
    file = tmp_path / "pair.yaml"
    file.write_text(TEXT)
    said = {}
    for jobs in (1, 2):
        run = earlid("run", file, "--jobs", jobs, "--out", tmp_path / str(jobs), env={"EARLID_TEST_RUN": tag})
        code, out, err = finished(run)
        assert code == 0, err
        said[jobs] = [line.partition(":")[0] for line in out.splitlines() if line.startswith("pair-")]
    assert said[1] == said[2] == ["pair-seed-11", "pair-seed-12"]
    assert len(digests(tmp_path / "1")) == 2
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    assert (tmp_path / "2" / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_stops_it_leaves_nothing(tmp_path: Path, tag: str, sign: signal.Signals) -> None:
    """The fixture looks for what is left; Ctrl-C reaches the whole group, as in a terminal."""
    file = tmp_path / "pair.yaml"
    file.write_text(TEXT)
    run = earlid("run", file, "--jobs", 2, "--out", tmp_path / "out", env={"EARLID_TEST_RUN": tag})
    deadline = time.monotonic() + 60
    while sum("-m gateway" in each for each in left_over(tag)) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    if sign is signal.SIGINT:
        os.killpg(run.pid, sign)
    else:
        run.send_signal(sign)
    code, _, err = finished(run, 60)
    assert code in {130, 143, -9}, err
    assert "Traceback" not in err
