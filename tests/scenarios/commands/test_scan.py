"""`earlid scan` as a person runs it: what it says, what it accepts, how it exits."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.files import BadFile
from scenarios.cli import app, main
from scenarios.commands import scan
from scenarios.commands.scan import again
from scenarios.leaks.sources.scan import scan_targets
from scenarios.leaks.sources.tally import ScanResult
from tests.scenarios.leaks.sources.conftest import EMAIL, NAME


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from gateway.identities import Household, Identities, Member

    members = [
        Member(person_id=f"Secretlabel-P{at}", name=name, emails=(mail,))
        for at, (name, mail) in enumerate([(NAME, EMAIL), ("Ricky Hoover", "ricky.hoover87@example.net")])
    ]
    homes = [Household(household_id=f"Secretlabel{at}", members=(member,)) for at, member in enumerate(members)]
    (tmp_path / "ids.json").write_bytes(Identities(schema=1, households=tuple(homes)).to_json())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str] | None:
    done = CliRunner().invoke(app, ["scan", "--identities", "ids.json", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def as_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, out = run("--json", *arguments)
    return code, json.loads(out)


def test_the_block_says_what_was_looked_for_left_out_and_not_opened(place: Path) -> None:
    (place / "a").mkdir()
    (place / "a" / "clean.txt").write_text("nothing")
    (place / "a" / "x.cab").write_bytes(b"MSCF" + bytes(40))
    os.mkfifo(place / "a" / "pipe")
    code, out = run("a")
    assert code == 3
    assert "looked for: 2 members.emails, 2 members.name" in out
    assert "not searched: 1 x cab, damaged" in out
    assert "not searched: 1 x pipe, no regular file" in out
    code, shown = as_json("a")
    assert (code, shown["outcome"], shown["needles"]) == (3, "unknown", {"members.emails": 2, "members.name": 2})
    assert {each["kind"] for each in shown["unread"]} == {"cab", "pipe"}
    assert run("a", "--accept-unread", "cab", "--accept-unread", "pipe:no regular file")[0] == 0
    assert run("a", "--accept-unread", "cab")[0] == 3


def test_an_identities_file_of_nobody_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "ids.json").write_text('{"schema": 1, "households": [{"household_id": "A"}]}')
    monkeypatch.setattr("sys.argv", ["earlid", "scan", "--identities", "ids.json", "."])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "nothing that could be looked for" in capsys.readouterr().err


def test_a_keyed_baseline_accepts_the_value_and_nothing_else(place: Path) -> None:
    (place / "a.txt").write_text(f"x {EMAIL}\n")
    assert run("a.txt", "--key", "key", "--write-baseline", "b.yaml", "--reason", "a known test row")[0] == 1
    assert (place / "key").stat().st_mode & 0o777 == 0o600
    assert run("a.txt", "--key", "key", "--baseline", "b.yaml")[0] == 0
    (place / "a.txt").write_text("x ricky.hoover87@example.net\n")
    assert run("a.txt", "--key", "key", "--baseline", "b.yaml")[0] == 1
    (place / "a.txt").write_text(f"x {EMAIL}\n")
    code, out = run("a.txt", "--baseline", "b.yaml")
    assert (code, "cover nothing without it" in out) == (1, True)


def test_a_baseline_without_a_key_covers_as_many_as_were_seen_and_says_so(place: Path) -> None:
    (place / "a.txt").write_text(f"x {EMAIL}\n")
    run("a.txt", "--write-baseline", "b.yaml", "--reason", "a known test row")
    code, out = run("a.txt", "--baseline", "b.yaml")
    assert (code, "not who or what" in out) == (0, True)
    (place / "a.txt").write_text(f"x {EMAIL}\nx ricky.hoover87@example.net\n")
    code, out = run("a.txt", "--baseline", "b.yaml")
    assert (code, "2 findings there, it accepts 1" in out) == (1, True)


def test_a_key_others_may_read_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "key").write_text("0" * 64)
    (place / "key").chmod(0o644)
    (place / "a.txt").write_text("x")
    from gateway.files import BadFile

    with pytest.raises(BadFile, match="others may read it"):
        run("a.txt", "--key", "key")


def test_a_report_holds_no_label_no_letter_and_no_length(place: Path) -> None:
    (place / "a.txt").write_text(f"{NAME} and {EMAIL}\n")
    code, out = run("--json", "a.txt", "--labels", "who.json", "--sarif", "f.sarif")
    shown = json.loads(out)
    sarif = (place / "f.sarif").read_text()
    assert code == 1
    assert "Secretlabel" not in out + sarif
    assert {finding["masked_evidence"] for finding in shown["findings"]} == {"a full name", "an e-mail address"}
    who = json.loads((place / "who.json").read_text())
    assert who[shown["findings"][0]["household_id"]] == "Secretlabel0"
    assert (place / "who.json").stat().st_mode & 0o777 == 0o600
    assert as_json("a.txt")[1]["findings"][0]["household_id"] not in who


def test_filters_groups_and_thresholds(place: Path) -> None:
    (place / "a.txt").write_text(f"{NAME} and {EMAIL}\n")
    (place / "b.txt").write_text(f"{EMAIL}\n")
    assert [f["field"] for f in as_json("a.txt", "--field", "members.name")[1]["findings"]] == ["members.name"]
    code, shown = as_json("a.txt", "b.txt", "--ignore", "members.emails", "--ignore", "b.*")
    assert (code, [f["field"] for f in shown["findings"]]) == (1, ["members.name"])
    assert shown["filtered"] == 1
    assert run("a.txt", "--fail-at", "critical")[0] == 0
    assert as_json("a.txt", "--min-severity", "critical")[1]["filtered"] == 2
    findings = as_json("a.txt", "b.txt")[1]["findings"]
    assert len({f["value"] for f in findings if f["field"] == "members.emails"}) == 1
    assert run("a.txt", "b.txt", "--by", "value")[1].count("value-") == 2


@pytest.mark.parametrize("name", ["a[/b].txt", "\x1b[31mred.txt", "b\udcff.txt", "\u202egpj.txt"])
def test_hostile_names_break_nothing(place: Path, name: str) -> None:
    (place / "d" / name).parent.mkdir(parents=True)
    (place / "d" / name).write_text(NAME)
    code, out = run("d")
    assert code == 1
    assert "\x1b" not in out
    assert "members.name" in out
    assert run("d", "--json", "--sarif", "f.sarif")[0] == 1


def test_many_processes_find_the_same_in_the_same_order(place: Path) -> None:
    (place / "d").mkdir()
    for at in range(12):
        (place / "d" / f"{at:02}.txt").write_text(f"{at} {'lamp on ' * 40_000} {NAME if at % 2 else EMAIL}\n")
    one, two = as_json("d", "--jobs", "1")[1], as_json("d", "--jobs", "2")[1]
    assert [(f["field"], f["where"]) for f in one["findings"]] == [(f["field"], f["where"]) for f in two["findings"]]
    assert len(one["findings"]) == 12


def test_a_finding_in_an_archive_is_found_again_in_the_file_that_holds_it(tmp_path: Path) -> None:
    held = tmp_path / "my export.zip"
    held.write_bytes(b"")
    line = again(tmp_path / "ids.json", f"{held}!inner.tar!a!b.txt")
    assert line == f"earlid scan --identities {tmp_path}/ids.json '{held}'"
    odd = tmp_path / "wow!.txt"
    odd.write_bytes(b"")
    assert again(tmp_path / "ids.json", str(odd)).endswith(f"'{odd}'")


def test_a_field_nobody_looks_for_is_refused_and_hides_nothing(place: Path) -> None:
    (place / "a.txt").write_text(f"x {EMAIL}\n")
    for options, says in (
        (
            ("--field", "members.nmae"),
            "--field members.nmae: nothing of this field is looked for; did you mean members.name?",
        ),
        (("--field", "devices."), "--field devices.: nothing of this field"),
        (("--ignore", "members.emial"), "--ignore members.emial: did you mean members.emails?"),
    ):
        with pytest.raises(BadFile, match=re.escape(says)):
            run("a.txt", *options)
    assert run("a.txt", "--field", "members.")[0] == 1
    assert run("a.txt", "--ignore", "members.emails")[0] == 0
    code, out = run("a.txt", "--accept-unread", "banana")
    assert (code, "--accept-unread banana: nothing that was not searched" in " ".join(out.split())) == (1, True)


def test_what_cannot_be_written_is_told_before_the_search(place: Path) -> None:
    (place / "a.txt").write_text("x")
    for options, says in (
        (("a.txt", "--sarif", "no/x.sarif"), "--sarif no/x.sarif: its folder is not there"),
        (("a.txt", "--labels", "no/l.json"), "--labels no/l.json: its folder is not there"),
        (("a.txt", "--write-baseline", "b.yaml"), "--write-baseline: wants --reason"),
        (("",), "an empty target"),
    ):
        with pytest.raises(BadFile, match=says):
            run(*options)


@pytest.mark.parametrize("option", ["--sarif", "--labels", "--write-baseline"])
def test_what_was_found_is_told_although_it_cannot_be_written_down(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (place / "a.log").write_text(f"mail {EMAIL}\n")
    (place / "gone").mkdir()
    words = ["scan", "--identities", "ids.json", option, "gone/told", "a.log"]
    reason = ["--reason", "known and mended in the next release"] if option == "--write-baseline" else []
    monkeypatch.setattr("sys.argv", ["earlid", *words, *reason])

    def searched(*every: Any, **more: Any) -> ScanResult:
        (place / "gone").rmdir()
        return scan_targets(*every, **more)

    monkeypatch.setattr(scan, "scan_targets", searched)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert "members.emails" in said.out
    assert ended.value.code == 2
    assert said.err.splitlines()[-1].startswith("earlid: gone/told: ")
