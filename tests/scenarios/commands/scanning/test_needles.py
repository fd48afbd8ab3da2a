"""`earlid needles build` as a person runs it, and `earlid scan` with what it made."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.files import BadFile
from gateway.identities import Household, Identities, Member
from scenarios.cli import app
from scenarios.commands.scanning.needles import build

NAME = "Rosalind Tarkington"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    member = Member(person_id="P1", name=NAME, emails=("rosalind.tarkington@example.net",))
    homes = (Household(household_id="H1", members=(member,)),)
    (tmp_path / "ids.json").write_bytes(Identities(schema=1, households=homes).to_json())
    (tmp_path / "leak.txt").write_text(f"seen: {NAME}\n")
    (tmp_path / "clean.txt").write_text("seen: nobody\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


@pytest.mark.parametrize("hashes", [(), ("--hashes",)])
def test_built_and_used_in_place_of_the_identities(place: Path, hashes: tuple[str, ...]) -> None:
    code, said = run("needles", "build", "ids.json", *hashes)
    assert (code, said.split(":")[0]) == (0, "ids.needles")
    assert "1 households" in said
    assert NAME not in said
    for identities in ("ids.json", "ids.needles"):
        assert run("scan", "--identities", identities, "leak.txt")[0] == 1
        assert run("scan", "--identities", identities, "clean.txt")[0] == 0


def test_nothing_else_is_overwritten(place: Path) -> None:
    with pytest.raises(BadFile, match="no needle file"):
        build(Path("ids.json"), out=Path("leak.txt"), key=None, hashes=False)
    assert NAME in (place / "leak.txt").read_text()


def test_wrong_use(place: Path) -> None:
    build(Path("ids.json"), out=None, key=Path("mine.key"), hashes=False)
    with pytest.raises(BadFile, match="already"):
        build(Path("ids.needles"), out=None, key=None, hashes=False)
    with pytest.raises(BadFile, match=r"ids\.needles\.key: No such file"):
        run("scan", "--identities", "ids.needles", "leak.txt")
    with pytest.raises(BadFile, match="allowed: build"):
        run("needles", "read", "ids.json")
    (place / "none.json").write_text('{"schema": 1, "households": []}')
    with pytest.raises(BadFile, match="holds nothing"):
        build(Path("none.json"), out=None, key=None, hashes=False)
