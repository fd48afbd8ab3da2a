"""The page in a browser: readable by everybody, on one sheet when printed. Skips without Chromium."""

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from scenarios.attacks.anonymity import AnonymitySet, Placed
from scenarios.attacks.linkage import Linkage
from scenarios.attacks.residual import Residual
from scenarios.report.published.page import page
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.world import finding, observed, recording, response, result, served

RESIDUAL = Residual(
    links=(Linkage(by="ids", clips=9, pairs=9, auc=1.0, low=1.0, high=1.0, chance=0.0005),),
    sets=(AnonymitySet(shown=("place",), groups=3, households_least=1, households_median=2, people_least=20_861),),
    placed=(
        Placed(household_id="H01", metres=1.0, by="coordinates"),
        Placed(household_id="H02", metres=2_600.0, by="town"),
        Placed(household_id="H03", metres=None, by="nothing"),
    ),
)
FOUND = tuple(
    finding(field, severity=severity)
    for field, severity in (("home.latitude", "high"), ("secrets.value", "critical"), ("home.city", "medium"))
)
# Elements with text of their own, and how much it stands out from what lies behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255)).reduce(
    (sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].filter(node => node.getClientRects().length &&
      [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()))
    .map(node => {
      const style = getComputedStyle(node);
      const ink = parse(node.namespaceURI.endsWith('svg') ? style.fill : style.color);
      const [a, b] = [light(ink), light(behind(node.closest('svg') || node))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), node.tagName + '.' + node.getAttribute('class')];
    });
}"""


@pytest.fixture(scope="module")
def browser_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no Chromium, and EARLID_REQUIRE=all")
        pytest.skip("no Chromium")
    out = tmp_path_factory.mktemp("page")
    verdicts = (
        Verdict(check="leaks", outcome=Outcome.FAIL, examined=3, why="3 findings", findings=FOUND),
        Verdict(check="coverage", outcome=Outcome.UNKNOWN, examined=0, why="no routes"),
        *(Verdict(check=f"check_{at}", outcome=Outcome.PASS, examined=9, why="all is well " * 9) for at in range(11)),
    )
    seen = observed(
        responses=(response(findings=FOUND, person="reviewer1"),), served={"ref-1": served(recording())}, sounds={}
    )
    run = result(verdicts, out=out, seen=seen, residual=RESIDUAL)
    (out / "report.html").write_text(page(run, [run, run]))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        shown = browser.new_page()
        shown.goto((out / "report.html").as_uri())
        yield shown
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(browser_page: Page, scheme: str) -> None:
    browser_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", media="screen")
    found = browser_page.evaluate(CONTRAST)
    assert len(found) > 100
    assert [pair for pair in found if pair[0] < 4.5] == []


def test_printed_it_is_one_page_and_all_of_it_on_request(browser_page: Page) -> None:
    browser_page.emulate_media(media="print", color_scheme="light")
    whole = browser_page.url.partition("#")[0]
    assert _sheets(browser_page.pdf(format="A4", prefer_css_page_size=True)) == 1
    browser_page.goto(f"{whole}#full")
    assert _sheets(browser_page.pdf(format="A4", prefer_css_page_size=True)) > 2
    browser_page.goto(whole)
    browser_page.emulate_media(media="screen")


def _sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_headings_tables_and_drawings_say_what_they_are(browser_page: Page) -> None:
    assert browser_page.get_attribute("html", "lang") == "en"
    assert browser_page.locator("h1").count() == 1
    levels = browser_page.eval_on_selector_all("h1, h2, h3", "all => all.map(h => Number(h.tagName[1]))")
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    assert browser_page.locator("table:not(:has(> caption))").count() == 0
    assert browser_page.locator("th:not([scope])").count() == 0
    assert browser_page.locator("svg:not([role=img][aria-label])").count() == 0
    assert browser_page.locator("audio:not([aria-label])").count() == 0
    assert browser_page.locator("[id]").count() == len(
        set(browser_page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
    )
    links = browser_page.eval_on_selector_all("a[href^='#']", "all => all.map(a => a.getAttribute('href').slice(1))")
    assert links
    assert [link for link in links if not browser_page.locator(f"#{link}").count()] == []


def test_the_keyboard_finds_its_way_and_is_seen_to(browser_page: Page) -> None:
    browser_page.keyboard.press("Tab")
    focused = browser_page.evaluate("document.activeElement.className")
    assert focused == "skip"
    outline = browser_page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline not in ("none", "")


def test_an_outcome_is_never_colour_alone(browser_page: Page) -> None:
    texts = browser_page.eval_on_selector_all(".tag", "all => all.map(t => t.textContent.trim())")
    assert texts
    assert all(texts)
    assert "identifies a household" in browser_page.inner_text(
        "main"
    ) or "searched and clean" in browser_page.inner_text("main")


def test_on_a_small_screen_only_wide_tables_scroll(browser_page: Page) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 800})
    wide, shown = browser_page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= shown + 1


def test_the_file_holds_no_address(tmp_path: Path) -> None:
    run = result((Verdict(check="leaks", outcome=Outcome.PASS, examined=3, why="x"),), out=tmp_path, residual=RESIDUAL)
    assert "http" not in page(run, [run])
