import threading
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from gateway.audit.log import AuditMemory
from gateway.review.people.accounts import password_fits
from gateway.review.people.auth import Auth
from gateway.review.people.sign_in_state import SignInState
from gateway.review.people.stored_accounts import AccountExists, NoSuchAccount, StoredAccounts
from gateway.storage.people_tables import meta

HOUR = 3600.0


class Book:
    def __init__(self, folder: Path) -> None:
        self.now, self.path = 1_000_000.0, folder / "people.db"
        self.engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=sa.NullPool)
        meta.create_all(self.engine)
        self.accounts = StoredAccounts(self.engine, b"k" * 32, lambda: self.now)

    def joined(self, username: str = "ada") -> Any:
        word = self.accounts.add(username, "reviewer", HOUR)
        return self.accounts.join(word, "stapled horses walk uphill")

    def execute(self, statement: str) -> None:
        with self.engine.begin() as db:
            db.execute(sa.text(statement))


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_an_invitation_becomes_an_account_once(book: Book) -> None:
    word = book.accounts.add("ada", "lead", HOUR)
    asked = book.accounts.invited(word)
    assert asked is not None
    assert asked.username == "ada"
    assert pyotp.parse_uri(asked.uri()).secret == asked.totp_secret
    assert book.accounts.find("ada") is None, "nobody signs in before the invitation was used"
    codes = book.accounts.join(word, "stapled horses walk uphill")
    assert codes is not None
    assert len(set(codes)) == 10
    account = book.accounts.find("ada")
    assert account is not None
    assert (account.role, account.totp_secret) == ("lead", asked.totp_secret)
    assert password_fits(account, "stapled horses walk uphill")
    assert book.accounts.invited(word) is None
    assert book.accounts.join(word, "another password here") is None


def test_an_invitation_gets_too_old_and_a_new_one_replaces_it(book: Book) -> None:
    first = book.accounts.add("ada", "reviewer", HOUR)
    second = book.accounts.reset("ada", HOUR)
    assert book.accounts.invited(first) is None
    assert book.accounts.invited(second)
    book.now += HOUR
    assert book.accounts.invited(second) is None
    assert book.accounts.join(second, "stapled horses walk uphill") is None


def test_two_who_use_one_invitation_at_once_make_one_account(book: Book) -> None:
    word, made = book.accounts.add("ada", "reviewer", HOUR), []
    threads = [
        threading.Thread(target=lambda: made.append(book.accounts.join(word, "stapled horses uphill")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each is None for each in made].count(False) == 1


def test_recovery_codes_count_once_however_they_are_typed_and_for_their_owner_alone(book: Book) -> None:
    codes = book.joined()
    book.joined("bob")
    assert not book.accounts.use_recovery("bob", codes[0])
    assert book.accounts.use_recovery("ada", f" {codes[0].upper().replace('-', ' ')} ")
    assert not book.accounts.use_recovery("ada", codes[0])
    assert book.accounts.recovery_codes_left("ada") == 9
    fresh = book.accounts.new_recovery_codes("ada")
    assert not book.accounts.use_recovery("ada", codes[1])
    assert book.accounts.use_recovery("ada", fresh[1])
    assert not book.accounts.use_recovery("ada", "")


def test_every_change_of_an_account_changes_its_stamp(book: Book) -> None:
    book.joined()
    first = book.accounts.stamp("ada")
    book.accounts.change_password("ada", "quite another sentence")
    second = book.accounts.stamp("ada")
    assert None is not first != second is not None
    book.accounts.disable("ada")
    assert (book.accounts.stamp("ada"), book.accounts.find("ada")) == (None, None)
    book.accounts.disable("ada", disabled=False)
    assert book.accounts.stamp("ada") == second
    word = book.accounts.reset("ada", HOUR)
    assert (book.accounts.stamp("ada"), book.accounts.find("ada")) == (None, None)
    book.accounts.join(word, "quite another sentence")
    assert book.accounts.stamp("ada") not in (None, first, second)


def test_who_is_disabled_cannot_use_an_old_invitation(book: Book) -> None:
    word = book.accounts.add("ada", "reviewer", HOUR)
    book.accounts.disable("ada")
    assert book.accounts.invited(word) is None


def test_standings_names_and_what_is_not_there(book: Book) -> None:
    book.joined()
    book.accounts.add("bob", "auditor", HOUR)
    book.joined("eve")
    book.accounts.disable("eve")
    found = [(each.username, each.role, each.state, each.recovery_codes) for each in book.accounts.standings()]
    assert found == [
        ("ada", "reviewer", "active", 10),
        ("bob", "auditor", "invited", 0),
        ("eve", "reviewer", "disabled", 10),
    ]
    with pytest.raises(AccountExists):
        book.accounts.add("ada", "reviewer", HOUR)
    for wrong in ("", "Ada", "a b", "ada\n", "../x", "a" * 65):
        with pytest.raises(ValueError, match=r".*"):
            book.accounts.add(wrong, "reviewer", HOUR)
    with pytest.raises(NoSuchAccount):
        book.accounts.reset("nobody", HOUR)
    with pytest.raises(NoSuchAccount):
        book.accounts.disable("nobody")


def test_the_database_alone_opens_nothing(book: Book) -> None:
    word = book.accounts.add("ada", "reviewer", HOUR)
    asked = book.accounts.invited(word)
    codes = book.accounts.join(word, "stapled horses walk uphill")
    assert asked is not None
    assert codes is not None
    kept = book.path.read_bytes()
    for secret in (word, asked.totp_secret, "stapled horses", codes[0], codes[0].replace("-", "")):
        assert secret.encode() not in kept
    stranger = StoredAccounts(book.engine, b"x" * 32, lambda: book.now)
    found = stranger.find("ada")
    assert found is None or found.totp_secret is None, "another key opens no second factor"
    assert not stranger.use_recovery("ada", codes[0])


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book.accounts.disable("ada"),
        lambda book: book.accounts.change_password("ada", "other horses walk downhill"),
        lambda book: book.execute("UPDATE people SET role = 'lead'"),
        lambda book: book.execute("UPDATE people SET disabled = TRUE"),
        lambda book: book.execute("DELETE FROM people"),
    ],
    ids=["disabled", "password", "role", "disabled_elsewhere", "deleted"],
)
def test_a_session_and_its_account_are_read_at_once_and_as_they_are_now(book: Book, change: Any) -> None:
    book.joined()
    state = SignInState(book.engine, b"k" * 32, lambda: book.now)
    auth = Auth(book.accounts, state, mfa=False, audit=AuditMemory(), clock=lambda: book.now, key=b"k" * 32)
    token = auth.login("ada", "stapled horses walk uphill", "", "127.0.0.1", "")
    statements: list[str] = []
    sa.event.listen(book.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    assert auth.session(token)
    assert len(statements) == 1
    change(book)
    assert auth.session(token) is None
