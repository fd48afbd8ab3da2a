"""Programs of others behind `earlid proxy`: a browser by Playwright, and the how-to's scripts for Playwright's own
language, k6 and autocannon, as printed."""

import json
import os
import re
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
PAGE = ROOT / "loadtests" / "docs" / "k6-or-a-browser.md"


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
    binary = _chromium()
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
    said = _said(proxy)
    assert "leak: members.name in response_body of user GET /me" in said
    assert "leak: members.emails in websocket of user GET /talk" in said


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the how-to installs."""
    folder = tmp_path_factory.mktemp("node")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    (folder / "package.json").write_text("{}")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "playwright-core", "autocannon"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
    if done.returncode:
        pytest.skip(f"npm installs nothing here: {done.stderr[-200:]}")
    return folder


@pytest.mark.slow
def test_the_how_tos_script_for_playwright_is_watched(proxied: tuple[Any, str], node: Path) -> None:
    _chromium()
    proxy, door = proxied
    (node / "look.mjs").write_text(_script("playwright-core", door))
    done = subprocess.run(["node", "look.mjs"], cwd=node, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "leak: members.name in response_body of user GET /me" in _said(proxy)


@pytest.mark.slow
def test_autocannon_is_watched_and_everything_it_got_is_searched(proxied: tuple[Any, str], node: Path) -> None:
    proxy, door = proxied
    command = ["npx", "autocannon", "-a", "200", "-c", "4", "--json", f"{door}/me"]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["2xx"], told["non2xx"]) == (200, 0)
    said = _said(proxy)
    assert "leak: members.name in response_body of user GET /me: 200" in said


@pytest.mark.slow
def test_the_how_tos_script_for_k6_is_watched(proxied: tuple[Any, str], tmp_path: Path) -> None:
    k6 = shutil.which("k6")
    if k6 is None:
        pytest.skip("k6 is not installed")
    proxy, door = proxied
    (tmp_path / "script.js").write_text(_script("k6/http", door))
    command = [k6, "run", "--no-usage-report", "--iterations", "20", "--vus", "4", "script.js"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "leak: members.name in response_body of annotator GET /me: 20" in _said(proxy)


def _script(imports: str, door: str) -> str:
    """The how-to's script that imports it, pointed at the proxy of the test."""
    blocks = re.findall(r"^```javascript\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (script,) = [block for block in blocks if f"from '{imports}'" in block]
    assert script.count("http://127.0.0.1:18091/") == 1
    return str(
        script.replace("http://127.0.0.1:18091", door).replace("/usr/bin/chromium", shutil.which("chromium") or "")
    )


def _chromium() -> str:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None and os.environ.get("EARLID_REQUIRE") == "all":
        pytest.fail("chromium is not installed and EARLID_REQUIRE=all")
    if binary is None:
        pytest.skip("chromium is not installed")
    return binary


def _said(proxy: Any) -> str:
    """What the proxy says at its end: a leak was found."""
    proxy.send_signal(signal.SIGINT)
    _, said = proxy.communicate(timeout=60)
    assert proxy.returncode == 1, said
    return str(said)
