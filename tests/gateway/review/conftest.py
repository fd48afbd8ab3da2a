"""A review tool in memory with a store of made-up clips, and browsers that talk to it in-process."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from gateway.audit.log import AuditMemory
from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.review.app import make_app
from gateway.review.forms.labels import Labels
from gateway.review.people.accounts import Account, Accounts, accounts_json, make_account
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.tool import ReviewTool
from gateway.storage.queue.assignments import LEASE_S
from gateway.storage.store import Annotation, Store
from gateway.storage.tables import claims
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import ContactFacts, CustomerFacts, PlaceFacts
from gateway.wire import encode_wav

TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery"
NOW = 1_554_883_200.0
WAV = encode_wav(bytes(range(256)) * 64)
ACCOUNTS = [
    make_account("ada", "reviewer", PASSWORD, TOTP),
    make_account("bob", "reviewer", PASSWORD, TOTP),
    make_account("lea", "lead", PASSWORD, TOTP),
    make_account("olga", "safety_officer", PASSWORD, TOTP),
    make_account("otto", "safety_officer", PASSWORD, TOTP),
    make_account("pia", "safety_approver", PASSWORD, TOTP),
    make_account("aud", "auditor", PASSWORD, TOTP),
    make_account("root", "administrator", PASSWORD, TOTP),
]
CUSTOMER = CustomerFacts(
    customer_id="A2X9",
    home=PlaceFacts(street="12 Elm Street", city="Ashland", state="OR"),
    work=(PlaceFacts(street="9 Oak Avenue"),),
    phones=("(541) ***-0142",),
    contacts=(ContactFacts(name="Laura Reed", phones=("(503) ***-0199",), emails=("laura@example.org",)),),
)


def clip(ref: str, **fields: Any) -> RedactedClip:
    made_up: dict[str, Any] = {
        "recorded_on": "2019-04-10",
        "trigger": "wake_word",
        "duration_ms": 512,
        "device": "d-3f9a",
        "customer": "A2X9",
        "given_name": "Marigold",
        "locality": "Ashland, Oregon",
        "latitude": 42.194576,
        "longitude": -122.709477,
        "transcript": "alexa message [contact] <b>now</b>",
        "wav": WAV,
        "peaks": [10, 50, 100],
    }
    return RedactedClip(ref=ref, **(made_up | fields))


def withheld(contract: Contract) -> dict[str, None]:
    """What redaction leaves out of a stored clip under `strict`; the incident's contract leaves out nothing."""
    hidden = ("customer", "given_name", "latitude", "longitude") if contract.kind == "protect" else ()
    return dict.fromkeys(hidden)


class World:
    """One review tool; `now` is its clock, in seconds, and moves only when a test moves it."""

    def __init__(
        self,
        folder: Path,
        contract: Contract,
        clips: int,
        runner: asyncio.Runner,
        vault: Any,
        officer_door: Any,
        stored: bool,
        labels: Labels | None = None,
    ) -> None:
        self.now = NOW
        self.folder, self.path = folder, folder / "accounts.json"
        self.write_accounts(ACCOUNTS)
        self.store = Store(f"sqlite:///{folder}/clips.db")
        for at in range(clips):
            self.store.put(clip(f"ref-{at:03}", **withheld(contract)), session_key=f"key-{at}")
        self.audit = AuditMemory()
        self.contract = contract
        self.stored = StoredAccounts(self.store.database.engine, b"k" * 32, lambda: self.now)
        self._app: FastAPI | None = None
        self.serve(
            accounts=self.stored if stored else Accounts(self.path),
            vault=vault,
            officer_door=officer_door,
            labels=labels,
        )
        self.runner = runner
        self.open_browsers: list[Browser] = []

    def serve(self, **more: Any) -> None:
        """Serve a tool over this store from here on; by default it has no vault, and the accounts of the file."""
        parts: dict[str, Any] = {
            "store": self.store,
            "contract": self.contract,
            "accounts": Accounts(self.path),
            "audit": self.audit,
            "clock": lambda: self.now,
        }
        self._tool, self._app = ReviewTool.over(**parts | more), None

    @property
    def app(self) -> FastAPI:
        """The application, built when somebody first asks for it."""
        if self._app is None:
            self._app = make_app(self._tool)
        return self._app

    def write_accounts(self, accounts: list[Account]) -> None:
        self.path.write_bytes(accounts_json(accounts))

    def give(self, username: str, *refs: str, heard: bool = True) -> None:
        """Assign clips to somebody, whoever had them."""
        with self.store.database.engine.begin() as db:
            for ref in refs:
                db.execute(claims.delete().where(claims.c.ref == ref))
                row = {"ref": ref, "reviewer": username, "until": self.now + LEASE_S, "done": False, "heard": heard}
                db.execute(claims.insert().values(**row))

    def flag(self, ref: str) -> None:
        """Somebody heard distress in it."""
        said = Annotation(reviewer="bob", transcription="", intent="other", effective="no", heard=("distress",))
        self.store.annotate(ref, said)

    def browser(self, username: str | None = None, *refs: str) -> "Browser":
        """A fresh browser; signed in through the login form when a name is given, and `refs` assigned to it."""
        browser = Browser(self)
        self.open_browsers.append(browser)
        if username:
            self.now += 30  # a code counts once
            assert browser.sign_in(username).status_code == 303
            self.give(username, *refs)
        return browser

    def done(self) -> list[tuple[str, str, str, str | None]]:
        return [(each.actor, each.action, each.result, each.clip) for each in self.audit.entries]


class Browser:
    """Keeps cookies, follows no redirect by itself, and remembers the form token of the last page."""

    def __init__(self, world: World, url: str = "http://review.test") -> None:
        self.world, self.token = world, ""
        transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=url)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self.world.runner.run(self.client.request(method, path, **more))
        if found := re.search(r'name="csrf" value="([^"]*)"', answer.text if answer.content[:1] == b"<" else ""):
            self.token = found[1]
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def send(self, path: str, **fields: Any) -> httpx.Response:
        """Post a form with the last page's token."""
        return self.ask("POST", path, data={"csrf": self.token} | fields)

    def sign_in(self, username: str, password: str = PASSWORD, code: str | None = None) -> httpx.Response:
        self.get("/login")
        return self.send("/login", username=username, password=password, code=self.code() if code is None else code)

    def code(self) -> str:
        return pyotp.TOTP(TOTP).at(int(self.world.now))


Make = Callable[..., World]


@pytest.fixture
def browse() -> type[Browser]:
    """For a browser at another address: `browse(world, url)`."""
    return Browser


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """`make(contract="strict", clips=3, vault=..., **review)` gives a World; `review` overrides contract keys."""
    worlds: list[World] = []
    with asyncio.Runner() as runner:

        def made(
            contract: str = "strict",
            clips: int = 3,
            vault: Any = None,
            officer_door: Any = None,
            stored: bool = False,
            labels: Labels | None = None,
            **review: Any,
        ) -> World:
            agreed = load_contract(contract)
            agreed = agreed.model_copy(update={"review": agreed.review.model_copy(update=review)})
            folder = tmp_path / f"world-{len(worlds)}"
            folder.mkdir()
            known = InMemoryVault(customers={"A2X9": CUSTOMER}) if vault is None else vault
            worlds.append(World(folder, agreed, clips, runner, known, officer_door, stored, labels))
            return worlds[-1]

        yield made
        for world in worlds:
            for browser in world.open_browsers:
                runner.run(browser.client.aclose())
            world.store.close()


@pytest.fixture
def world(make: Make) -> World:
    return make()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's browser; a test without one is skipped, or fails where everything is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("EARLID_REQUIRE") == "all":
        pytest.fail("chromium is not installed and EARLID_REQUIRE=all")
    return found or pytest.skip("chromium is not installed")
