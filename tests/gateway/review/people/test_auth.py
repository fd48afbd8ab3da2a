import threading
from contextlib import suppress
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa

from gateway.audit.log import AuditMemory
from gateway.review.people.accounts import Account, Accounts, accounts_json, make_account
from gateway.review.people.auth import (
    HASHES_AT_ONCE,
    TRIES_PER_ADDRESS,
    TRIES_PER_NAME,
    Auth,
    LoginRefused,
)
from gateway.review.people.sign_in_state import IDLE_S, LIFE_S, WINDOW_S, SignInState, TooManyTries
from gateway.storage.people_tables import meta

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RIGHT = "right"
ADA = make_account("ada", "reviewer", RIGHT, SECRET)


class Desk:
    """An Auth with a clock a test can move."""

    def __init__(self, path: Path, *, mfa: bool = True) -> None:
        self.path, self.now, self.audit = path, 1_000_000.0, AuditMemory()
        self.write([ADA])
        self.mfa = mfa
        self.auth = self.worker()

    def worker(self) -> Auth:
        """One of several processes over the same database, or the next one after a restart."""
        engine = sa.create_engine(f"sqlite:///{self.path.parent}/people.db", poolclass=sa.NullPool)
        meta.create_all(engine)
        state = SignInState(engine, b"k" * 32, lambda: self.now)
        accounts = Accounts(self.path)
        return Auth(accounts, state, mfa=self.mfa, audit=self.audit, clock=lambda: self.now, key=b"k" * 32)

    def write(self, accounts: list[Account]) -> None:
        self.path.write_bytes(accounts_json(accounts))

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(SECRET).at(int(self.now) + 30 * steps)

    def login(self, password: str = RIGHT, code: str | None = None, name: str = "ada") -> str:
        return self.auth.login(name, password, self.code() if code is None else code, "127.0.0.1")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "accounts.json")


def test_password_and_code_open_a_session(desk: Desk) -> None:
    session = desk.auth.session(desk.login())
    assert session is not None
    assert (session.username, session.role) == ("ada", "reviewer")


@pytest.mark.parametrize(
    ("name", "password", "steps"),
    [("ada", "wrong", 0), ("eve", "right", 0), ("ada", "right", 3), ("ada", "right", -3)],
)
def test_anything_wrong_is_refused_alike(desk: Desk, name: str, password: str, steps: int) -> None:
    with pytest.raises(LoginRefused) as refused:
        desk.login(password, desk.code(steps), name)
    assert str(refused.value) == ""
    assert desk.audit.entries[-1].actor == ("ada" if name == "ada" else "-"), "what a stranger types is not logged"


def test_a_code_counts_once_and_an_older_one_not_after_it(desk: Desk) -> None:
    code, older = desk.code(), desk.code(-1)
    desk.login(code=code)
    for used in (code, older):
        with pytest.raises(LoginRefused):
            desk.login(code=used)
    desk.now += 30
    desk.login()


def test_a_wrong_password_does_not_use_the_code_up(desk: Desk) -> None:
    with pytest.raises(LoginRefused):
        desk.login("wrong")
    desk.login()


def test_without_a_second_factor_nobody_gets_in_where_one_is_asked_for(desk: Desk) -> None:
    desk.write([make_account("ada", "reviewer", "right")])
    for code in ("", "000000", desk.code()):
        with pytest.raises(LoginRefused):
            desk.login(code=code)


def test_no_code_is_asked_for_where_the_contract_has_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "accounts.json", mfa=False)
    assert desk.auth.session(desk.login(code=""))


def test_tries_run_out_even_for_the_right_password_and_come_back(desk: Desk) -> None:
    for _ in range(TRIES_PER_NAME):
        with pytest.raises(LoginRefused):
            desk.login("wrong")
    with pytest.raises(TooManyTries) as wait:
        desk.login()
    assert 0 < wait.value.retry_after_s <= WINDOW_S + 1
    desk.now += wait.value.retry_after_s
    desk.login()


def test_tries_at_the_same_moment_do_not_outrun_the_limit(desk: Desk) -> None:
    refused: list[type[Exception]] = []

    def guess() -> None:
        try:
            desk.login("wrong")
        except (LoginRefused, TooManyTries) as error:
            refused.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 24
    assert refused.count(LoginRefused) <= TRIES_PER_NAME + HASHES_AT_ONCE - 1


def test_an_address_that_tries_many_names_is_stopped_too(desk: Desk) -> None:
    throttle = desk.auth.state
    for at in range(TRIES_PER_ADDRESS):
        limits = ((f"name {at}", TRIES_PER_NAME), ("address a", TRIES_PER_ADDRESS))
        throttle.check(limits)
        throttle.count(limits)
    with pytest.raises(TooManyTries):
        throttle.check((("name new", TRIES_PER_NAME), ("address a", TRIES_PER_ADDRESS)))
    throttle.check((("name new", TRIES_PER_NAME), ("address b", TRIES_PER_ADDRESS)))


def test_sessions_end_by_logout_by_idling_and_by_age(desk: Desk) -> None:
    token = desk.login()
    desk.auth.logout(token)
    assert desk.auth.session(token) is None
    desk.now += 30
    idle = desk.login()
    desk.now += IDLE_S
    assert desk.auth.session(idle) is None
    token = desk.login()
    for _ in range(LIFE_S // (IDLE_S - 1)):
        desk.now += IDLE_S - 1
        assert desk.auth.session(token)
    desk.now += IDLE_S - 1
    assert desk.auth.session(token) is None


@pytest.mark.parametrize("role", ["lead", None])
def test_a_withdrawn_or_changed_account_is_out_at_once_and_for_good(desk: Desk, role: str | None) -> None:
    token = desk.login()
    desk.write([] if role is None else [ADA.model_copy(update={"role": role})])
    assert desk.auth.session(token) is None
    desk.write([ADA])
    assert desk.auth.session(token) is None


def test_form_tokens_belong_to_one_session(desk: Desk) -> None:
    assert desk.auth.form_fits("a", desk.auth.form_token("a"))
    assert not desk.auth.form_fits("b", desk.auth.form_token("a"))
    assert not desk.auth.form_fits("", desk.auth.form_token(""))
    assert not desk.auth.form_fits("a", "é")


def test_strangers_who_guess_at_a_name_do_not_lock_out_its_known_device(desk: Desk) -> None:
    desk.login()
    device = desk.auth.device_token("ada")
    desk.now += 30
    for _ in range(TRIES_PER_NAME + 3):
        with pytest.raises((LoginRefused, TooManyTries)):
            desk.login("wrong")
    with pytest.raises(TooManyTries):
        desk.login()
    assert desk.auth.login("ada", RIGHT, desk.code(), "127.0.0.1", device)
    for other in ("", "x.y", device[:-1], desk.auth.device_token("eve")):
        with pytest.raises(TooManyTries):
            desk.auth.login("ada", RIGHT, desk.code(), "127.0.0.1", other)
    for _ in range(TRIES_PER_NAME):
        with pytest.raises(LoginRefused):
            desk.auth.login("ada", "wrong", "000000", "127.0.0.1", device)
    with pytest.raises(TooManyTries):
        desk.auth.login("ada", RIGHT, desk.code(), "127.0.0.1", device)


def test_refusals_and_throttles_are_logged_with_their_source_and_a_flood_in_one_line(desk: Desk) -> None:
    for _ in range(TRIES_PER_NAME + 20):
        with pytest.raises((LoginRefused, TooManyTries)):
            desk.login("wrong")
    said = [(entry.action, entry.result, entry.source) for entry in desk.audit.entries]
    assert said == [("login", "refused", "127.0.0.1")] * TRIES_PER_NAME + [("throttled", "limited", "127.0.0.1")]


def test_a_restart_and_a_second_worker_know_what_the_first_one_did(desk: Desk) -> None:
    code = desk.code()
    token = desk.login(code=code)
    other = desk.worker()
    assert other.session(token), "a session opened elsewhere"
    with pytest.raises(LoginRefused):
        other.login("ada", RIGHT, code, "127.0.0.1")
    for _ in range(TRIES_PER_NAME - 1):
        with pytest.raises(LoginRefused):
            desk.login("wrong")
    desk.now += 30
    with pytest.raises(TooManyTries):
        other.login("ada", RIGHT, desk.code(), "127.0.0.1")
    other.logout(token)
    assert desk.auth.session(token) is None


def test_one_code_opens_one_session_in_however_many_workers_at_once(desk: Desk) -> None:
    code, opened = desk.code(), []

    def login(auth: Auth) -> None:
        with suppress(LoginRefused, TooManyTries):
            opened.append(auth.login("ada", RIGHT, code, "127.0.0.1"))

    threads = [threading.Thread(target=login, args=(desk.worker(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


def test_nothing_that_lets_somebody_in_lies_in_the_database(desk: Desk) -> None:
    token = desk.login()
    with pytest.raises(LoginRefused):
        desk.login(name="somebody-typed-7731")
    kept = (desk.path.parent / "people.db").read_bytes()
    for secret in (token, "somebody-typed-7731", "127.0.0.1"):
        assert secret.encode() not in kept
