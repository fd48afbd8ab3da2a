"""The clip page in Chromium: what it loads beside the sound, and when a person can work with it."""

import statistics
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.figures import Note
from tests.benchmarks.review.conftest import PASSWORD, filled, our_tool, served
from tests.gateway.review.test_browser import FLAGS, chromium

PAGES, MOST_KB, MOST_MS = 30, 100, 200
# Scripts have run when DOMContentLoaded is over. What a browser keeps (style, script) is counted at the first page.
READY = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const all = [page, ...performance.getEntriesByType("resource").filter(each => !each.name.includes("/audio"))];
  return {ms: page.domContentLoadedEventEnd, bytes: all.reduce((sum, each) => sum + each.transferSize, 0)};
}"""


@pytest.mark.bench
def test_the_clip_page_is_small_and_soon_there(tmp_path: Path, note: Note) -> None:
    url = f"sqlite:///{tmp_path}/clips.db"
    filled(url, tmp_path, PAGES + 1, ["ada"])
    with (
        served(our_tool(tmp_path, url)) as tool,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium(), args=FLAGS) as browser,
    ):
        page = browser.new_page()
        page.goto(str(tool.base_url))
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Next clip").click()
        page.wait_for_url("**/clips/*")
        again = page.url
        with browser.new_context(storage_state=page.context.storage_state()) as fresh:
            first = _loaded(fresh.new_page(), again)
        seen = [_loaded(page, again) for _ in range(PAGES)]
    median = statistics.median(each["ms"] for each in seen)
    note(
        "clip page",
        first_kb=round(first["bytes"] / 1_000, 1),
        first_ms=round(first["ms"]),
        median_ms=round(median),
        slowest_ms=round(max(each["ms"] for each in seen)),
    )
    assert first["bytes"] <= MOST_KB * 1_000
    assert median <= MOST_MS


def _loaded(page: Page, url: str) -> dict[str, Any]:
    page.goto(url, wait_until="load")
    found: dict[str, Any] = page.evaluate(READY)
    return found
