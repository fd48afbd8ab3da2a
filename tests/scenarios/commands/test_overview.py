"""What a newcomer meets first: the help, the version, and a line for what is not installed."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app, main
from scenarios.commands.overview import GROUPS

ROOT = Path(__file__).parents[3]


def test_the_help_lists_every_command_once_under_a_heading() -> None:
    said = CliRunner().invoke(app, ["--help"]).output
    listed = re.findall(r"^  ([a-z]+)  ", said, re.M)
    assert len(listed) > 12
    assert len(listed) == len(set(listed))
    assert all(f"\n{heading}:" in said for heading, names in GROUPS if not names or set(names) & set(listed))
    assert "Exit codes: 0 pass, 1 fail" in said


def test_the_version_is_that_of_the_changelog() -> None:
    said = CliRunner().invoke(app, ["--version"]).output.strip()
    released = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert said == f"earlid {version('earlid')}"
    assert released[0] == version("earlid")


@pytest.mark.parametrize("command", [["gateway"], ["simulate"], ["contract", "show"]])
def test_packages_of_the_same_name_in_the_users_folder_are_not_imported(tmp_path: Path, command: list[str]) -> None:
    for name in ("gateway", "simulator", "scenarios", "loadtests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported a folder of the user')\n")
    earlid = Path(sys.executable).parent / "earlid"
    run = subprocess.run([earlid, *command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Usage: earlid {command[0]}" in run.stdout


def test_a_scan_needs_nothing_of_the_simulator() -> None:
    """The base installs the leak search alone."""
    code = "import sys, scenarios.cli, scenarios.commands.scan as _; "
    code += "print([m for m in sys.modules if m.startswith('simulator')])"
    run = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_fault_of_ours_is_one_line_and_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("ada.lovelace@mail.test")

    monkeypatch.delenv("EARLID_TRACEBACK", raising=False)
    monkeypatch.setattr("scenarios.cli.app", broken)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert said.startswith("earlid: a fault of Earlid's own (test_overview.py:")
    assert "ada" not in said
