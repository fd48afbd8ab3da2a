import json
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.review.people.accounts import (
    Accounts,
    AccountsUnreadable,
    accounts_json,
    load_accounts,
    make_account,
    new_totp_secret,
    password_fits,
)


def test_what_is_written_is_read_and_the_password_is_in_neither(tmp_path: Path) -> None:
    account = make_account("ada", "lead", "correct horse", new_totp_secret())
    path = tmp_path / "accounts.json"
    path.write_bytes(accounts_json([account]))
    assert b"correct horse" not in path.read_bytes()
    assert load_accounts(path) == {"ada": account}
    assert password_fits(account, "correct horse")
    assert not password_fits(account, "correct horsE")
    assert not password_fits(None, "correct horse")


def test_yaml_will_do(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text("- username: ada\n  role: reviewer\n  password_hash: $argon2id$v=19$broken\n")
    account = load_accounts(path)["ada"]
    assert not password_fits(account, "anything"), "a hash nobody can read lets nobody in"


GOOD = {"username": "ada", "role": "reviewer", "password_hash": "$argon2id$v=19$x"}


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({"accounts": []}, "a list"),
        ([GOOD | {"rolle": "lead"}], "unknown key.*allowed: password_hash, role, totp_secret, username"),
        ([GOOD | {"role": "boss-7731"}], "role"),
        ([GOOD | {"username": "Ada 7731"}], "username"),
        ([GOOD | {"password_hash": "plain-7731"}], "password_hash"),
        ([GOOD | {"totp_secret": "not-base32-7731"}], "totp_secret"),
        ([GOOD, GOOD], "1: username: stands twice"),
        (["7731"], "keys and values are wanted"),
    ],
)
def test_a_wrong_file_is_one_line_without_values(tmp_path: Path, entries: Any, fault: str) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(entries))
    with pytest.raises(BadFile, match=fault) as refused:
        load_accounts(path)
    assert "7731" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_change_counts_at_the_next_look_and_a_broken_file_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    ada, bob = make_account("ada", "lead", "pw"), make_account("bob", "lead", "pw")
    path.write_bytes(accounts_json([ada]))
    accounts = Accounts(path)
    assert accounts.find("bob") is None
    assert accounts.without_totp() == ["ada"]
    path.write_bytes(accounts_json([ada, bob]))
    assert accounts.find("bob") == bob
    path.write_text("- username: [")
    with pytest.raises(AccountsUnreadable):
        accounts.find("ada")
    path.unlink()
    with pytest.raises(AccountsUnreadable):
        accounts.find("ada")
    path.write_bytes(accounts_json([ada]))
    assert accounts.find("ada") == ada
