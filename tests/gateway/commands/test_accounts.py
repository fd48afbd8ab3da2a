import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.log import entries_of
from gateway.commands.accounts import app
from gateway.files import BadFile
from gateway.keys import read_key
from gateway.review.people.accounts import load_accounts
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.storage.database import Database


def run(*options: object) -> Result:
    done = CliRunner().invoke(app, [str(each) for each in options])
    if isinstance(done.exception, BadFile):
        raise done.exception
    return done


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/clips.db"


def test_add_list_disable_enable_reset(store: str, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    done = run("add", "ada", "bob", "--store", store, "--role", "lead", "--url", "https://r.test/", "--audit", audit)
    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["username"] for each in made] == ["ada", "bob"]
    base, _, word = made[0]["invitation"].partition("#")
    assert base == "https://r.test/join"
    database = Database(store)
    assert (tmp_path / "clips.db.keys.accounts").stat().st_mode & 0o777 == 0o600
    accounts = StoredAccounts(database.engine, read_key(database.accounts_key))
    assert accounts.join(word, "stapled horses walk uphill")
    database.close()
    listed = [json.loads(line) for line in run("list", "--store", store, "--json").stdout.splitlines()]
    assert [(each["username"], each["state"]) for each in listed] == [("ada", "active"), ("bob", "invited")]
    assert "ada                  lead             active    0 sessions, 10" in run("list", "--store", store).stdout
    run("disable", "ada", "--store", store, "--audit", audit)
    assert "disabled" in run("list", "--store", store).stdout
    run("enable", "ada", "--store", store)
    again = run("reset", "ada", "--store", store, "--audit", audit)
    assert word not in again.stdout
    said = [(each.actor, each.action, each.detail) for each in entries_of(audit)]
    assert said[-1] == ("ada", "account_changed", "reset")
    assert [each[2] for each in said] == ["added", "added", "disabled", "reset"]
    assert word not in audit.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("add", "ada", "--role", "king"), "--role king: allowed: reviewer"),
        (("add", "Ada"), "an account name has lower case letters"),
        (("reset", "nobody"), "nobody: no such account"),
        (("disable", "nobody"), "nobody: no such account"),
    ],
)
def test_mistakes_are_one_line(store: str, options: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadFile, match=said):
        run(*options, "--store", store)


def test_a_second_account_of_one_name_is_refused(store: str) -> None:
    run("add", "ada", "--store", store)
    with pytest.raises(BadFile, match="has an account"):
        run("add", "ada", "--store", store)


def test_a_file_of_accounts_is_made_as_before(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    done = run("--accounts", path, "--role", "auditor", "ada", "bob")
    assert set(json.loads(done.stdout.splitlines()[0])) == {"username", "password", "totp_secret"}
    assert (set(load_accounts(path)), path.stat().st_mode & 0o777) == ({"ada", "bob"}, 0o600)
    with pytest.raises(BadFile, match="File exists"):
        run("--accounts", path, "eve")
