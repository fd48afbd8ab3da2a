"""The contract commands say what holds, what does not and why, and what differs."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from gateway.commands.contract import app, differences
from gateway.contract.model import PRESETS, Contract, load_contract, parse_contract

PRESET_NAMES = sorted(path.stem for path in PRESETS.glob("*.yaml"))


def test_the_five_presets_are_there() -> None:
    assert PRESET_NAMES == ["amazon-2019-after", "amazon-2019-before", "apple-2019", "google-2019", "strict"]


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_what_show_prints_is_the_same_contract(name: str) -> None:
    said = CliRunner().invoke(app, ["show", name])
    assert said.exit_code == 0
    assert parse_contract(yaml.safe_load(said.stdout), "shown") == load_contract(name)
    jsonschema.validate(yaml.safe_load(said.stdout), Contract.model_json_schema())


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_preset_cites_the_rows_it_models(name: str) -> None:
    assert (PRESETS / f"{name}.yaml").read_text().count("# S") >= 5


def test_check_refuses_with_a_reason(tmp_path: Path) -> None:
    weak = yaml.safe_load((PRESETS / "google-2019.yaml").read_text())
    weak["redact"]["audio"] = {"masked_words": "keep"}
    weak["kind"] = "incident"
    path = tmp_path / "weak.yaml"
    path.write_text(yaml.safe_dump(weak))
    said = CliRunner().invoke(app, ["check", "strict", str(path)])
    assert said.exit_code == 2
    assert "ok       strict: strict, kind protect, discloses home.city, home.state" in said.stdout
    assert "redact.voice: distort needs audio: mute first" in said.stdout
    assert CliRunner().invoke(app, ["check", *PRESET_NAMES]).exit_code == 0


def test_check_refuses_what_the_gateway_would(tmp_path: Path) -> None:
    loud = yaml.safe_load((PRESETS / "google-2019.yaml").read_text())
    loud["gate"]["wake_model"] = "known-answers"
    (tmp_path / "loud.yaml").write_text(yaml.safe_dump(loud))
    said = CliRunner().invoke(app, ["check", str(tmp_path / "loud.yaml")])
    assert said.exit_code == 2
    assert "known-answers: for tests" in said.stdout


def test_diff_names_every_key_that_differs() -> None:
    lines = list(differences(load_contract("amazon-2019-before"), load_contract("strict")))
    assert "redact.device: keep -> pseudonym" in lines
    assert "review.customer_lookup: true -> false" in lines
    assert list(differences(load_contract("strict"), load_contract("strict"))) == []
    assert CliRunner().invoke(app, ["diff", "strict", "apple-2019"]).exit_code == 1
    assert CliRunner().invoke(app, ["diff", "strict", "strict"]).exit_code == 0
