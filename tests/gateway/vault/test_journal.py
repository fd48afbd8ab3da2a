"""What a vault remembers survives a kill: no guess is refilled, an open case stays open, and the file names nobody."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.contract.model import BreakGlass, ContactCheck
from gateway.files import BadFile
from gateway.identities import Identities
from gateway.vault.break_glass import Cases
from gateway.vault.client import VaultClient
from gateway.vault.contact_check import Asked, Tries
from gateway.vault.journal import Case, JournalFile, Record, Tried, without_household
from gateway.vault.messages import CaseRefused, TriesUsedUp
from gateway.vault.sealing import Seal, write_sealed
from tests.gateway.vaults import vault_in

SEAL = Seal(b"k" * 32)
NOW = datetime(2019, 4, 10, tzinfo=UTC)
HOME = {
    "household_id": "H01",
    "devices": [{"site_id": "kitchen"}],
    "home": {"street": "12 Elm Street"},
    "contacts": [{"name": "Laura Reed"}],
}
TOKENS = {"gateway": "g" * 32, "review": "r" * 32}
OFFICERS = {"olga": "o" * 32, "otto": "t" * 32}


def tried(clip: str = "c1", household: str = "H01") -> Tried:
    return Tried(clip=clip, household=household, day="2019-04-10")


def test_records_come_back_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "memory"
    case = Case(name="n", household="H01", clip="c1", reason="violence", asked_by="olga", asked_at=NOW)
    wanted: list[Record] = [tried(), case, tried("c2")]
    memory = JournalFile(path, SEAL)
    for record in wanted:
        memory.add(record)
    assert JournalFile(path, SEAL).records() == memory.records() == wanted
    assert path.stat().st_mode & 0o077 == 0
    for value in (b"2019-04-10", b"household", b"olga", b"violence"):  # none so short that luck makes it
        assert value not in path.read_bytes()
    assert memory.count == 3
    memory.change(lambda record: record if record.clip == "c2" else None)
    left = JournalFile(path, SEAL)
    assert (left.records(), left.count) == ([tried("c2")], 3)


def test_a_torn_last_line_was_never_answered_and_other_damage_stops_the_vault(tmp_path: Path) -> None:
    path = tmp_path / "memory"
    memory = JournalFile(path, SEAL)
    for clip in ("c1", "c2"):
        memory.add(tried(clip))
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert JournalFile(path, SEAL).records() == [tried("c1")]
    for damaged in (b"x" + whole[1:], whole.replace(b"\n", b"x\n", 1)):
        path.write_bytes(damaged)
        with pytest.raises(BadFile, match="damaged"):
            JournalFile(path, SEAL)
    path.write_bytes(whole)
    with pytest.raises(BadFile, match="another key"):
        JournalFile(path, Seal(b"q" * 32))


def test_a_restart_refills_nothing(tmp_path: Path) -> None:
    rules = ContactCheck(tries_per_clip=2, tries_per_day=3)

    def take(clip: str, now: datetime = NOW) -> bool:
        tries = Tries(rules, lambda: now, JournalFile(tmp_path / "memory", SEAL))
        return tries.take(Asked(reviewer="ada", clip=clip, household="H01", heard="Laura"), ["Laura"])

    for clip in ("c1", "c1", "c2"):
        assert take(clip)
    for clip in ("c1", "c2"):
        with pytest.raises(TriesUsedUp):
            take(clip)
    assert take("c2", NOW + timedelta(days=1))
    with pytest.raises(TriesUsedUp):
        take("c1", NOW + timedelta(days=1))


def test_a_forgotten_household_refills_nobodys_tries(tmp_path: Path) -> None:
    memory = JournalFile(tmp_path / "memory", SEAL)
    memory.add(tried("c1", "H01"))
    memory.add(tried("c2", "H02"))
    memory.change(lambda record: without_household(record, "H01"))
    assert [(each.clip, each.household) for each in memory.records()] == [("-", ""), ("c2", "H02")]


def test_a_case_outlives_a_restart_and_not_its_time(tmp_path: Path) -> None:
    def fresh(now: datetime = NOW) -> Cases:
        return Cases(BreakGlass(open_minutes=60), lambda: now, JournalFile(tmp_path / "memory", SEAL))

    name = fresh().ask("olga", "H01", "c1", "violence")
    with pytest.raises(CaseRefused):
        fresh().approve("olga", name)
    fresh().approve("otto", name)
    assert fresh(NOW + timedelta(minutes=59)).read("olga", name).clip == "c1"
    with pytest.raises(CaseRefused):
        fresh(NOW + timedelta(minutes=60)).read("olga", name)
    assert JournalFile(tmp_path / "memory", SEAL).records() == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    homes = Identities.model_validate({"schema": 1, "households": [HOME]})
    write_sealed(tmp_path / "vault.sealed", homes.to_json(), SEAL)
    for name, text in (("vault.key", "k" * 32), ("credentials.json", json.dumps(TOKENS | {"officers": OFFICERS}))):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.slow
def test_a_killed_vault_remembers_tries_and_cases(folder: Path) -> None:
    doors = {who: VaultClient(folder / "vault.sock", token) for who, token in (TOKENS | OFFICERS).items()}
    with vault_in(folder) as process:
        facts = doors["gateway"].site("kitchen")
        assert facts is not None
        assert facts.owner is not None
        owner = facts.owner
        for heard in ("Lara", "Lora"):
            assert doors["review"].contact_matches(owner, "ada", "c1", heard)
        case = doors["olga"].ask_case(owner, "c1", "threat_to_life")
        assert case is not None
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with vault_in(folder) as process:
        doors["otto"].approve_case(case)
        assert doors["review"].contact_matches(owner, "ada", "c1", "Lor") is False
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with vault_in(folder):
        with pytest.raises(TriesUsedUp):
            doors["review"].contact_matches(owner, "ada", "c1", "Laura")
        shown = doors["olga"].case(case)
        assert shown is not None
        assert shown.home is not None
        assert shown.home.street == "12 Elm Street"
        with pytest.raises(CaseRefused):
            doors["otto"].case(case)
    at_rest = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "vault.key"}
    logs = {f"vault-audit.jsonl{end}" for end in ("", ".key", ".head")}
    assert set(at_rest) == {"vault.sealed", "vault-memory.sealed", "credentials.json"} | logs
    for value in (b"Elm Street", b"Laura", b'"H01"', b"kitchen"):  # three letters stand in base64 by chance
        assert not [name for name, data in at_rest.items() if value in data]


@pytest.mark.slow
def test_an_older_copy_of_the_memory_is_noticed(folder: Path) -> None:
    memory, door = folder / "vault-memory.sealed", VaultClient(folder / "vault.sock", TOKENS["review"])
    with vault_in(folder):
        facts = VaultClient(folder / "vault.sock", TOKENS["gateway"]).site("kitchen")
        assert facts is not None
        assert facts.owner is not None
        before = memory.read_bytes()
        assert door.contact_matches(facts.owner, "ada", "c1", "Laura")
    for older in (before, None):
        newest = memory.read_bytes()
        memory.unlink()
        if older is not None:
            memory.write_bytes(older)
            memory.chmod(0o600)
        options = ["--identities", "vault.sealed", "--key-file", "vault.key", "--socket", "vault.sock"]
        command = [sys.executable, "-m", "gateway", "vault", *options, "--credentials", "credentials.json"]
        told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
        assert (told.returncode, told.stdout) == (2, "")
        assert "an older copy: it held 1 records and now 0" in told.stderr
        memory.unlink(missing_ok=True)
        memory.write_bytes(newest)
        memory.chmod(0o600)
    with vault_in(folder):
        assert door.contact_matches(facts.owner, "ada", "c2", "Laura")
