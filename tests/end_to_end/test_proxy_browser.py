"""A real browser behind `earlid proxy`, driven by Playwright as in the how-to: page, WebSocket and their leaks."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from gateway.identities import Identities
from scenarios.leaks.controls import control_household

ROOT = Path(__file__).parents[2]


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[Any, str]]:
    ids = tmp_path / "ids.json"
    home = control_household(31).model_copy(update={"household_id": "H1"})
    ids.write_bytes(Identities(schema=1, households=(home,)).to_json())
    site = subprocess.Popen(
        [sys.executable, "tests/broken/leaky_site.py", ids], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert site.stdout
    url = site.stdout.readline().split()[-1]
    earlid = Path(sys.executable).parent / "earlid"
    command = [earlid, "proxy", "--identities", ids, "--to", url, "--listen", "127.0.0.1:0", "--out", tmp_path / "out"]
    proxy = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert proxy.stdout
    yield proxy, proxy.stdout.readline().split()[-1]
    for process in (proxy, site):
        process.kill()
        process.communicate(timeout=10)


@pytest.mark.slow
def test_a_browser_behind_the_proxy_works_and_what_it_sees_is_searched(proxied: tuple[Any, str]) -> None:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None and os.environ.get("EARLID_REQUIRE") == "all":
        pytest.fail("chromium is not installed and EARLID_REQUIRE=all")
    if binary is None:
        pytest.skip("chromium is not installed")
    proxy, door = proxied
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"]) as browser,
    ):
        page = browser.new_page()
        page.goto(f"{door}/")
        expect(page.locator("#said")).to_contain_text("heard")  # over the WebSocket, through the proxy
        page.goto(f"{door}/me")
        expect(page.locator("body")).to_contain_text("Hello")
    proxy.send_signal(signal.SIGINT)
    _, said = proxy.communicate(timeout=60)
    assert proxy.returncode == 1, said
    assert "leak: members.name in response_body of user GET /me" in said
    assert "leak: members.emails in websocket of user GET /talk" in said
