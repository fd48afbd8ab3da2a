"""Every page against axe-core's rules for WCAG 2.2 A and AA, light and dark, and at 390 px without sideways scroll."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from gateway.clip import RedactedClip
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.storage.settled import Settled
from gateway.storage.store import Annotation, Store
from gateway.wire import encode_wav
from gateway.word_times import CoveredPart, TimedWord

pytestmark = pytest.mark.slow

TOTP, PASSWORD = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "stapled horses walk uphill"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PEOPLE = {
    "ada": "reviewer",
    "lea": "lead",
    "aud": "auditor",
    "olga": "safety_officer",
    "pia": "safety_approver",
    "root": "administrator",
}
PAGES = {
    "ada": ["/queue", "NEXT", "/account", "/nowhere"],
    "lea": ["/queue", "/verification", "/verification/ref-000", "/agreement", "/workload", "/clips/ref-000"],
    "aud": ["/audit", "/clips/ref-001", "/agreement"],
    "olga": ["/cases", "/clips/ref-002"],
    "pia": ["/cases"],
    "root": ["/people", "/account"],
}
SERVE = """
import sys
from pathlib import Path
from gateway.contract.model import load_contract
from gateway.review.serve import serve_review
from gateway.storage.store import Store
here = Path(sys.argv[1])
accounts = here / "accounts.json" if sys.argv[2] == "file" else None
serve_review(store=Store(f"sqlite:///{here}/clips.db"), contract=load_contract("strict"), accounts=accounts,
             audit=here / f"{sys.argv[2]}.jsonl")
"""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tone = b"".join(((at * 400) % 8000 - 4000).to_bytes(2, "little", signed=True) for at in range(32_000))
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    for at in range(4):
        clip = RedactedClip(
            ref=f"ref-{at:03}",
            recorded_on="2019-04-10",
            trigger="wake_word",
            duration_ms=2000,
            device="d-1",
            transcript="alexa call [contact]",
            wav=encode_wav(tone),
            peaks=[40, 80, 20],
            times=[
                TimedWord(first=0, after=5, start_ms=100, end_ms=700),
                TimedWord(first=6, after=10, start_ms=700, end_ms=900),
                TimedWord(first=11, after=20, start_ms=900, end_ms=1600, masked="contact"),
            ],
            covered=[
                CoveredPart(start_ms=900, end_ms=1600, classes=("contact",)),
                CoveredPart(start_ms=1700, end_ms=1900, classes=("unclear",)),
            ],
        )
        store.put(clip, session_key=clip.ref)
    for who, intent in (("bob", "call"), ("cem", "music")):
        said = Annotation(reviewer=who, transcription="alexa call", intent=intent, effective="yes")
        store.annotate("ref-000", said)
        store.annotate("ref-001", said)
    store.annotate(
        "ref-002", Annotation(reviewer="bob", transcription="", intent="other", effective="no", heard=["distress"])
    )
    Settled(store.database).settle(
        "ref-001", Annotation(reviewer="-", transcription="", intent="call", effective="yes")
    )
    store.close()
    made = [make_account(who, role, PASSWORD, TOTP) for who, role in PEOPLE.items()]  # type: ignore[arg-type]
    write_private(tmp_path / "accounts.json", accounts_json(made))
    return tmp_path


@pytest.fixture
def page(chromium_path: str) -> Iterator[Page]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium_path, args=FLAGS) as browser,
    ):
        yield browser.new_page()


@pytest.fixture
def tool(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    command = [sys.executable, "-c", SERVE, str(folder), request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().removeprefix("review ready on ")
        process.send_signal(signal.SIGTERM)


def faults(page: Page, where: str) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        result: Any = Axe().run(page, options=RULES)
        for fault in result.response["violations"]:
            found += [f"{where} {scheme} {fault['id']}: {node['html'][:120]}" for node in fault["nodes"]]
    page.set_viewport_size({"width": 390, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{where}: scrolls sideways at 390 px")
    page.set_viewport_size({"width": 1100, "height": 900})
    return found


def sign_in(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(TOTP).at(int(time.time())))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out", exact=True).wait_for()


@pytest.mark.parametrize("tool", ["file"], indirect=True)
def test_every_page_of_every_role(tool: str, page: Page) -> None:
    page.goto(f"{tool}/login")
    found = faults(page, "/login")
    for who, paths in PAGES.items():
        sign_in(page, tool, who)
        for path in paths:
            if path == "NEXT":
                page.goto(f"{tool}/queue")
                page.get_by_role("button", name="Next clip").click()
                page.get_by_label("What you hear").wait_for()
            else:
                page.goto(f"{tool}{path}")
            found += faults(page, f"{who} {path}")
        page.context.clear_cookies()
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("tool", ["stored"], indirect=True)
def test_the_way_in_from_an_invitation(tool: str, page: Page, folder: Path) -> None:
    from gateway.keys import read_key

    store = Store(f"sqlite:///{folder}/clips.db")
    accounts = StoredAccounts(store.database.engine, read_key(store.database.accounts_key))
    word = accounts.add("ada", "reviewer", 3600)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{tool}/join#{word}")
    assert page.url == f"{tool}/join", "the word leaves the address bar"
    found = faults(page, "/join")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("The same again").wait_for()
    found += faults(page, "enrol")
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_label("Code", exact=False).last.fill(pyotp.TOTP(secret).at(int(time.time())))
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    found += faults(page, "recovery codes")
    code = page.locator(".codes code").first.inner_text()
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", code)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Next clip").wait_for()
    page.get_by_role("link", name="ada").click()
    page.get_by_text("9 left").wait_for()
    found += faults(page, "/account")
    store.close()
    assert (found, [each for each in complaints if "security policy" in each.lower()]) == ([], [])


@pytest.mark.parametrize("tool", ["stored"], indirect=True)
def test_a_passkey_of_a_browser_from_the_account_page_to_the_next_sign_in(tool: str, page: Page, folder: Path) -> None:
    """With Chromium's virtual authenticator (DevTools protocol)."""
    from gateway.keys import read_key

    store = Store(f"sqlite:///{folder}/clips.db")
    accounts = StoredAccounts(store.database.engine, read_key(store.database.accounts_key))
    word = accounts.add("ada", "reviewer", 3600)
    asked = accounts.invited(word)
    assert asked is not None
    accounts.join(word, PASSWORD)
    store.close()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    url = tool.replace("127.0.0.1", "localhost")
    page.goto(f"{url}/login")
    found = faults(page, "/login with passkeys")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(asked.totp_secret).at(int(time.time())))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="ada").click()
    section = page.get_by_role("region", name="Passkeys")
    section.get_by_label("Its name").fill("Test laptop")
    section.get_by_label("Password now").fill(PASSWORD)
    section.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey is added").wait_for()
    found += faults(page, "/account with passkeys")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Next clip").wait_for()
    assert found == [], "\n".join(found)
