"""Scenario files are read strictly."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.contract.model import load_contract
from gateway.files import BadFile
from scenarios.commands.documentation.suite_table import PURPOSES, table
from scenarios.model.fleet import Fleet
from scenarios.model.scenario import Scenario
from scenarios.model.suite_files import SUITES, prepare, prepare_file


@pytest.mark.parametrize("path", sorted(SUITES.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_loads_with_its_contract(path: Path) -> None:
    runs = prepare_file(path)
    assert runs
    for run in runs:
        assert run.contract.name
        if isinstance(run.scenario.contract, str):
            assert run.contract == load_contract(run.scenario.contract)


def test_the_table_of_suites_is_what_the_files_say() -> None:
    assert (SUITES / "README.md").read_text() == table()
    assert set(PURPOSES) == {path.name for path in SUITES.iterdir() if path.is_dir()}


def test_the_smoke_suite_runs_one_fleet_under_two_contracts() -> None:
    found = [run.scenario for run in prepare([Path("smoke")])]
    assert [scenario.contract for scenario in found] == ["amazon-2019-before", "strict"]
    assert found[0].fleet == found[1].fleet
    assert found[0].fleet.households >= 6  # more take longer than the minute that a first look may take


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("scenario: 1\nname: same\nabout: x\nchecks: [leaks]\n")
    with pytest.raises(BadFile, match="same: two scenarios of this run have it"):
        prepare([tmp_path])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"no \.yaml scenario"):
        prepare([tmp_path])


def test_the_readmes_example_is_a_scenario_that_names_every_key(tmp_path: Path) -> None:
    text = (SUITES.parent / "docs" / "scenario-files.md").read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "readme.yaml").write_text(text)
    (tmp_path / "my-voices" / "wake").mkdir(parents=True)
    soundfile.write(tmp_path / "my-voices" / "wake" / "one.wav", np.zeros(16_000, np.float32), 16_000)
    (run,) = prepare([tmp_path / "readme.yaml"])
    assert run.scenario.fleet.cohorts[0].children == 0.5
    for model in (Fleet, Scenario):
        for name, field in model.model_fields.items():
            key = field.alias or name
            assert re.search(rf"\b{key}\b", text), f"the example does not mention {key}"
