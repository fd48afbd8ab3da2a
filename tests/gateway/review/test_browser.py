"""The review tool as a process of its own, worked by a real browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from gateway.audit.log import verify_audit
from gateway.clip import RedactedClip
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.storage.store import Store
from gateway.wire import encode_wav
from gateway.word_times import CoveredPart, TimedWord

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERVE = """
import sys
from pathlib import Path
from gateway.contract.model import load_contract
from gateway.review.serve import serve_review
from gateway.storage.store import Store
here, port = Path(sys.argv[1]), int(sys.argv[2])
serve_review(store=Store(f"sqlite:///{here}/clips.db"), contract=load_contract("strict"),
             accounts=here / "accounts.json", audit=here / "audit.jsonl", port=port)
"""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def start(folder: Path, port: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SERVE, str(folder), str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready = re.fullmatch(r"review ready on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
    assert ready is not None
    return ready[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tone = b"".join(((at * 400) % 8000 - 4000).to_bytes(2, "little", signed=True) for at in range(32_000))
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    clip = RedactedClip(
        ref="ref-000",
        recorded_on="2019-04-10",
        trigger="wake_word",
        duration_ms=2000,
        device="d-1",
        transcript="alexa call [contact]",
        wav=encode_wav(tone),
        peaks=[40, 80, 20],
        times=[
            TimedWord(first=0, after=5, start_ms=200, end_ms=700),
            TimedWord(first=6, after=10, start_ms=800, end_ms=1100),
            TimedWord(first=11, after=20, start_ms=1200, end_ms=1900, masked="contact"),
        ],
        covered=[CoveredPart(start_ms=1200, end_ms=1900, classes=("contact",))],
    )
    store.put(clip, session_key="k")
    store.close()
    account = make_account("ada", "reviewer", "correct horse", SECRET)
    write_private(tmp_path / "accounts.json", accounts_json([account]))
    return tmp_path


@pytest.fixture
def review(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with start(folder) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_the_process_serves_refuses_a_taken_port_and_stops_cleanly(folder: Path, review: subprocess.Popen[str]) -> None:
    url = url_of(review)
    answer = httpx.get(f"{url}/healthz", trust_env=False)
    assert (answer.text, "server" in answer.headers) == ("ok", False)
    with start(folder, int(url.rpartition(":")[2])) as second:
        out, err = second.communicate(timeout=20)
    assert (second.returncode, out, err.count("\n")) == (2, "", 1)
    assert "in use" in err
    review.send_signal(signal.SIGTERM)
    out, err = review.communicate(timeout=10)
    assert (review.returncode, out, err) == (0, "", "")
    verify_audit(folder / "audit.jsonl")


@pytest.mark.slow
def test_without_second_factors_strict_does_not_even_start(folder: Path) -> None:
    write_private(folder / "accounts.json", accounts_json([make_account("ada", "lead", "pw")]))
    with start(folder) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "totp_secret: strict asks for a second factor; 1 lack it" in err


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("EARLID_REQUIRE") == "all":
        pytest.fail("chromium is not installed and EARLID_REQUIRE=all")
    return found or pytest.skip("chromium is not installed")


def follows_the_sound(page: Page) -> None:
    """Click a word to hear it; the word that is heard is marked; keys do the same."""
    player, words = page.locator("#player"), page.locator("#automatic button.word")
    expect(words).to_have_text(["alexa", "call", "contact"])
    page.evaluate("document.getElementById('player').muted = true")
    page.evaluate("document.getElementById('player').playbackRate = 0.25")
    words.nth(1).click()
    expect(words.nth(1)).to_have_attribute("aria-current", "true")
    expect(player).to_have_js_property("paused", False)
    expect(words.nth(2)).to_have_attribute("aria-current", "true", timeout=15_000)
    expect(words.nth(1)).not_to_have_attribute("aria-current", "true")
    player.evaluate("it => it.pause()")
    words.nth(2).press("Home")
    expect(words.first).to_be_focused()
    expect(words.first).to_have_attribute("tabindex", "0")
    words.first.press("ArrowRight")
    words.nth(1).press("Enter")
    player.evaluate("it => it.pause()")
    assert 0.8 <= player.evaluate("it => it.currentTime") < 1.1
    page.locator("body").press("j")
    player.evaluate("it => it.pause()")
    assert 0.2 <= player.evaluate("it => it.currentTime") < 0.7
    page.locator("body").press("l")
    player.evaluate("it => it.pause()")
    assert 0.8 <= player.evaluate("it => it.currentTime") < 1.1
    expect(page.locator(".legend")).to_have_text(re.compile(r"1\s+contact\s+1\.2 to 1\.9 s"))
    player.evaluate("it => { it.currentTime = 0; it.playbackRate = 0.75 }")


def test_a_person_signs_in_listens_annotates_and_withdraws(folder: Path, review: subprocess.Popen[str]) -> None:
    binary, url = chromium(), url_of(review)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=binary, args=FLAGS) as browser:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("correct horse")
        page.get_by_label("Code").fill(pyotp.TOTP(SECRET).at(int(time.time())))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Next clip").wait_for()
        page.wait_for_load_state()
        page.keyboard.press("n")
        player = page.locator("#player")
        expect(player).to_have_js_property("duration", 2)
        page.get_by_role("button", name="Slower").click()
        expect(page.locator("#rate")).to_have_text("0.75×")
        expect(player).to_have_js_property("playbackRate", 0.75)
        page.locator(".wave").click()
        expect(page.locator("#playhead")).to_have_attribute("x1", re.compile(r"^1[12]\d"))
        save = page.get_by_role("button", name="Save", exact=True)
        expect(save).to_be_disabled()
        expect(page.get_by_text("Play the clip to its end")).to_be_visible()
        follows_the_sound(page)
        expect(save).to_be_disabled()  # the last word alone is not the clip
        page.locator("body").press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Play, pause")
        page.keyboard.press("Enter")
        page.evaluate("document.getElementById('player').muted = true")
        page.keyboard.press(" ")
        expect(save).to_be_enabled(timeout=15_000)
        page.keyboard.press("g")
        expect(page.locator("#spectrogram")).to_have_js_property("naturalWidth", 480)
        page.keyboard.press("t")
        page.keyboard.type(" now")
        expect(page.get_by_label("What you hear")).to_have_value(re.compile("^alexa call .* now$"))
        page.get_by_label("What you hear").fill("alexa call somebody")
        expect(page.locator("#difference ins")).to_have_text("somebody")
        expect(page.locator("#kept")).to_have_text("Draft kept.")
        page.reload()
        expect(page.get_by_label("What you hear")).to_have_value("alexa call somebody")
        expect(page.locator("#help")).to_be_visible()
        for key in "5yk":  # call, yes, a child
            page.keyboard.press(key)
        page.keyboard.press("[")
        page.locator(".wave").click()
        page.keyboard.press("]")
        expect(page.locator("#region-list")).to_contain_text("adult: 0.0 to 1.0 s")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".notice")).to_have_text("Your annotation is saved.")
        expect(page.locator(".said").last).to_contain_text("alexa call somebody")
        expect(page.locator(".said").last).to_contain_text("Call; effective: yes; heard: child")
        expect(page.locator("#help")).to_be_visible()  # the keys are there
        page.keyboard.press("q")
        expect(page.locator(".notice")).to_contain_text("withdrawn")
        page.get_by_role("button", name="Take it back").click()
        expect(page.locator(".notice")).to_have_text("The clip is back.")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in").wait_for()
    assert complaints == [], "no script error, and nothing the content security policy had to block"
