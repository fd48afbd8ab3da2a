"""Many seeds: the checks of each look at what the gateway really kept."""

from pathlib import Path

import pytest

from scenarios.model.suite_files import prepare
from scenarios.twin.many_seeds import many_seeds

pytestmark = pytest.mark.slow


def test_each_seed_is_judged_by_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "few.yaml"
    lines = ("scenario: 2", "name: few", "about: Two small homes.", "seed: 1", "checks: [spoken_secrets]")
    path.write_text("\n".join((*lines, "fleet: {households: 2, utterances_per_device: 2}")))
    asked = prepare([path])[0]
    seeded = list(many_seeds(asked.scenario, asked.contract, (1, 2), ("spoken_secrets", "conservation")))
    assert [each.seed for each in seeded] == [1, 2]
    assert sum(each.clips for each in seeded) > 0
    assert {verdict.check for each in seeded for verdict in each.verdicts} == {"spoken_secrets", "conservation"}
