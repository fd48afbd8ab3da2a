"""Sign-in by a real provider over HTTP: who it proves gets in, and each rule that is broken lets nobody in."""

import asyncio
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.audit.log import AuditMemory
from gateway.contract.model import load_contract
from gateway.review.app import make_app
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.settings import ProviderSettings, SecondFactor
from gateway.review.tool import ReviewTool
from gateway.storage.store import Store

CLIENT, SECRET = "earlid-review", "a secret of thirty-two characters."
BASE = "http://127.0.0.1:8080"
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the provider speaks plain HTTP: no list of authorities is read
ROLES: dict[str, Any] = {"annotators": "reviewer", "leads": "lead", "admins": "administrator"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.gateway.review.provider.a_provider", CLIENT, SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()


class Tool:
    """A review tool whose people sign in by the provider, and its browsers."""

    def __init__(self, folder: Path, issuer: str, secret: str = SECRET) -> None:
        self.issuer, self.late_s = issuer, 0.0
        self.settings = ProviderSettings(
            issuer=issuer,
            client_id=CLIENT,
            secret_file=folder / "secret",
            base_url=BASE,
            roles=ROLES,
            second_factor=SecondFactor(values=("otp", "hwk")),
        )
        self.store, self.audit = Store(f"sqlite:///{folder}/clips.db"), AuditMemory()
        self.accounts = StoredAccounts(self.store.database.engine, b"k" * 32)
        self.app = make_app(
            ReviewTool.over(
                store=self.store,
                contract=load_contract("strict"),
                accounts=self.accounts,
                audit=self.audit,
                secret_key=b"s" * 32,
                clock=lambda: time.time() + self.late_s,
                provider=(self.settings, secret),
            )
        )
        self.runner = asyncio.Runner()
        self.wrong()

    def wrong(self, **what: Any) -> None:
        httpx.post(f"{self.issuer}/wrong", json=what, verify=NOBODY, trust_env=False).raise_for_status()

    def browser(self) -> "Browser":
        return Browser(self)

    def close(self) -> None:
        self.wrong()
        self.runner.close()
        self.store.close()


class Browser:
    def __init__(self, tool: Tool) -> None:
        self._tool, self.cookies = tool, httpx.Cookies()

    def get(self, address: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._tool.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=self.cookies) as client:
                answer = await client.get(address)
                self.cookies = client.cookies
                return answer

        return self._tool.runner.run(ask())

    def begin(self) -> str:
        """Go to the provider, sign in there, and give the address that it sends the browser back to."""
        there = self.get("/sign-in")
        assert there.status_code == 303, there.text
        back = httpx.get(there.headers["location"], verify=NOBODY, trust_env=False, follow_redirects=False)
        return str(back.headers["location"])

    def sign_in(self) -> httpx.Response:
        return self.get(self.begin())


@pytest.fixture
def tool(tmp_path: Path, issuer: str) -> Iterator[Tool]:
    made = Tool(tmp_path, issuer)
    yield made
    made.close()


def _lines(tool: Tool) -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.result) for line in tool.audit.entries]


def test_who_the_provider_proves_is_let_in(tool: Tool) -> None:
    browser = tool.browser()
    assert "/sign-in" in browser.get("/login").text
    answer = browser.sign_in()
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.text
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("earlid_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert browser.get("/queue").status_code == 200
    (account,) = tool.accounts.standings()
    assert (account.role, account.state) == ("reviewer", "active")


def test_nothing_that_is_kept_or_said_names_the_person(
    tool: Tool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tool.wrong(sub="marigold.reed@example.org", name="Marigold Reed")
    tool.browser().sign_in()
    tool.wrong(sub="marigold.reed@example.org", groups=["nobody"])
    tool.browser().sign_in()
    said = "".join(capfd.readouterr()) + repr(tool.audit.entries)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "no role" in said
    assert "arigold" not in said
    assert b"arigold" not in kept


def test_the_same_person_has_the_same_account_and_another_one_has_another(tool: Tool) -> None:
    tool.browser().sign_in()
    tool.browser().sign_in()
    tool.wrong(sub="person 8")
    tool.browser().sign_in()
    assert len(tool.accounts.standings()) == 2


def test_a_role_follows_the_provider_and_ends_older_sessions(tool: Tool) -> None:
    first = tool.browser()
    first.sign_in()
    tool.wrong(groups=["leads", "of no meaning"])
    second = tool.browser()
    second.sign_in()
    assert tool.accounts.standings()[0].role == "lead"
    assert second.get("/verification").status_code == 200
    assert first.get("/queue").status_code == 303


def test_a_disabled_account_is_out_at_once_and_stays_out(tool: Tool) -> None:
    browser = tool.browser()
    browser.sign_in()
    (account,) = tool.accounts.standings()
    tool.accounts.disable(account.username)
    assert browser.get("/queue").status_code == 303
    assert tool.browser().sign_in().status_code == 401
    assert tool.accounts.standings()[0].state == "disabled"
    tool.accounts.disable(account.username, disabled=False)
    assert tool.browser().sign_in().status_code == 200


def test_nobody_knows_a_password_of_such_an_account(tool: Tool) -> None:
    tool.browser().sign_in()
    (account,) = tool.accounts.standings()
    found = tool.accounts.find(account.username)
    assert found
    assert found.totp_secret is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"aud": [CLIENT, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"exp": 1_000},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 1_000},
        {"iat": None},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"groups": None},
        {"groups": ["nobody"]},
        {"groups": ["annotators", "admins"]},
        {"groups": {"annotators": True}},
        {"amr": ["pwd"]},
        {"amr": None},
        {"break": "unsigned"},
        {"break": "shared secret"},
        {"break": "another key"},
        {"break": "refuse"},
    ],
    ids=str,
)
def test_a_token_that_breaks_a_rule_lets_nobody_in(tool: Tool, wrong: dict[str, Any]) -> None:
    tool.wrong(**wrong)
    browser = tool.browser()
    answer = browser.sign_in()
    assert answer.status_code == 401
    assert "You were not let in." in answer.text
    assert browser.get("/queue").status_code == 303
    assert _lines(tool)[-1] == ("-", "login", "refused")
    assert tool.accounts.standings() == []


def test_a_state_counts_once(tool: Tool) -> None:
    """The provider is asked twice with the same request: everything of the second answer is right but its state."""
    browser = tool.browser()
    asked = browser.get("/sign-in").headers["location"]
    begun = dict(browser.cookies)
    first, second = (httpx.get(asked, verify=NOBODY, trust_env=False).headers["location"] for _ in range(2))
    assert browser.get(first).status_code == 200
    assert "earlid_begun" not in browser.cookies
    again = tool.browser()
    again.cookies.update(begun)
    assert again.get(second).status_code == 401


def test_what_one_browser_began_another_cannot_end(tool: Tool) -> None:
    assert tool.browser().get(tool.browser().begin()).status_code == 401
    two, one = tool.browser(), tool.browser()
    one.begin()
    assert one.get(two.begin()).status_code == 401, "nor with a sign-in of its own at hand"


def test_a_code_of_another_sign_in_is_refused_by_its_challenge(tool: Tool) -> None:
    mine, theirs = tool.browser(), tool.browser()
    state = parse_qs(urlsplit(mine.begin()).query)["state"][0]
    code = parse_qs(urlsplit(theirs.begin()).query)["code"][0]
    assert mine.get(f"/sign-in/back?code={code}&state={state}").status_code == 401


def test_a_sign_in_that_took_too_long_is_over(tool: Tool) -> None:
    browser = tool.browser()
    back = browser.begin()
    tool.late_s = 601
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=x", "iss=http://127.0.0.1:1"])
def test_what_nobody_began_is_refused(tool: Tool, query: str) -> None:
    assert tool.browser().get(f"/sign-in/back?{query}").status_code == 401


def test_an_answer_that_names_another_issuer_is_refused(tool: Tool) -> None:
    browser = tool.browser()
    assert browser.get(f"{browser.begin()}&iss=http://127.0.0.1:1").status_code == 401


def test_guessing_is_slowed_down(tool: Tool) -> None:
    answers = [tool.browser().get("/sign-in/back?code=x&state=x").status_code for _ in range(51)]
    assert (answers[0], answers[-1]) == (401, 429)


def test_a_wrong_secret_lets_nobody_in(tmp_path: Path, issuer: str) -> None:
    made = Tool(tmp_path, issuer, "another secret")
    assert made.browser().sign_in().status_code == 401
    made.close()


def test_a_provider_that_is_another_one_is_not_asked(tool: Tool) -> None:
    tool.wrong(**{"break": "description"})
    answer = tool.browser().get("/sign-in")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_a_provider_that_is_gone_is_said(tmp_path: Path) -> None:
    made = Tool.__new__(Tool)
    made.wrong = lambda **_what: None  # type: ignore[method-assign]
    made.__init__(tmp_path, "http://127.0.0.1:9")  # type: ignore[misc]
    assert made.browser().get("/sign-in").status_code == 503
    assert made.browser().get("/login").status_code == 200
    made.close()
