"""From an invitation to an account, and what its owner can do with it, over HTTP."""

import html
import re
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from gateway.storage.people_tables import passkeys
from tests.gateway.review.people.authenticator import Authenticator

PASSWORD = "stapled horses walk uphill"
HOUR = 3600.0


def join(world: Any, username: str = "ada", role: str = "reviewer") -> tuple[str, list[str]]:
    """The second factor's secret, and the recovery codes."""
    browser = world.browser()
    word = world.stored.add(username, role, HOUR)
    browser.get("/join")
    page = browser.send("/join", word=word)
    assert page.status_code == 200
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page.text)
    assert secret
    world.now += 30
    code = pyotp.TOTP(secret[1]).at(int(world.now))
    done = browser.send("/join/finish", word=word, password=PASSWORD, again=PASSWORD, code=code)
    assert done.status_code == 200, done.text
    codes = re.findall(r"<li><code>([a-z2-9-]{19})</code>", done.text)
    assert len(codes) == 10
    return secret[1], codes


def sign_in(world: Any, secret: str, username: str = "ada", password: str = PASSWORD, code: str | None = None) -> Any:
    browser = world.browser()
    world.now += 30
    said = pyotp.TOTP(secret).at(int(world.now)) if code is None else code
    return browser, browser.sign_in(username, password, said)


def test_an_invitation_a_password_a_scanned_code_and_one_is_in(make: Any) -> None:
    world = make(stored=True)
    secret, _ = join(world)
    browser, answer = sign_in(world, secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    page = browser.get("/account")
    assert (page.text.count("This one"), "10 left" in page.text) == (1, True)
    assert ("ada", "account_changed", "ok", None) in world.done()


def test_the_code_that_proved_the_app_signs_nobody_in_again(make: Any) -> None:
    world = make(stored=True)
    secret, _ = join(world)
    browser = world.browser()
    assert browser.sign_in("ada", PASSWORD, pyotp.TOTP(secret).at(int(world.now))).status_code == 401


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"password": "short", "again": "short"}, 422, "at least 12"),
        ({"password": "password12345", "again": "password12345"}, 422, "guesser"),
        ({"again": "something else here"}, 422, "differ"),
        ({"code": "000000"}, 422, "not the code"),
        ({"word": "x" * 43}, 404, "not known"),
        ({"csrf": "0" * 64}, 403, "not allowed"),
    ],
)
def test_what_is_wrong_is_said_and_the_invitation_stays(
    make: Any, change: dict[str, str], status: int, said: str
) -> None:
    world = make(stored=True)
    browser, word = world.browser(), world.stored.add("ada", "reviewer", HOUR)
    browser.get("/join")
    browser.send("/join", word=word)
    asked = world.stored.invited(word)
    code = pyotp.TOTP(asked.totp_secret).at(int(world.now))
    fields = {"word": word, "password": PASSWORD, "again": PASSWORD, "code": code} | change
    answer = browser.send("/join/finish", **fields)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert world.stored.invited(word) == asked, "and the QR code is still the one that was scanned"
    assert world.stored.find("ada") is None


def test_guessing_at_invitations_is_stopped(make: Any) -> None:
    world = make(stored=True)
    browser = world.browser()
    browser.get("/join")
    statuses = [browser.send("/join", word=f"guess{number}").status_code for number in range(25)]
    assert (statuses[0], statuses[-1]) == (404, 429)


def test_a_recovery_code_takes_the_place_of_the_phone_once_and_is_logged(make: Any) -> None:
    world = make(stored=True)
    secret, codes = join(world)
    assert sign_in(world, secret, code=codes[0])[1].status_code == 303
    assert sign_in(world, secret, code=codes[0])[1].status_code == 401
    assert sign_in(world, secret, code="")[1].status_code == 401
    assert [each.detail for each in world.audit.entries if each.action == "account_changed"] == [
        "joined",
        "recovery_code_used",
    ]


def test_signing_out_everywhere_else_leaves_this_one(make: Any) -> None:
    world = make(stored=True)
    secret, _ = join(world)
    here, there = sign_in(world, secret)[0], sign_in(world, secret)[0]
    assert here.get("/account").text.count("UTC</td>") == 4
    assert here.send("/account/sign-out-elsewhere").status_code == 303
    assert (here.get("/queue").status_code, there.get("/queue").status_code) == (200, 303)


def test_a_new_password_wants_the_old_one_and_ends_every_session(make: Any) -> None:
    world = make(stored=True)
    secret, _ = join(world)
    here, there = sign_in(world, secret)[0], sign_in(world, secret)[0]
    here.get("/account")
    fresh = {"password": "quite another sentence", "again": "quite another sentence"}
    assert here.send("/account/password", now="wrong", **fresh).status_code == 422
    assert here.send("/account/password", now=PASSWORD, password="short", again="short").status_code == 422
    assert here.send("/account/password", now=PASSWORD, **fresh).status_code == 303
    assert (here.get("/queue").status_code, there.get("/queue").status_code) == (303, 303)
    assert sign_in(world, secret)[1].status_code == 401
    assert sign_in(world, secret, password="quite another sentence")[1].status_code == 303


def test_guessing_the_password_from_an_open_session_is_stopped(make: Any) -> None:
    world = make(stored=True)
    secret, _ = join(world)
    browser = sign_in(world, secret)[0]
    browser.get("/account")
    said = [browser.send("/account/recovery-codes", now="wrong").text for _ in range(7)]
    assert "not your password" in said[0]
    assert "Too many tries" in said[-1]
    assert "Too many tries" in browser.send("/account/recovery-codes", now=PASSWORD).text


def test_new_recovery_codes_replace_the_old_ones(make: Any) -> None:
    world = make(stored=True)
    secret, codes = join(world)
    browser = sign_in(world, secret)[0]
    browser.get("/account")
    page = browser.send("/account/recovery-codes", now=PASSWORD)
    fresh = re.findall(r"<li><code>([a-z2-9-]{19})</code>", page.text)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    assert sign_in(world, secret, code=codes[3])[1].status_code == 401


@pytest.mark.parametrize("what", ["disable", "reset"])
def test_who_is_disabled_or_reset_is_out_at_the_next_click(make: Any, what: str) -> None:
    world = make(stored=True)
    secret, codes = join(world)
    browser = sign_in(world, secret)[0]
    assert browser.get("/queue").status_code == 200
    world.stored.disable("ada") if what == "disable" else world.stored.reset("ada", HOUR)
    assert browser.get("/queue").status_code == 303
    assert sign_in(world, secret)[1].status_code == 401
    assert sign_in(world, secret, code=codes[5])[1].status_code == 401


def test_accounts_of_a_file_have_sessions_but_no_invitations(world: Any) -> None:
    browser = world.browser("ada")
    page = browser.get("/account").text
    assert "Where you are signed in" in page
    assert "account stands in a file" in page
    assert browser.get("/join").status_code == 404
    assert browser.send("/account/password", now="x").status_code == 404


def options_on(page: str) -> str:
    """What the page asks the browser's authenticator for."""
    found = re.search(r'data-asked="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def with_passkey(world: Any) -> tuple[Any, Authenticator]:
    """A signed-in browser of ada, who has a passkey now, and that passkey."""
    secret, _ = join(world)
    browser, device = sign_in(world, secret)[0], Authenticator("http://review.test", "review.test")
    answer = device.create(options_on(browser.get("/account").text))
    assert browser.send("/account/passkeys", now="wrong", label="x", passkey=answer).status_code == 422
    answer = device.create(options_on(browser.get("/account").text))
    added = browser.send("/account/passkeys", now=PASSWORD, label="<b>laptop", passkey=answer)
    assert (added.status_code, added.headers["location"]) == (303, "/account?notice=passkey_added")
    assert "&lt;b&gt;laptop" in browser.get("/account").text
    return browser, device


def test_a_passkey_takes_the_place_of_the_code_and_never_of_the_password(make: Any) -> None:
    world = make(stored=True)
    _, device = with_passkey(world)
    for password, status in ((PASSWORD, 303), ("wrong", 401)):
        browser = world.browser()
        answer = device.get(options_on(browser.get("/login").text))
        said = {"username": "ada", "password": password, "passkey": answer}
        assert browser.send("/login", **said).status_code == status
    stolen = {"username": "ada", "password": PASSWORD, "passkey": answer}  # of another browser's form
    browser = world.browser()
    browser.get("/login")
    assert browser.send("/login", **stolen).status_code == 401
    browser.get("/login")
    assert browser.send("/login", username="ada", password=PASSWORD, passkey="{}").status_code == 401
    details = [each.detail for each in world.audit.entries if each.action == "account_changed"]
    assert details == ["joined", "passkey_added"]


def test_a_removed_or_reset_passkey_opens_nothing(make: Any) -> None:
    world = make(stored=True)
    browser, device = with_passkey(world)
    which = re.search(r'name="which" value="([0-9a-f]+)"', browser.get("/account").text)
    assert which
    assert browser.send("/account/passkeys/remove", now="wrong", which=which[1]).status_code == 422
    assert browser.send("/account/passkeys/remove", now=PASSWORD, which="0" * 64).status_code == 404
    assert browser.send("/account/passkeys/remove", now=PASSWORD, which=which[1]).status_code == 303
    other = world.browser()
    answer = device.get(options_on(other.get("/login").text))
    assert other.send("/login", username="ada", password=PASSWORD, passkey=answer).status_code == 401


def test_a_reset_takes_passkeys_away(make: Any) -> None:
    world = make(stored=True)
    with_passkey(world)
    world.stored.reset("ada", HOUR)
    with world.store.database.engine.connect() as db:
        assert db.execute(sa.select(passkeys)).all() == []


def test_at_an_address_of_digits_and_without_stored_accounts_no_passkey_is_asked_for(make: Any, browse: Any) -> None:
    assert "data-asked" not in browse(make(stored=True), "http://127.0.0.1:8080").get("/login").text
    assert "data-asked" not in make().browser().get("/login").text
